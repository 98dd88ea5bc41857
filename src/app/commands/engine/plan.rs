//! `phonolog sync --plan`: shows what a sync would cost and change, and changes nothing.

use color_eyre::Result;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::api::AttachError;
use crate::cli;
use crate::config::Config;
use crate::domain::{Entity, Host, Mode, RunStatus, Trigger, display_line};
use crate::engine::{self, EntityPlan, PlannedBrake, PlannedChanges, Range, Schedule, Seconds, SyncPlan};
use crate::handle::SyncRequest;

use crate::app::Failure;
use crate::app::output::print;
use crate::app::runtime::{connect, engine_host, logging, signals};

/// Makes the dry run and prints it.
pub async fn show(config: &Config, args: &cli::SyncArgs) -> Result<u8> {
    let _log = logging::start(config)?;
    let stop = signals::stop_on_signals()?;
    let request = SyncRequest {
        entities: args.entities.clone(),
        full: args.full,
        allow_removals: false,
        trigger: Trigger::Cli,
    };
    let plan = make(config, &request, &stop).await?;
    if args.json {
        for line in objects(&plan)? {
            print::json(&line)?;
        }
    } else {
        for line in lines(&plan) {
            print::line(&line);
        }
    }
    if let Some(why) = warning(&plan) {
        print::error(why);
    }
    Ok(plan.status.exit_status())
}

/// If an engine runs, it makes the dry run, because only one process may send requests and only one
/// gate may count them.
async fn make(config: &Config, request: &SyncRequest, stop: &CancellationToken) -> Result<SyncPlan> {
    let planned = tokio::select! {
        planned = connect::plan(config, request) => planned,
        // The engine completes it nevertheless; the result is not shown.
        () = stop.cancelled() => return Err(Failure::Interrupted.into()),
    };
    match planned {
        Ok(Ok(plan)) => Ok(serde_json::from_value(plan)?),
        Ok(Err(refused)) => Err(Failure::failed(refused.to_string()).into()),
        Err(AttachError::Nobody) => {
            // It sends requests, so it holds the lock like every process that does.
            let (parts, lock) = engine_host::prepare(config, Schedule::OnDemand, Host::Command).await?;
            let plan = engine::plan(&parts.plan_context(), request, stop).await;
            parts.store.close().await;
            drop(lock);
            Ok(plan)
        }
        Err(error) => Err(error.into()),
    }
}

/// Why the dry run is incomplete.
fn warning(plan: &SyncPlan) -> Option<&str> {
    let unasked = plan.entities.iter().find(|entity| entity.requests.is_none())?;
    (plan.status != RunStatus::Done).then_some(unasked.note.as_deref()?)
}

/// One object per entity, then one for the whole.
fn objects(plan: &SyncPlan) -> Result<Vec<Value>> {
    let mut lines = Vec::new();
    for entity in &plan.entities {
        let mut line = serde_json::to_value(entity)?;
        if let Some(fields) = line.as_object_mut() {
            fields.insert("event".to_owned(), json!("plan"));
        }
        lines.push(line);
    }
    lines.push(json!({
        "event": "planned", "requests": plan.requests, "seconds": plan.seconds, "spent": plan.spent,
        "status": plan.status,
    }));
    Ok(lines)
}

/// A table of at most 80 columns.
fn lines(plan: &SyncPlan) -> Vec<String> {
    let mut lines = vec![row("entity", "requests", "takes", "known to change")];
    for entity in &plan.entities {
        let name = entity.entity_type.as_str();
        let Some(requests) = entity.requests else {
            lines.push(row(name, "?", "?", "could not be checked"));
            continue;
        };
        let takes = entity.seconds.map(time).unwrap_or_default();
        lines.push(row(name, &range(requests), &takes, &changes(entity)));
        let brake = entity.brake.map(braked);
        let notes = brake.into_iter().chain(entity.note.clone());
        lines.extend(notes.map(|note| format!("{:<15} {}", "", display_line(&note))));
    }
    lines.push(String::new());
    lines.push(format!(
        "{} in total, {}; 1 identifies the account",
        counted(plan.requests, "request"),
        time(plan.seconds)
    ));
    let unasked = plan.entities.iter().filter(|entity| entity.requests.is_none());
    let unasked: Vec<&str> = unasked.map(|entity| entity.entity_type.as_str()).collect();
    if !unasked.is_empty() {
        lines.push(format!("not included: {}", unasked.join(", ")));
    }
    lines.push(format!(
        "nothing was changed; this plan took {}",
        counted(Range::exactly(plan.spent), "request")
    ));
    lines
}

fn row(entity: &str, requests: &str, takes: &str, changes: &str) -> String {
    format!("{entity:<15}{requests:>14}{takes:>17}  {changes}").trim_end().to_owned()
}

fn braked(brake: PlannedBrake) -> String {
    format!("the brake would stop it: {} or more of {} would be removed", brake.gone, brake.known)
}

/// `8 to 13`, `2 or more`
fn range(range: Range) -> String {
    match range.most {
        Some(most) if most == range.least => most.to_string(),
        Some(most) => format!("{} to {most}", range.least),
        None => format!("{} or more", range.least),
    }
}

