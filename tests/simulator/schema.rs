//! Spotify's `OpenAPI` description as a strict JSON Schema.
//!
//! `OpenAPI` 3.0 is translated (`nullable`), the nulls that Spotify really sends are allowed one by one, and
//! every described property is required but for those listed here as optional: the description itself
//! requires almost nothing.

use std::collections::HashMap;

use jsonschema::Validator;
use phonolog::simulator::Shape;
use serde_json::{Value, json};

/// Nulls that were captured although the description does not have them: object, property, where.
const SEEN_NULLS: &[(&str, &[&str])] = &[
    // Local files have no id anywhere, and their album has nothing but a name.
    ("TrackObject", &["id", "href"]),
    ("SimplifiedArtistObject", &["id", "href", "uri"]),
    ("AlbumBase", &["album_type", "id", "href", "uri", "release_date", "release_date_precision"]),
    // Unreadable slots, and rows from before rows had a date.
    ("PlaylistTrackObject", &["item", "track", "added_at", "added_by"]),
    // A playlist without a cover, or without a description.
    ("PlaylistObject", &["images"]),
    ("SimplifiedPlaylistObject", &["images", "description"]),
    // Played from nowhere in particular; the ends of cursors.
    ("PlayHistoryObject", &["context"]),
    ("CurrentlyPlayingObject", &["context"]),
    ("CurrentlyPlayingContextObject", &["context"]),
    ("CursorPagingObject", &["next", "cursors"]),
    ("CursorObject", &["after"]),
    // Nothing is playing.
    ("QueueObject", &["currently_playing"]),
];

/// Properties that an answer may lack.
const OPTIONAL: &[(&str, &[&str])] = &[
    // Only where something is restricted or was relinked.
    ("AlbumBase", &["restrictions"]),
    ("TrackObject", &["restrictions", "linked_from", "is_playable"]),
    ("SimplifiedTrackObject", &["restrictions", "linked_from"]),
    ("EpisodeBase", &["restrictions"]),
    // Which of the codes there is depends on what it is of; local files have none, nor a web page.
    ("ExternalIdObject", &["isrc", "ean", "upc"]),
    ("ExternalUrlObject", &["spotify"]),
    // Contents of lists that may not be read, and the name that a shape does not have.
    ("PlaylistObject", &["items", "tracks"]),
    ("SimplifiedPlaylistObject", &["items", "tracks"]),
    ("PlaylistTrackObject", &["item", "track"]),
    // The history has no total; followed artists have no cursor back.
    ("CursorPagingObject", &["total"]),
    ("CursorObject", &["before"]),
    // All of these only where an action is not allowed.
    (
        "DisallowsObject",
        &[
            "interrupting_playback",
            "pausing",
            "resuming",
            "seeking",
            "skipping_next",
            "skipping_prev",
            "toggling_repeat_context",
            "toggling_shuffle",
            "toggling_repeat_track",
            "transferring_playback",
        ],
    ),
    // Deprecated long before 2026.
    ("EpisodeBase", &["language"]),
];

/// Answers are held against the description by the name of its response.
pub struct Schema {
    document: Value,
    validators: HashMap<String, Validator>,
}

impl Schema {
    pub fn of(shape: Shape) -> Self {
        let text = match shape {
            Shape::New2026 => include_str!("../spotify-openapi/spotify-get.2026.json"),
            Shape::Legacy | Shape::Dual => include_str!("../spotify-openapi/spotify-get.fixed.json"),
        };
        let mut document: Value = serde_json::from_str(text).unwrap();
        let requires_deprecated = shape != Shape::New2026;
        for (name, schema) in document["components"]["schemas"].as_object_mut().unwrap() {
            translate(schema);
            tighten(name, schema, requires_deprecated);
        }
        Self { document, validators: HashMap::new() }
    }

    /// The paths of the description, as templates.
    pub fn paths(&self) -> Vec<String> {
        self.document["paths"].as_object().unwrap().keys().cloned().collect()
    }

    /// What in an answer to `GET template` is not as described.
    pub fn complaints(&mut self, template: &str, body: &Value) -> Vec<String> {
        let response = &self.document["paths"][template]["get"]["responses"]["200"]["$ref"];
        let response = response.as_str().unwrap_or_else(|| panic!("{template} is not described")).to_owned();
        let document = &self.document;
        let validator = self.validators.entry(response).or_insert_with_key(|response| {
            let root = json!({
                "$ref": format!("{response}/content/application~1json/schema"),
                "components": document["components"],
            });
            jsonschema::options().should_validate_formats(true).build(&root).unwrap()
        });
        let text = |error: jsonschema::ValidationError| format!("{error} at {}", error.instance_path());
        validator.iter_errors(body).map(|error| text(error).chars().take(600).collect()).collect()
    }
}

/// `OpenAPI`'s `nullable` in JSON Schema's words, everywhere below `schema`.
fn translate(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.remove("example");
            fields.values_mut().for_each(translate);
            if fields.remove("nullable") == Some(json!(true)) {
                *schema = or_null(schema);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(translate),
        _ => {}
    }
}

fn or_null(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

/// Allows the nulls that were seen, and requires the properties that are always there.
fn tighten(name: &str, schema: &mut Value, requires_deprecated: bool) {
    if let Some(parts) = schema.get_mut("allOf").and_then(Value::as_array_mut) {
        for part in parts {
            tighten(name, part, requires_deprecated);
        }
    }
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    let mut required = Vec::new();
    for (property, described) in properties.iter_mut() {
        let is_deprecated = described.to_string().contains("\"deprecated\":true");
        if listed(OPTIONAL, name, property) || (is_deprecated && !requires_deprecated) {
            // May be missing.
        } else {
            required.push(property.clone());
        }
        if listed(SEEN_NULLS, name, property) {
            *described = or_null(described);
        }
    }
    schema["required"] = json!(required);
}

fn listed(list: &[(&str, &[&str])], name: &str, property: &str) -> bool {
    list.iter().any(|(object, properties)| *object == name && properties.contains(&property))
}
