//! The domain types of phonolog and their rules.
//!
//! Owns: what a track, an entity, a hold, a run and a snapshot *are*. Must not know: IO, async or
//! any framework; a function here can fail only because of its own values.

mod account;
mod client_id;
mod host;
mod media;
mod plays;
pub mod queries;
mod sync;
mod text;
mod time;

pub use account::{Account, User, plain_user_id};
pub use client_id::{ClientId, NoClientId};
pub use host::Host;
pub use media::export_row::{Circumstances, ExportItem, ExportKind, ExportRow};
pub use media::ids::{AccountId, AlbumId, ArtistId, EpisodeId, PlaylistId, RunId, SnapshotId, TrackId};
pub use media::library::{
    Album, AlbumRef, Artist, ArtistRef, Episode, Play, Played, Playlist, PlaylistContent, PlaylistItem,
    Saved, Track,
};
pub use media::links::web_address;
pub use media::page::{CursorPage, Page, Row};
pub use plays::{
    Coverage, CoverageState, DayCoverage, DerivedPlay, ExportFormat, ExportProof, ExportedPlay, Interval,
    LONGEST_SILENCE_MS, PollAnswer, REACH_MS, SLACK_MS, Sets, Song, SourceDigest, Stamp, ToldBy, ToldRow,
    days as coverage_by_day, derive, duplicates, group, offline_end, offline_second, was_skipped,
};
pub use sync::alerts::{
    Alert, AlertChange, AlertKind, AlertReading, AlertTurn, CONSENT_SOON, EXPOSED, Watch as AlertWatch,
    change as alert_change, next_look as next_alert_look, read as read_alerts,
};
pub use sync::background_task::BackgroundTask;
pub use sync::capability::{Capability, CapabilityStatus, Openness};
pub use sync::entity::{Bucket, Entity, Mode};
pub use sync::rate_limit::{Hold, HoldReason, RequestCount};
pub use sync::run::{RunOutcome, RunStatus, Trigger};
pub use sync::snapshot::{
    BucketUsage, ChangeLine, EngineState, EntityStatus, LoginState, NowPlaying, PROTOCOL, PlayGap, PlayLine,
    PlaysStatus, RateLimit, RunView, Snapshot, Storage,
};
pub use sync::sync_state::{ContentsState, EntityState, Failures, SyncState};
pub use text::{display_line, display_safe, is_shown, nearest};
pub use time::past::{NotInThePast, in_the_past, to_its_end, to_the_end_of};
pub use time::zone::{
    LocalHour, Month, UnknownZone, WEEKDAYS, Zone, date_of, days_since_1970, first_instant,
};
