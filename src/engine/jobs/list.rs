//! The four lists behind one interface, so that one walk reads them all.

use crate::domain::{Artist, ArtistId, CursorPage, Entity, Page, Row};
use crate::spotify::{RequestOptions, SpotifyClient, SpotifyError};
use crate::store::ListRows;

use super::job::Job;
use super::merge_responses;
use super::retry::{PageOrGap, RowSpan, UnreadablePlaces};
use crate::engine::error::JobError;

/// A place in a list: by offset, or by cursor for followed artists.
#[derive(Debug, Clone, Default)]
pub struct ListPosition {
    /// Rows before it.
    pub offset: u32,
    /// The last artist before it.
    pub after: Option<ArtistId>,
    /// See [`crate::domain::SyncState::total_surplus`].
    pub surplus: i64,
}

impl ListPosition {
    /// The top of a list.
    pub fn top(surplus: i64) -> Self {
        Self { surplus, ..Self::default() }
    }

    fn is_top(&self) -> bool {
        self.offset == 0 && self.after.is_none()
    }

    /// Rows from here to the end of a list, if Spotify says that it has `total` rows.
    fn rows_left(&self, total: u32) -> u32 {
        let listed = i64::from(total).saturating_sub(self.surplus).saturating_sub(i64::from(self.offset));
        u32::try_from(listed.max(0)).unwrap_or(u32::MAX)
    }
}

/// One answer.
pub struct FetchedPage {
    /// The rows in the order of the list.
    pub rows: ListRows,
    /// Length of the whole list; 0 if the answer does not say it. Then two equal walks replace it.
    pub total: u32,
    /// The cursor of the next page, for followed artists.
    pub next_after: Option<ArtistId>,
    /// Nothing comes after these rows.
    pub at_end: bool,
    /// There are fewer rows than the total says, in two answers.
    pub is_short: bool,
    /// Rows that were requested.
    pub limit: u32,
}

/// One page of the job's list. It is smaller if Spotify does not serve that many rows at once. A
/// row that Spotify cannot show becomes a null row.
#[tracing::instrument(name = "page", level = "error", skip_all, fields(offset = place.offset))]
pub async fn fetch_page(job: &Job<'_>, place: &ListPosition, limit: u32) -> Result<FetchedPage, JobError> {
    let Job { ctx, ask, entity, .. } = job;
    if *entity == Entity::Artists {
        // A cursor names a row, so there is no neighbouring place to request.
        let answer =
            job.sized_page(limit, |limit| fetch(&ctx.client, ask, *entity, place.clone(), limit)).await;
        return answer.map_err(|error| refused_place(*entity, place, error));
    }
    let at =
        |offset, limit| fetch(&ctx.client, ask, *entity, ListPosition { offset, ..place.clone() }, limit);
    let span = RowSpan { offset: place.offset, limit, total: None };
    match job.page_or_gap(span, &UnreadablePlaces::default(), at).await {
        Ok(PageOrGap::Page(page)) => Ok(page),
        Ok(PageOrGap::Unreadable { beside: Some(beside) }) if beside.len() > 0 => {
            Ok(beside.behind_a_null_row())
        }
        Ok(PageOrGap::Unreadable { .. }) => Err(JobError::failed(format!(
            "Spotify cannot show row {} of the {entity} nor any row after it",
            place.offset.saturating_add(1)
        ))),
        Err(error) => Err(refused_place(*entity, place, error)),
    }
}

/// Spotify named a place and does not accept it. Another try would be refused, too.
fn refused_place(entity: Entity, place: &ListPosition, error: SpotifyError) -> JobError {
    match error {
        SpotifyError::BadRequest { message } if !place.is_top() => JobError::Incomplete {
            why: format!(
                "Spotify rejects its own cursor in the list of {entity} ({message}); the rows so far are kept, the next try starts over"
            ),
        },
        error => error.into(),
    }
}

/// One page of `entity`'s list from `place` on. An empty answer in the middle of a list is short;
/// it is never the end.
async fn fetch(
    client: &SpotifyClient,
    ask: &RequestOptions,
    entity: Entity,
    place: ListPosition,
    limit: u32,
) -> Result<FetchedPage, SpotifyError> {
    let fetched = ask_once(client, ask, entity, &place, limit).await?;
    if !fetched.is_short(entity, &place, limit) && !fetched.has_null_slots() {
        return Ok(fetched);
    }
    let completed = fetched.completed_by(ask_once(client, ask, entity, &place, limit).await?);
    let is_short = completed.is_short(entity, &place, limit);
    Ok(FetchedPage { is_short, ..completed })
}

