//! Plays, derived from all evidence about a span of time.
//!
//! Owns: `play_rows`. Must not know: which evidence is new; the same plays always follow from all
//! evidence together. Only evidence that may describe one play is examined together: evidence about
//! one song, each piece within reach of the next.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::coverage::CoverageSpan;
use super::evidence::{EvidenceRow, ExportedRow, Statements};
use super::played_items;
use crate::domain::{
    AccountId, DerivedPlay, ExportFormat, PollAnswer, REACH_MS, SLACK_MS, Sets, Song, Stamp, ToldBy, derive,
};
use crate::store::db::sqlite::{self, Tx};
use crate::store::play_columns::facts::{PlayFacts, PlaySource, packed_row};
use crate::store::play_columns::time_id;
use crate::store::{Result, stats};

/// The result of deriving the plays of a span of time.
#[derive(Debug, Default)]
pub(in crate::store) struct DeriveOutcome {
    /// For each play of the API, the polls that first listed its stamps.
    pub(in crate::store) first_polls: Vec<Vec<i64>>,
    /// Rows of exports that now provide a play which another source provided before.
    pub(in crate::store) taken_over: u32,
    /// The first and the last end among the plays that were added, removed or changed.
    pub(in crate::store) touched: Option<CoverageSpan>,
}

/// Derives the plays from `from` to `to` again, in milliseconds since 1970, and writes what
/// differs.
pub(in crate::store) async fn settle(
    tx: &mut Tx,
    account: AccountId,
    from: i64,
    to: i64,
) -> Result<DeriveOutcome> {
    let (mut lo, mut hi) = (from - REACH_MS, to + REACH_MS);
    let (said, clusters) = loop {
        let said = Statements::read(tx, account, lo, hi).await?;
        let clusters = touching(&said, from, to);
        let first = clusters.iter().map(|cluster| cluster.first).min().unwrap_or(from) - REACH_MS;
        let last = clusters.iter().map(|cluster| cluster.last).max().unwrap_or(to) + REACH_MS;
        if first >= lo && last <= hi {
            break (said, clusters);
        }
        (lo, hi) = (lo.min(first), hi.max(last));
    };
    let mut outcome = DeriveOutcome::default();
    let mut should = Vec::new();
    let (mut stamps, mut rows) = (HashSet::new(), HashSet::new());
    for cluster in &clusters {
        cluster.derive(&said, &mut should, &mut outcome);
        stamps.extend(cluster.stamps.iter().filter_map(|at| Some(said.stamps.get(*at)?.stamp.key)));
        rows.extend(cluster.rows.iter().filter_map(|at| Some(said.rows.get(*at)?.row.key)));
    }
    let concerned = |play: &&EvidenceRow| {
        play.observation_id.is_some_and(|id| stamps.contains(&id))
            || play.export_row_id.is_some_and(|id| rows.contains(&id))
    };
    let is: Vec<&EvidenceRow> = said.plays.iter().filter(concerned).collect();
    write(tx, account, &is, should, &mut outcome).await?;
    Ok(outcome)
}

/// Evidence that may describe one play, with all evidence connected to it.
struct Cluster {
    first: i64,
    last: i64,
    stamps: Vec<usize>,
    rows: Vec<usize>,
}

/// One piece of evidence of either kind: its time, and the names of its song.
#[derive(Clone, Copy)]
enum Statement {
    Stamp(usize),
    Row(usize),
}

fn clusters(said: &Statements) -> Vec<Cluster> {
    let all = in_time_order(said);
    let mut sets = Sets::new(all.len());
    let mut last_with: HashMap<(u8, &str), (usize, i64)> = HashMap::new();
    let mut places_of_rows: HashMap<usize, usize> = HashMap::new();
    for (place, (at, statement, song)) in all.iter().enumerate() {
        for key in song.all_names() {
            if let Some((before, when)) = last_with.insert(key, (place, *at))
                && at - when <= REACH_MS
            {
                sets.join(before, place);
            }
        }
        // A play that was reported later is here twice.
        if let Statement::Row(row) = statement
            && let Some(before) = places_of_rows.insert(*row, place)
        {
            sets.join(before, place);
        }
    }
    join_nameless(&all, &mut sets);
    let mut clusters: BTreeMap<usize, Cluster> = BTreeMap::new();
    for (place, (at, statement, _)) in all.iter().enumerate() {
        let empty = Cluster { first: *at, last: *at, stamps: Vec::new(), rows: Vec::new() };
        let cluster = clusters.entry(sets.root(place)).or_insert(empty);
        cluster.last = *at;
        match statement {
            Statement::Stamp(at) => cluster.stamps.push(*at),
            Statement::Row(row) if places_of_rows.get(row) == Some(&place) => cluster.rows.push(*row),
            Statement::Row(_) => {}
        }
    }
    clusters.into_values().collect()
}

