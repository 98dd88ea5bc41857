//! A past list: a heading and one line per row, or one JSON object per row.

use chrono::{DateTime, Local, Utc};
use color_eyre::Result;

use crate::domain::{Entity, display_line};
use crate::store::{PastItem, PastLibrary, PastList, PastRow};

use super::{ChangesOutput, RecordReader, playlist};
use crate::app::Failure;
use crate::app::output::layout::Paper;
use crate::app::output::print::Lines;

/// Rows that are described at once.
const PIECE: usize = 500;

/// Prints the list as it was at `at`.
pub async fn show(
    record: &RecordReader,
    at: DateTime<Utc>,
    entity: Entity,
    called: Option<&str>,
    output: &ChangesOutput,
) -> Result<()> {
    let (list, name) = match called {
        Some(called) => {
            let playlist = playlist::find(record, called, at).await?;
            (PastList::ItemsOf(playlist.id), playlist.then)
        }
        None => whole_list(entity)?,
    };
    let history = record.history();
    let past = history.past(&list, at).await?;
    let mut lines = Lines::new();
    if let ChangesOutput::Text(_) = output {
        lines.line(&heading(&name, &past, at))?;
    }
    for first in (0..past.len()).step_by(PIECE) {
        let places = first..past.len().min(first + PIECE);
        for row in history.past_rows(&past, places).await? {
            match output {
                ChangesOutput::Json => lines.json(&row)?,
                ChangesOutput::Text(paper) => lines.line(&line(*paper, &row))?,
            }
        }
        lines.flush()?;
    }
    lines.flush()
}

fn whole_list(entity: Entity) -> Result<(PastList, String)> {
    let (list, name) = match entity {
        Entity::Tracks => (PastList::Tracks, "saved tracks"),
        Entity::Albums => (PastList::Albums, "saved albums"),
        Entity::Artists => (PastList::Artists, "followed artists"),
        Entity::Playlists => (PastList::Playlists, "playlists"),
        Entity::PlaylistItems | Entity::Details | Entity::Plays => {
            return Err(Failure::Usage(format!("{entity} has no history that can be shown")).into());
        }
    };
    Ok((list, name.to_owned()))
}

fn heading(name: &str, past: &PastLibrary, at: DateTime<Utc>) -> String {
    let rows = if past.is_empty() { "none".to_owned() } else { past.len().to_string() };
    let at = at.with_timezone(&Local).format("%a %Y-%m-%d %H:%M:%S");
    format!("{} as of {at}: {rows}", display_line(name))
}

fn line(paper: Paper, row: &PastRow) -> String {
    match row {
        PastRow::Track(track) => dated(paper, track.added_at.as_deref(), &track.name, &track.artists),
        PastRow::Album(album) => dated(paper, album.added_at.as_deref(), &album.name, &album.artists),
        PastRow::Artist(artist) => {
            let genres = artist.genres.as_deref().unwrap_or_default();
            format!("  {}", paper.name_and_more(&artist.name, genres, 2))
        }
        PastRow::Playlist(list) => {
            let slots = list.item_count.map_or_else(|| "?".to_owned(), |slots| slots.to_string());
            let owner = list.owner_name.as_ref().unwrap_or(&list.owner_id);
            format!("  {slots:>5} items  {}", paper.name_and_more(&list.name, owner, 15))
        }
        PastRow::Item(item) => item_line(paper, item),
    }
}

fn item_line(paper: Paper, item: &PastItem) -> String {
    let artists = item.artists.as_deref().unwrap_or_default();
    let (name, more) = match (item.kind.as_str(), &item.name) {
        ("local", Some(name)) => (name.as_str(), format!("{artists} (local file)")),
        (_, Some(name)) => (name.as_str(), artists.to_owned()),
        (_, None) => ("(unavailable)", String::new()),
    };
    dated(paper, item.added_at.as_deref(), name, &more)
}

/// The day on which the item was added, its name, and its owner.
fn dated(paper: Paper, added_at: Option<&str>, name: &str, more: &str) -> String {
    let added_at = added_at.and_then(|at| at.parse::<DateTime<Utc>>().ok());
    let day = added_at.map(|at| at.with_timezone(&Local).format("%Y-%m-%d").to_string());
    format!("  {:<10}  {}", day.unwrap_or_default(), paper.name_and_more(name, more, 14))
}
