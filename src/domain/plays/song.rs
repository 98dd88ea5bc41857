//! Whether two statements name the same recording, although a track's id may change between them.

/// A recording as one statement names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Song {
    /// Its uri, or what stands in for one.
    pub uri: String,
    /// Survives relinking.
    pub isrc: Option<String>,
    /// Title and first artist, as [`Song::names`] makes them comparable.
    pub names: Option<String>,
}

impl Song {
    /// Title and artist without case, spaces and signs; `None` where one of them is empty.
    #[must_use]
    pub fn names(title: &str, artist: &str) -> Option<String> {
        let (title, artist) = (folded(title), folded(artist));
        (!title.is_empty() && !artist.is_empty()).then(|| format!("{title}|{artist}"))
    }

    /// Whether both may be the same recording.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let both = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        self.uri == other.uri || both(&self.isrc, &other.isrc) || both(&self.names, &other.names)
    }
}

fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
