//! Decides whether two pieces of evidence name the same recording, although a track's id may change
//! between them.

/// A recording as one piece of evidence names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Song {
    /// Its uri, or a substitute.
    pub uri: String,
    /// The same after relinking.
    pub isrc: Option<String>,
    /// Title and first artist, made comparable by [`Song::names`].
    pub names: Option<String>,
}

impl Song {
    /// Title and artist without case, spaces and punctuation; `None` if one of them is empty.
    #[must_use]
    pub fn names(title: &str, artist: &str) -> Option<String> {
        let (title, artist) = (folded(title), folded(artist));
        (!title.is_empty() && !artist.is_empty()).then(|| format!("{title}|{artist}"))
    }

    /// Whether nothing names what was played.
    #[must_use]
    pub fn is_nameless(&self) -> bool {
        self.isrc.is_none() && matches!(self.uri.as_str(), "phonolog:track::" | "phonolog:episode::")
    }

    /// Everything that identifies it, each with its kind: songs that share one of them may be the
    /// same recording.
    pub fn all_names(&self) -> impl Iterator<Item = (u8, &str)> {
        let names = [(0, Some(&self.uri)), (1, self.isrc.as_ref()), (2, self.names.as_ref())];
        names.into_iter().filter_map(|(kind, name)| Some((kind, name?.as_str())))
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