/// All evidence by time: a row at the time of the play and, if it differs, also at the time of the
/// report.
fn in_time_order(said: &Statements) -> Vec<(i64, Statement, &Song)> {
    let stamps = said.stamps.iter().enumerate();
    let rows = said.rows.iter().enumerate().flat_map(|(at, row)| {
        let reported = Some(row.row.reported).filter(|reported| *reported != row.row.ended);
        std::iter::once(row.row.ended)
            .chain(reported)
            .map(move |time| (time, Statement::Row(at), &row.row.song))
    });
    let stamps = stamps.map(|(at, row)| (row.stamp.at, Statement::Stamp(at), &row.stamp.song));
    let mut all: Vec<_> = stamps.chain(rows).collect();
    all.sort_by_key(|(at, ..)| *at);
    all
}

/// A row without a name may be the play that the API listed in that second.
fn join_nameless(all: &[(i64, Statement, &Song)], sets: &mut Sets) {
    for (place, (at, _, _)) in all.iter().enumerate().filter(|(_, (_, _, song))| song.is_nameless()) {
        let is_near = |(_, (when, ..)): &(usize, &(i64, Statement, &Song))| (at - when).abs() <= SLACK_MS;
        let before = all.iter().enumerate().take(place).rev().take_while(is_near);
        let after = all.iter().enumerate().skip(place + 1).take_while(is_near);
        for (other, (_, statement, _)) in before.chain(after) {
            if matches!(statement, Statement::Stamp(_)) {
                sets.join(place, other);
            }
        }
    }
}

/// The clusters in the span. Rows of extended histories without other evidence are plays from the
/// import on, so they are left out.
fn touching(said: &Statements, from: i64, to: i64) -> Vec<Cluster> {
    let is_exact =
        |at: &usize| said.rows.get(*at).is_some_and(|row| row.row.format == ExportFormat::Extended);
    let mut clusters = clusters(said);
    clusters.retain(|cluster| {
        let is_plain = cluster.stamps.is_empty() && cluster.rows.iter().all(is_exact);
        !is_plain && cluster.first <= to && cluster.last >= from
    });
    clusters
}

impl Cluster {
    fn derive(&self, said: &Statements, should: &mut Vec<EvidenceRow>, outcome: &mut DeriveOutcome) {
        let stamp_rows: Vec<_> = self.stamps.iter().filter_map(|at| said.stamps.get(*at)).collect();
        let export_rows: Vec<_> = self.rows.iter().filter_map(|at| said.rows.get(*at)).collect();
        let stamps: Vec<Stamp> = stamp_rows.iter().map(|row| row.stamp.clone()).collect();
        let rows: Vec<_> = export_rows.iter().map(|row| row.row.clone()).collect();
        let answers = Self::answers(said, &stamps);
        for group in crate::domain::group(&stamps, &answers) {
            let polls = group.stamps.iter().filter_map(|at| Some(stamp_rows.get(*at)?.first_poll));
            outcome.first_polls.push(polls.collect());
        }
        should.extend(derive(&stamps, &answers, &rows).iter().filter_map(|play| play_row(said, self, play)));
    }

    /// The answers that say anything about these stamps.
    fn answers(said: &Statements, stamps: &[Stamp]) -> Vec<PollAnswer> {
        let keys: HashSet<i64> = stamps.iter().map(|stamp| stamp.key).collect();
        let of_these = said.answers.iter().map(|answer| PollAnswer {
            window: answer.window,
            listed: answer.listed.iter().copied().filter(|key| keys.contains(key)).collect(),
        });
        of_these.filter(|answer| !answer.listed.is_empty()).collect()
    }
}

fn play_row(said: &Statements, cluster: &Cluster, play: &DerivedPlay) -> Option<EvidenceRow> {
    let stamps = cluster.stamps.iter().filter_map(|at| said.stamps.get(*at));
    let stamp = play.stamp.and_then(|key| stamps.clone().find(|row| row.stamp.key == key));
    let mut rows = cluster.rows.iter().filter_map(|at| said.rows.get(*at));
    let row = play.row.and_then(|key| rows.find(|row| row.row.key == key));
    let thing = match play.told_by {
        ToldBy::Stamp => &stamp?.thing,
        ToldBy::Row => &row?.thing,
    };
    Some(EvidenceRow {
        id: None,
        ended_ms: play.played_at,
        thing: thing.clone(),
        ms_played: row.and_then(|row| row.row.ms_played),
        source: row.map_or(PlaySource::Api, |row| row.row.format.into()),
        context_uri: stamp.and_then(|stamp| stamp.context_uri.clone()),
        skipped: row.and_then(|row| row.was_skipped),
        observation_id: play.stamp,
        export_row_id: play.row,
    })
}