fn counted(number: Range, what: &str) -> String {
    let s = if number == Range::exactly(1) { "" } else { "s" };
    format!("{} {what}{s}", range(number))
}

/// `3 s`, `3 s to 2 min`
fn time(seconds: Seconds) -> String {
    let least = span(seconds.least);
    match seconds.most.map(span) {
        None => format!("{least} or more"),
        Some(most) if most == least => least,
        Some(most) => match (least.rsplit_once(' '), most.rsplit_once(' ')) {
            (Some((number, unit)), Some((_, same))) if unit == same => format!("{number} to {most}"),
            _ => format!("{least} to {most}"),
        },
    }
}

fn span(seconds: f64) -> String {
    match seconds {
        ..0.05 => "0 s".to_owned(),
        ..9.95 => format!("{seconds:.1} s"),
        ..99.5 => format!("{seconds:.0} s"),
        ..5970.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.0} h", seconds / 3600.0),
    }
}

fn changes(plan: &EntityPlan) -> String {
    let Some(PlannedChanges { added, removed, changed }) = plan.changes else {
        return String::new();
    };
    match (plan.entity_type, plan.mode) {
        (Entity::Plays | Entity::Details, _) => "known only after reading".to_owned(),
        (Entity::PlaylistItems, _) if changed == Range::exactly(0) => "nothing".to_owned(),
        (Entity::PlaylistItems, _) => match changed {
            Range { least: 0, most: Some(most) } => {
                format!("up to {}", counted(Range::exactly(most), "list"))
            }
            changed => counted(changed, "list"),
        },
        (_, Mode::Initial) => format!("+{}: first sync", range(added)),
        _ => [("+", added), ("-", removed)]
            .into_iter()
            .filter(|(_, range)| range.least > 0)
            .map(|(sign, range)| {
                let more = if range.most == Some(range.least) { "" } else { " or more" };
                format!("{sign}{}{more}", range.least)
            })
            .reduce(|one, other| format!("{one}, {other}"))
            .unwrap_or_else(|| nothing(added, removed)),
    }
}

fn nothing(added: Range, removed: Range) -> String {
    let is_sure = added == Range::exactly(0) && removed == Range::exactly(0);
    if is_sure { "nothing" } else { "none so far" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(least: f64, most: f64) -> Seconds {
        Seconds { least, most: Some(most) }
    }

    #[test]
    fn times_are_short() {
        assert_eq!(time(seconds(0.0, 0.0)), "0 s");
        assert_eq!(time(seconds(0.51, 0.52)), "0.5 s");
        assert_eq!(time(seconds(3.0, 80.0)), "3.0 to 80 s");
        assert_eq!(time(seconds(3.0, 200.0)), "3.0 s to 3 min");
        assert_eq!(time(Seconds { least: 7000.0, most: None }), "2 h or more");
    }

    #[test]
    fn what_could_not_be_asked_is_not_in_the_numbers() {
        let entity = EntityPlan {
            entity_type: Entity::Albums,
            mode: Mode::Incremental,
            requests: None,
            seconds: None,
            changes: None,
            brake: None,
            note: Some("held".to_owned()),
        };
        let contents = EntityPlan {
            entity_type: Entity::PlaylistItems,
            requests: Some(Range::between(0, 684)),
            seconds: Some(seconds(0.0, 58.0)),
            changes: Some(PlannedChanges { changed: Range::between(0, 126), ..NOTHING }),
            note: None,
            ..entity.clone()
        };
        let plan = SyncPlan {
            entities: vec![entity, contents],
            requests: Range::between(1, 685),
            seconds: seconds(0.1, 58.0),
            spent: 1,
            status: RunStatus::Held,
        };
        let told = lines(&plan).join("\n");
        assert!(
            told.contains("albums                      ?                ?  could not be checked"),
            "{told}"
        );
        assert!(told.contains("0 to 684        0 to 58 s  up to 126 lists"), "{told}");
        assert!(told.contains("\nnot included: albums\n"), "{told}");
    }

    const NOTHING: PlannedChanges =
        PlannedChanges { added: Range::exactly(0), removed: Range::exactly(0), changed: Range::exactly(0) };

    #[test]
    fn the_widest_row_fits_80_columns() {
        let widest = Range::between(9_999, 99_999);
        let entity = EntityPlan {
            entity_type: Entity::PlaylistItems,
            mode: Mode::Full,
            requests: Some(widest),
            seconds: Some(seconds(99.0, 5_960.0)),
            changes: Some(PlannedChanges { added: widest, removed: widest, changed: widest }),
            brake: Some(PlannedBrake { gone: 99_999, known: 99_999 }),
            note: Some("99999 lists are due for a full refresh".to_owned()),
        };
        let tracks = EntityPlan { entity_type: Entity::Tracks, ..entity.clone() };
        let plan = SyncPlan {
            entities: vec![entity, tracks],
            requests: widest,
            seconds: seconds(99.0, 5_960.0),
            spent: 6,
            status: RunStatus::Done,
        };
        for line in lines(&plan) {
            assert!(line.chars().count() <= 80, "{} columns: {line}", line.chars().count());
        }
    }
}
