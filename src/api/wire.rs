//! The formats of requests and answers. Each answer has the protocol number, as a header and, if it
//! is JSON, as a field, so another version is recognised before anything of the answer is parsed.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::domain::{Entity, PROTOCOL, RunId, RunView, Trigger};
use crate::handle::{CommandRefused, SyncRequest};

/// The header with the protocol number.
pub const PROTOCOL_HEADER: &str = "phonolog-protocol";

/// The body of `POST /v1/sync`; all of it is optional.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SyncBody {
    /// Empty: every entity that a run reads by default.
    pub entities: Vec<Entity>,
    pub full: bool,
    pub allow_removals: bool,
    /// What triggered the run, for its row; `api` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
}

impl SyncBody {
    /// The request for the engine. A request that claims to be the schedule is not accepted as
    /// such, because only the engine has a schedule.
    pub fn into_request(self) -> SyncRequest {
        let trigger = self.trigger.filter(|trigger| *trigger != Trigger::Schedule).unwrap_or(Trigger::Api);
        let Self { entities, full, allow_removals, .. } = self;
        SyncRequest { entities, full, allow_removals, trigger }
    }
}

impl From<&SyncRequest> for SyncBody {
    fn from(request: &SyncRequest) -> Self {
        Self {
            entities: request.entities.clone(),
            full: request.full,
            allow_removals: request.allow_removals,
            trigger: Some(request.trigger),
        }
    }
}

/// The command was accepted.
#[derive(Debug, Serialize, Deserialize)]
pub struct AcceptedCommand {
    pub protocol: u32,
    /// The new run, if the command was a sync.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub run: Option<RunId>,
}

/// The answer of `POST /v1/plan`.
#[derive(Debug, Serialize, Deserialize)]
pub struct PlanAnswer {
    pub protocol: u32,
    /// Not parsed here.
    pub plan: serde_json::Value,
}

/// The result of reading the config again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reloaded {
    /// Keys that are applied from now on.
    pub changed: Vec<String>,
    /// Keys that changed, but are applied only after a restart.
    pub needs_restart: Vec<String>,
}

/// The answer of `POST /v1/reload`.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReloadAnswer {
    pub protocol: u32,
    #[serde(flatten)]
    pub reloaded: Reloaded,
}

/// The answer of `GET /v1/runs`.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunsAnswer {
    pub protocol: u32,
    /// Newest first.
    pub runs: Vec<RunView>,
}

/// Why a request was refused, in a word for programs and a sentence for people.
#[derive(Debug, Serialize, Deserialize)]
pub struct ApiRefusal {
    pub protocol: u32,
    pub refused: Why,
    pub message: String,
}

/// The word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    Busy,
    Paused,
    Idle,
    Failed,
    Gone,
    /// The request was not understood.
    Malformed,
    /// There is no such call.
    Unknown,
    /// The client has no access.
    Forbidden,
}

impl ApiRefusal {
    pub fn new(refused: Why, message: impl Into<String>) -> Self {
        Self { protocol: PROTOCOL, refused, message: message.into() }
    }

    /// The engine's refusal, with its HTTP status.
    pub fn of(refused: &CommandRefused) -> (StatusCode, Self) {
        let (status, why) = match refused {
            CommandRefused::Busy => (StatusCode::CONFLICT, Why::Busy),
            CommandRefused::Paused => (StatusCode::CONFLICT, Why::Paused),
            CommandRefused::Idle => (StatusCode::CONFLICT, Why::Idle),
            CommandRefused::Failed(_) => (StatusCode::INTERNAL_SERVER_ERROR, Why::Failed),
            CommandRefused::Gone => (StatusCode::SERVICE_UNAVAILABLE, Why::Gone),
        };
        (status, Self::new(why, refused.to_string()))
    }

    /// The refusal for the owner of a handle.
    pub fn into_refused(self) -> CommandRefused {
        match self.refused {
            Why::Busy => CommandRefused::Busy,
            Why::Paused => CommandRefused::Paused,
            Why::Idle => CommandRefused::Idle,
            Why::Gone => CommandRefused::Gone,
            Why::Failed | Why::Malformed | Why::Unknown | Why::Forbidden => {
                CommandRefused::Failed(self.message)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_comes_out_as_it_went_in() {
        let all = [
            CommandRefused::Busy,
            CommandRefused::Paused,
            CommandRefused::Idle,
            CommandRefused::Failed("the disk is full".to_owned()),
            CommandRefused::Gone,
        ];
        for refused in all {
            let (status, refusal) = ApiRefusal::of(&refused);
            assert!(status.is_client_error() || status.is_server_error());
            let json = serde_json::to_string(&refusal).unwrap();
            let back: ApiRefusal = serde_json::from_str(&json).unwrap();
            assert_eq!((back.protocol, back.into_refused()), (PROTOCOL, refused));
        }
    }

    #[test]
    fn nobody_outside_is_the_schedule() {
        let body: SyncBody = serde_json::from_str(r#"{"trigger":"schedule"}"#).unwrap();
        assert_eq!(body.into_request().trigger, Trigger::Api);
        let body: SyncBody = serde_json::from_str(r#"{"entities":["tracks"],"trigger":"key"}"#).unwrap();
        let request = body.into_request();
        assert_eq!((request.entities, request.trigger), (vec![Entity::Tracks], Trigger::Key));
    }
}