/// The play that a row describes by itself.
pub(in crate::store) fn play_of(row: &ExportedRow) -> EvidenceRow {
    EvidenceRow {
        id: None,
        ended_ms: row.row.ended,
        thing: row.thing.clone(),
        ms_played: row.row.ms_played,
        source: row.row.format.into(),
        context_uri: None,
        skipped: row.was_skipped,
        observation_id: None,
        export_row_id: Some(row.row.key),
    }
}

/// Updates `play_rows` to the derived plays. A changed play is deleted and inserted again, so that no
/// two plays have one stamp in between.
async fn write(
    tx: &mut Tx,
    account: AccountId,
    is: &[&EvidenceRow],
    should: Vec<EvidenceRow>,
    outcome: &mut DeriveOutcome,
) -> Result<()> {
    let key = |play: &EvidenceRow| {
        (play.export_row_id, play.observation_id.filter(|_| play.export_row_id.is_none()))
    };
    let mut old: HashMap<_, &EvidenceRow> = is.iter().map(|play| (key(play), *play)).collect();
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    for play in should {
        let before = old.remove(&key(&play));
        let play = EvidenceRow { id: before.and_then(|before| before.id), ..play };
        if before == Some(&play) {
            continue;
        }
        if let Some(before) = before {
            gone.push(before);
        }
        let was_matched = before.is_some_and(|before| before.observation_id.is_some());
        if play.export_row_id.is_some() && play.observation_id.is_some() && !was_matched {
            outcome.taken_over += 1;
        }
        come.push(play);
    }
    // A play of account data that no longer exists is now described by an extended row.
    let told_better = old.values().filter(|play| play.source == PlaySource::AccountData).count();
    outcome.taken_over += u32::try_from(told_better).unwrap_or(u32::MAX);
    gone.extend(old.into_values());
    let changed = gone.iter().copied().chain(&come);
    let ends = changed.map(|play| play.ended_ms);
    let (Some(first), Some(last)) = (ends.clone().min(), ends.max()) else { return Ok(()) };
    let touched = CoverageSpan::of_millis(first, last);
    let ids: Vec<_> = gone.iter().filter_map(|play| play.id).collect();
    let delete = "delete from play_rows where id in (select value from jsonb_each(?1))";
    sqlx::query(delete).bind(sqlite::rows(&ids)?).execute(&mut **tx).await?;
    insert(tx, account, &come).await?;
    outcome.touched = Some(touched);
    stats::touched(tx, account, touched.from, touched.to).await
}

/// Inserts new plays.
pub(in crate::store) async fn insert(tx: &mut Tx, account: AccountId, plays: &[EvidenceRow]) -> Result<()> {
    if plays.is_empty() {
        return Ok(());
    }
    played_items::number(tx, plays.iter().map(|play| &play.thing)).await?;
    let ended: Vec<i64> = plays.iter().map(|play| play.ended_ms).collect();
    let ids = time_id::free_ids(tx, &ended).await?;
    let rows: Vec<_> = ids.into_iter().zip(plays).map(PlayRow::of).collect();
    sqlx::query(INSERT).bind(account.0).bind(sqlite::rows(&rows)?).execute(&mut **tx).await?;
    Ok(())
}

/// A play as it is written. Whether it counts by the person's threshold is corrected when its month
/// is summed up.
#[derive(serde::Serialize)]
struct PlayRow<'a> {
    id: i64,
    uri: &'a str,
    ms_played: Option<i64>,
    facts: i64,
    context_uri: Option<&'a str>,
    observation_id: Option<i64>,
    export_row_id: Option<i64>,
}

impl<'a> PlayRow<'a> {
    fn of((id, play): (i64, &'a EvidenceRow)) -> Self {
        let EvidenceRow { source, skipped, ms_played, .. } = *play;
        let counts = stats::counts(ms_played, stats::Keeping::DEFAULT.counts_from_ms);
        let (has_own_row, export_row_id) = packed_row(id, play.export_row_id);
        let facts = PlayFacts { source, skipped, counts, has_own_row };
        Self {
            id,
            uri: &play.thing.uri,
            ms_played,
            facts: facts.bits(),
            context_uri: play.context_uri.as_deref(),
            observation_id: play.observation_id,
            export_row_id,
        }
    }
}

const INSERT: &str = "
insert into play_rows (id, account_id, item_id, ms_played, facts, context_uri, observation_id, export_row_id)
select value ->> 'id', ?1, (select item_id from stats_items i where i.uri = value ->> 'uri'),
       value ->> 'ms_played', value ->> 'facts', value ->> 'context_uri', value ->> 'observation_id',
       value ->> 'export_row_id'
from jsonb_each(?2)";
