//! What can go wrong, by name.

use serde::{Deserialize, Serialize};

/// What a fault does to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// An error answer in Spotify's form.
    Status,
    /// An error answer that is not JSON.
    PlainText,
    /// 304 without a body, to a request that asked for no such thing.
    NotModified,
    /// The body ends in the middle and the connection closes.
    Truncate,
    /// The connection closes without an answer.
    Reset,
    /// The answer comes later.
    Delay,
    /// 200 with another body, the one that is given.
    Body,
    /// 200 with no items, total 0 and no next page.
    EmptyPage,
    /// One row of the page is null; `total` counts it.
    NullRow,
    /// One row of the page is left out, and the rows behind it move up; `total` counts it.
    MissingRow,
    /// One row of the page is another one's copy; the row that belongs there is not shown.
    RepeatedRow,
    /// Some fields are not there, wherever they stood.
    Without,
    /// Some fields have another value, the one that is given, wherever they stand.
    ChangedFields,
    /// The body is half of a gzip body.
    CutGzip,
    /// The body is called gzip and is not.
    FalseGzip,
    /// Playlists tell owners that are objects of nulls.
    NullOwner,
    /// Playlists tell another count than they have, the one that is given.
    LaggingCount,
    /// Playlists tell another version in every answer.
    RestlessSnapshot,
    /// Playlists go on telling the version that the first answer hit by it told.
    LaggingSnapshot,
    /// 502 for every page that covers one place of a list.
    BadPlace,
    /// A list's `total` is another number than its rows, by a constant.
    TotalOffset,
    /// A list goes on telling the `total` that the first answer hit by it told.
    LaggingTotal,
    /// A list shows some of its rows no more; whoever asks whether they are in the library is told that they are.
    HiddenRow,
    /// A list is shown as it was before the last edits.
    Stale,
    /// A list shows its first page, whichever page is asked for.
    CursorLoop,
    /// Every page of a list names a next one, and `total` grows with it.
    EndlessPages,
    /// Pages of a list that are larger than some size are refused as "Invalid limit".
    LargestPage,
    /// Pages of a list have fewer rows than were asked for.
    ShortPages,
    /// The first page of a list calls itself the whole list.
    WholePage,
    /// Whether things are in the library is answered as given, whatever is true.
    Contains,
    /// Recently played lists nothing that ended since the fault began.
    StalledPlays,
    /// Some plays are listed only a while after they ended, above newer ones.
    LatePlays,
    /// Recently played gives each play the time at which it began.
    StartStamps,
    /// Answers have one `ETag`, and whoever sends it back gets 304, whatever has changed.
    StuckEtag,
    /// Every answer has an `ETag` of its own.
    RestlessEtag,
}

impl FaultKind {
    /// Every kind.
    pub const ALL: [Self; 35] = [
        Self::Status,
        Self::PlainText,
        Self::NotModified,
        Self::Truncate,
        Self::Reset,
        Self::Delay,
        Self::Body,
        Self::EmptyPage,
        Self::NullRow,
        Self::MissingRow,
        Self::RepeatedRow,
        Self::Without,
        Self::ChangedFields,
        Self::CutGzip,
        Self::FalseGzip,
        Self::NullOwner,
        Self::LaggingCount,
        Self::RestlessSnapshot,
        Self::LaggingSnapshot,
        Self::BadPlace,
        Self::TotalOffset,
        Self::LaggingTotal,
        Self::HiddenRow,
        Self::Stale,
        Self::CursorLoop,
        Self::EndlessPages,
        Self::LargestPage,
        Self::ShortPages,
        Self::WholePage,
        Self::Contains,
        Self::StalledPlays,
        Self::LatePlays,
        Self::StartStamps,
        Self::StuckEtag,
        Self::RestlessEtag,
    ];

    /// Whether it tells something wrong of playlists and leaves the rest of the answer as it is.
    pub(in crate::simulator) const fn is_edit(self) -> bool {
        matches!(self, Self::NullOwner | Self::LaggingCount | Self::RestlessSnapshot | Self::LaggingSnapshot)
    }

    /// Whether it concerns how something is shown, and so adds to whatever else strikes.
    pub(in crate::simulator) const fn bends(self) -> bool {
        matches!(
            self,
            Self::TotalOffset
                | Self::LaggingTotal
                | Self::HiddenRow
                | Self::Stale
                | Self::CursorLoop
                | Self::EndlessPages
                | Self::LargestPage
                | Self::ShortPages
                | Self::WholePage
                | Self::Contains
                | Self::StalledPlays
                | Self::LatePlays
                | Self::StartStamps
                | Self::StuckEtag
                | Self::RestlessEtag
        )
    }
}
