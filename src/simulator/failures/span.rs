//! Spans of time in controls: seconds as a number, or words such as `10m`.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Seconds(u64),
    Words(String),
}

#[allow(clippy::ref_option, reason = "serde calls it so")]
pub(in crate::simulator) fn serialize<S: Serializer>(
    span: &Option<Duration>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match span {
        Some(span) => to.collect_str(&humantime::format_duration(*span)),
        None => to.serialize_none(),
    }
}

pub(in crate::simulator) fn deserialize<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Duration>, D::Error> {
    let Some(written) = Option::<Written>::deserialize(from)? else {
        return Ok(None);
    };
    match written {
        Written::Seconds(seconds) => Ok(Some(Duration::from_secs(seconds))),
        Written::Words(words) => humantime::parse_duration(&words)
            .map(Some)
            .map_err(|error| D::Error::custom(format!("`{words}` is not a time such as \"10m\": {error}"))),
    }
}
