//! Albums, artists and the list of playlists: compares their first page with the stored keys.

use std::collections::HashSet;

use super::{Planner, number};
use crate::domain::{Entity, Row, SyncState};
use crate::engine::dry_run::Estimate;
use crate::engine::dry_run::lists::{self, ListPlanner};
use crate::engine::dry_run::range::Range;
use crate::engine::error::JobError;
use crate::engine::jobs::cursor::Cursor;

/// The first page of a list.
struct FirstKeys {
    keys: Vec<String>,
    total: u32,
}

impl Planner<'_> {
    pub(super) async fn short_list(&mut self, state: &SyncState) -> Result<Estimate, JobError> {
        let (account, batch) = (self.account().await?, self.parts.sync.initial_batch);
        let entity = state.entity;
        let page = self.first_page(entity, batch).await?;
        let held = self.parts.store.account(account).library().stored_keys(entity).await?;
        let held: HashSet<String> = held.into_iter().flatten().collect();
        let walk = ListPlanner {
            total: page.total,
            done: self.done(state, Cursor::of(state).as_ref()),
            batch,
            has_short_pages: entity == Entity::Artists,
            is_first: !state.is_initial_complete,
            known: number(held.len()),
            gone: Range::exactly(0),
            null_slots: 0,
            confirm: self.confirm().await?,
        };
        Ok(lists::estimate(&walk, lists::changes(&held, &page.keys, page.total)))
    }

    async fn first_page(&mut self, entity: Entity, limit: u32) -> Result<FirstKeys, JobError> {
        let (client, ask) = (self.parts.client.clone(), self.ask.clone());
        Ok(match entity {
            Entity::Albums => {
                let page = self.timed(client.saved_albums(&ask, 0, limit)).await?;
                FirstKeys { keys: keys(&page.rows, |saved| saved.item.id.to_string()), total: page.total }
            }
            Entity::Artists => {
                let page = self.timed(client.followed_artists(&ask, None, limit)).await?;
                let keys = keys(&page.rows, |artist| artist.id.to_string());
                FirstKeys { total: page.total.unwrap_or(number(keys.len())), keys }
            }
            Entity::Playlists => {
                let page = self.timed(client.playlists(&ask, 0, limit)).await?;
                let keys = keys(&page.rows, |list| list.id.to_string());
                let rows = page.rows.into_iter().filter_map(|row| row.readable().cloned()).collect();
                self.playlists = Some((rows, page.total));
                FirstKeys { keys, total: page.total }
            }
            Entity::Tracks | Entity::PlaylistItems | Entity::Details | Entity::Plays => {
                return Err(JobError::failed(format!("{entity} has a plan of its own")));
            }
        })
    }
}

fn keys<T>(rows: &[Row<T>], key: impl Fn(&T) -> String) -> Vec<String> {
    rows.iter().filter_map(Row::readable).map(key).collect()
}