async fn ask_once(
    client: &SpotifyClient,
    ask: &RequestOptions,
    entity: Entity,
    place: &ListPosition,
    limit: u32,
) -> Result<FetchedPage, SpotifyError> {
    let offset = place.offset;
    let asked = (offset, limit);
    Ok(match entity {
        Entity::Tracks => by_offset(client.saved_tracks(ask, offset, limit).await?, asked, ListRows::Tracks),
        Entity::Albums => by_offset(client.saved_albums(ask, offset, limit).await?, asked, ListRows::Albums),
        Entity::Artists => {
            by_cursor(client.followed_artists(ask, place.after.as_ref(), limit).await?, limit)?
        }
        Entity::Playlists => {
            by_offset(client.playlists(ask, offset, limit).await?, asked, ListRows::Playlists)
        }
        Entity::PlaylistItems | Entity::Details | Entity::Plays => {
            return Err(SpotifyError::Unreadable {
                what: format!("{entity}, which is no list of the library"),
            });
        }
    })
}

fn length<T>(rows: &[T]) -> u32 {
    u32::try_from(rows.len()).unwrap_or(u32::MAX)
}

/// The offset of the page is the one that was requested. An answer with another offset could
/// otherwise make the reading endless.
fn by_offset<T>(
    page: Page<T>,
    (offset, limit): (u32, u32),
    wrap: fn(Vec<Row<T>>) -> ListRows,
) -> FetchedPage {
    FetchedPage {
        at_end: !page.has_next || page.rows.is_empty() && offset >= page.total,
        total: page.total,
        next_after: None,
        is_short: false,
        limit,
        rows: wrap(page.rows),
    }
}

fn by_cursor(page: CursorPage<Artist>, limit: u32) -> Result<FetchedPage, SpotifyError> {
    if page.rows.is_empty() && page.next.is_some() {
        return Err(SpotifyError::Unreadable {
            what: "an empty page in the middle of the artists".to_owned(),
        });
    }
    Ok(FetchedPage {
        at_end: page.next.is_none(),
        total: page.total.unwrap_or(0),
        next_after: page.next,
        is_short: false,
        limit,
        rows: ListRows::Artists(page.rows),
    })
}

impl FetchedPage {
    /// The same page, with a null row for the row before it, which cannot be shown.
    fn behind_a_null_row(mut self) -> Self {
        match &mut self.rows {
            ListRows::Tracks(rows) => rows.insert(0, Row::Null),
            ListRows::Albums(rows) => rows.insert(0, Row::Null),
            ListRows::Artists(rows) => rows.insert(0, Row::Null),
            ListRows::Playlists(rows) => rows.insert(0, Row::Null),
        }
        self
    }

    /// The number of rows, null rows included.
    pub fn len(&self) -> u32 {
        match &self.rows {
            ListRows::Tracks(rows) => length(rows),
            ListRows::Albums(rows) => length(rows),
            ListRows::Artists(rows) => length(rows),
            ListRows::Playlists(rows) => length(rows),
        }
    }

    /// Whether there are fewer rows than the total says. Pages of followed artists often are: 48 of 50 in a
    /// capture of 2026.
    fn is_short(&self, entity: Entity, place: &ListPosition, limit: u32) -> bool {
        entity != Entity::Artists && self.len() < limit.min(place.rows_left(self.total))
    }

    /// Whether a saved track could not be read. Such a row becomes a slot of its own that may stay
    /// for a long time, so a second request is worth it. The short lists are read again soon
    /// anyway.
    fn has_null_slots(&self) -> bool {
        matches!(&self.rows, ListRows::Tracks(rows) if rows.contains(&Row::Null))
    }

    /// Merges two answers to one request. If their rows cannot be matched, the answer with more
    /// rows is used, or the newer one if they have equally many.
    fn completed_by(self, again: Self) -> Self {
        if self.len() != again.len() || self.total != again.total {
            return if self.total == again.total && self.len() > again.len() { self } else { again };
        }
        let rows = match (self.rows, again.rows) {
            (ListRows::Tracks(first), ListRows::Tracks(second)) => {
                ListRows::Tracks(merge_responses::completed(first, second, |row| *row != Row::Null))
            }
            (_, second) => second,
        };
        Self { rows, ..again }
    }

    /// The keys that tell the rows apart, in order.
    pub fn keys(&self) -> Vec<String> {
        match &self.rows {
            ListRows::Tracks(rows) => {
                keys(rows, |saved| format!("{} {}", saved.item.id, time_key(saved.added_at)))
            }
            ListRows::Albums(rows) => {
                keys(rows, |saved| format!("{} {}", saved.item.id, time_key(saved.added_at)))
            }
            ListRows::Artists(rows) => keys(rows, |artist| artist.id.to_string()),
            ListRows::Playlists(rows) => keys(rows, |playlist| playlist.id.to_string()),
        }
    }
}

fn keys<T>(rows: &[Row<T>], key: impl Fn(&T) -> String) -> Vec<String> {
    rows.iter().map(|row| row.readable().map_or_else(|| "null".to_owned(), &key)).collect()
}

fn time_key(added_at: Option<chrono::DateTime<chrono::Utc>>) -> i64 {
    added_at.map_or(0, |at| at.timestamp())
}
