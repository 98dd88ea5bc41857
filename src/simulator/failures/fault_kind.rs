//! The kinds of faults, by name.

use serde::{Deserialize, Serialize};

/// The effect of a fault on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// An error answer in Spotify's format.
    Status,
    /// An error answer that is not JSON.
    PlainText,
    /// 304 without a body, to a request without a condition.
    NotModified,
    /// The body ends early and the connection closes.
    Truncate,
    /// The connection closes without an answer.
    Reset,
    /// The answer is delayed.
    Delay,
    /// 200 with another body, which is given.
    Body,
    /// 200 with no items, total 0 and no next page.
    EmptyPage,
    /// One row of the page is null; `total` counts it.
    NullRow,
    /// One row of the page is missing, and the rows after it move up; `total` counts it.
    MissingRow,
    /// One row of the page is a copy of another; the row that belongs there is not shown.
    RepeatedRow,
    /// Some fields are missing, at every place.
    Without,
    /// Some fields have another value, which is given, at every place.
    ChangedFields,
    /// The body is half of a gzip body.
    CutGzip,
    /// The body is marked as gzip but is not.
    FalseGzip,
    /// Playlists have owners that are objects of nulls.
    NullOwner,
    /// Playlists have another count than their real one, which is given.
    LaggingCount,
    /// Playlists have another version in every answer.
    RestlessSnapshot,
    /// Playlists keep the version of the first answer that this fault hit.
    LaggingSnapshot,
    /// 502 for every page that includes one place of a list.
    BadPlace,
    /// A list's `total` differs from the number of its rows by a constant.
    TotalOffset,
    /// A list keeps the `total` of the first answer that this fault hit.
    LaggingTotal,
    /// A list no longer shows some of its rows; a question says that they are still in the library.
    HiddenRow,
    /// A list is shown as it was before the last edits.
    Stale,
    /// A list shows its first page, whichever page is requested.
    CursorLoop,
    /// Every page of a list names a next one, and `total` grows with it.
    EndlessPages,
    /// Pages of a list that are larger than a limit are refused as "Invalid limit".
    LargestPage,
    /// Pages of a list have fewer rows than requested.
    ShortPages,
    /// The first page of a list claims to be the whole list.
    WholePage,
    /// The question whether items are in the library gets the given answer, whatever is true.
    Contains,
    /// Recently played lists nothing that ended after the fault began.
    StalledPlays,
    /// Some plays are listed only some time after they ended, above newer ones.
    LatePlays,
    /// Recently played gives each play the time of its start.
    StartStamps,
    /// Answers have one constant `ETag`, and a client that sends it back gets 304, whatever has
    /// changed.
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

    /// Whether it only changes something about playlists and leaves the rest of the answer
    /// unchanged.
    pub(in crate::simulator) const fn is_edit(self) -> bool {
        matches!(self, Self::NullOwner | Self::LaggingCount | Self::RestlessSnapshot | Self::LaggingSnapshot)
    }

    /// Whether it changes how something is shown, so that it combines with any other fault.
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
