//! Listening: the history, the current item, and its device.

use serde_json::{Map, Value, json};

use super::{Render, extend, object};
use crate::simulator::content::account::{Playing, SimPlay};
use crate::simulator::content::ids::IdKind;
use crate::simulator::content::mutation::StampedAt;
use crate::simulator::time::{Millis, in_millis};

impl Render<'_> {
    pub(in crate::simulator) fn play(&self, play: &SimPlay) -> Value {
        let context = play.context.map(|(kind, number)| {
            let mut fields = self.identity(kind, number);
            fields.remove("id");
            fields
        });
        object([
            ("track", self.track(play.track)),
            ("played_at", in_millis(self.stamp(play)).into()),
            ("context", context.map(Value::Object).into()),
        ])
    }

    /// The time of a play in answers.
    fn stamp(&self, play: &SimPlay) -> Millis {
        let traits = self.account.catalogue.track_traits(play.track);
        let lasts: Millis = traits.map_or(0, |traits| traits.duration_ms.into());
        match self.account.stamped_at {
            StampedAt::Start => play.played_at - lasts,
            StampedAt::End => play.played_at,
        }
    }

    /// `GET /me/player/currently-playing`.
    pub(in crate::simulator) fn currently_playing(&self, playing: &Playing, now: Millis) -> Value {
        Value::Object(self.playing_fields(playing, now))
    }

    /// `GET /me/player`.
    pub(in crate::simulator) fn player(&self, playing: &Playing, now: Millis) -> Value {
        let mut fields = self.playing_fields(playing, now);
        extend(
            &mut fields,
            json!({
                "device": self.device(), "repeat_state": "off", "shuffle_state": false, "smart_shuffle": false,
            }),
        );
        Value::Object(fields)
    }

    pub(in crate::simulator) fn device(&self) -> Value {
        json!({
            "id": self.id(IdKind::Device, 0), "name": "Kitchen", "type": "Speaker", "is_active": true,
            "is_private_session": false, "is_restricted": false, "supports_volume": true, "volume_percent": 40,
        })
    }

    fn playing_fields(&self, playing: &Playing, now: Millis) -> Map<String, Value> {
        let mut fields = Map::new();
        extend(
            &mut fields,
            json!({
                "item": self.track(playing.track), "currently_playing_type": "track", "is_playing": true,
                "timestamp": playing.started_at, "progress_ms": now - playing.started_at, "context": null,
                "actions": { "disallows": { "resuming": true } },
            }),
        );
        fields
    }
}
