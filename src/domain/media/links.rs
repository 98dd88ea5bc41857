//! Where a browser finds the item of a uri.

/// `https://open.spotify.com/track/...` for `spotify:track:...`; `None` if no page shows it, as for
/// a local file.
#[must_use]
pub fn web_address(uri: &str) -> Option<String> {
    let mut parts = uri.split(':');
    let (Some("spotify"), Some(kind), Some(id), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let is_shown = matches!(kind, "track" | "album" | "artist" | "playlist" | "episode" | "show");
    // Text from outside becomes an argument of a program, so only an id is accepted.
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_shown && is_id).then(|| format!("https://open.spotify.com/{kind}/{id}"))
}

#[cfg(test)]
mod tests {
    use super::web_address;

    #[test]
    fn what_a_page_shows_has_an_address_and_nothing_else_has() {
        let track = "https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC";
        assert_eq!(web_address("spotify:track:4uLU6hMCjMI75M1A2tKUQC").as_deref(), Some(track));
        for uri in [
            "spotify:local:Artist:Album:Title:123",
            "spotify:track:",
            "spotify:track:a/../b",
            "spotify:track:--help",
            "phonolog:track:abc",
            "",
        ] {
            assert_eq!(web_address(uri), None, "{uri}");
        }
    }
}
