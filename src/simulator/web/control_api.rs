//! The controls under `/sim`: how a test or the demo changes the account and its Spotify.
//!
//! Owns: parsing of requests, and error messages in one sentence.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::answer::json_response;
use super::tokens::Which;
use crate::simulator::Simulator;
use crate::simulator::content::mutation::Mutation;
use crate::simulator::failures::faults::Fault;
use crate::simulator::failures::mood::Mood;
use crate::simulator::time::in_millis;

pub(in crate::simulator) async fn truth(State(simulator): State<Simulator>) -> Response {
    json_response(200, &simulator.truth())
}

pub(in crate::simulator) async fn mutate(State(simulator): State<Simulator>, body: String) -> Response {
    answer(read::<Mutation>(&body).and_then(|mutations| {
        let done = simulator.mutate(&mutations).map_err(|error| error.to_string())?;
        Ok(json!({ "done": done }))
    }))
}

pub(in crate::simulator) async fn add_faults(State(simulator): State<Simulator>, body: String) -> Response {
    answer(read::<Fault>(&body).and_then(|faults| {
        if let Some(complaint) = faults.iter().find_map(Fault::complaint) {
            return Err(complaint.to_owned());
        }
        simulator.add_faults(faults);
        Ok(json!({ "faults": simulator.faults().len() }))
    }))
}

/// All current faults, including those of a mood.
pub(in crate::simulator) async fn faults(State(simulator): State<Simulator>) -> Response {
    json_response(200, &json!({ "faults": simulator.faults() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoodWords {
    mood: Mood,
    seed: Option<u64>,
}

/// Replaces all faults with those of a mood.
pub(in crate::simulator) async fn mood(State(simulator): State<Simulator>, body: String) -> Response {
    answer(one::<MoodWords>(&body).map(|words| {
        let faults = simulator.faults_of(words.mood, words.seed.unwrap_or(simulator.seed()));
        simulator.set_faults(faults);
        json!({ "mood": words.mood, "faults": simulator.faults().len() })
    }))
}

pub(in crate::simulator) async fn clear_faults(State(simulator): State<Simulator>) -> Response {
    simulator.clear_faults();
    json_response(200, &json!({ "faults": 0 }))
}

pub(in crate::simulator) async fn requests(State(simulator): State<Simulator>) -> Response {
    json_response(200, &json!(simulator.requests()))
}

pub(in crate::simulator) async fn clear_requests(State(simulator): State<Simulator>) -> Response {
    simulator.clear_requests();
    json_response(200, &json!(simulator.requests()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockWords {
    advance: AdvanceBody,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AdvanceBody {
    Seconds(u64),
    Words(String),
}

pub(in crate::simulator) async fn clock(State(simulator): State<Simulator>, body: String) -> Response {
    answer(one::<ClockWords>(&body).and_then(|words| {
        let advance = match words.advance {
            AdvanceBody::Seconds(seconds) => Duration::from_secs(seconds),
            AdvanceBody::Words(words) => humantime::parse_duration(&words)
                .map_err(|error| format!("`advance` is not a duration such as \"6h\": {error}"))?,
        };
        let now = simulator.advance(advance).map_err(|error| error.to_string())?;
        Ok(json!({ "now": in_millis(now) }))
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenWords {
    expire: Option<TokenTarget>,
    revoke: Option<TokenTarget>,
    omit_refresh: Option<bool>,
}

/// `true` for every token issued or used so far, or one token.
#[derive(Deserialize)]
#[serde(untagged)]
enum TokenTarget {
    All(bool),
    One(String),
}

impl TokenTarget {
    fn which(self) -> Option<Which> {
        match self {
            Self::All(true) => Some(Which::All),
            Self::All(false) => None,
            Self::One(token) => Some(Which::One(token)),
        }
    }
}

pub(in crate::simulator) async fn token(State(simulator): State<Simulator>, body: String) -> Response {
    answer(one::<TokenWords>(&body).map(|words| {
        let mut world = simulator.world();
        if let Some(which) = words.expire.and_then(TokenTarget::which) {
            world.tokens.expire(which);
        }
        if let Some(which) = words.revoke.and_then(TokenTarget::which) {
            world.tokens.revoke(which);
        }
        if let Some(omit) = words.omit_refresh {
            world.tokens.omit_refresh = omit;
        }
        json!({ "omit_refresh": world.tokens.omit_refresh })
    }))
}

/// 200 with the result, or 400 with one sentence.
fn answer(outcome: Result<Value, String>) -> Response {
    match outcome {
        Ok(body) => json_response(200, &body),
        Err(sentence) => json_response(400, &json!({ "error": { "status": 400, "message": sentence } })),
    }
}

/// One object or a list of them.
fn read<T: DeserializeOwned>(body: &str) -> Result<Vec<T>, String> {
    let value: Value =
        serde_json::from_str(body).map_err(|error| format!("the body is not JSON: {error}"))?;
    let values = match value {
        Value::Array(values) => values,
        one => vec![one],
    };
    values.into_iter().map(|value| serde_json::from_value(value).map_err(|error| error.to_string())).collect()
}

fn one<T: DeserializeOwned>(body: &str) -> Result<T, String> {
    serde_json::from_str(body).map_err(|error| error.to_string())
}
