//! Podcast shows and their episodes.

use serde_json::{Map, Value, json};

use super::{MARKETS, PageSpan, Render, extend, images};
use crate::simulator::content::catalogue::EPISODES_PER_SHOW;
use crate::simulator::content::ids::IdKind;

impl Render<'_> {
    pub(in crate::simulator) fn show_ref(&self, show: u32) -> Value {
        Value::Object(self.show_fields(show))
    }

    /// A show with its first episodes.
    pub(in crate::simulator) fn show(&self, show: u32) -> Value {
        let mut fields = self.show_fields(show);
        fields.insert("episodes".into(), self.show_episodes(show, PageSpan { offset: 0, limit: 50 }));
        Value::Object(fields)
    }

    /// A page of a show's episodes, newest first.
    pub(in crate::simulator) fn show_episodes(&self, show: u32, span: PageSpan) -> Value {
        let path = format!("/shows/{}/episodes", self.id(IdKind::Show, show));
        let newest = (show + 1) * EPISODES_PER_SHOW - 1;
        let episodes =
            span.of(EPISODES_PER_SHOW).map(|place| Value::Object(self.episode_fields(newest - place)));
        self.page(&path, span, EPISODES_PER_SHOW, episodes.collect())
    }

    pub(in crate::simulator) fn episode(&self, episode: u32) -> Value {
        let mut fields = self.episode_fields(episode);
        fields.insert("show".into(), self.show_ref(episode / EPISODES_PER_SHOW));
        Value::Object(fields)
    }

    fn show_fields(&self, show: u32) -> Map<String, Value> {
        let (name, publisher) = self.account.catalogue.show_traits(show);
        let mut fields = self.identity(IdKind::Show, show);
        let about = format!("{publisher} talks with guests.");
        extend(
            &mut fields,
            json!({
                "name": name, "description": about, "html_description": format!("<p>{about}</p>"),
                "copyrights": [], "explicit": false, "images": images(&self.id(IdKind::Show, show)),
                "is_externally_hosted": false, "languages": ["en"], "media_type": "audio",
                "total_episodes": EPISODES_PER_SHOW,
            }),
        );
        self.removed(&mut fields, json!({ "available_markets": MARKETS, "publisher": publisher }));
        fields
    }

    fn episode_fields(&self, episode: u32) -> Map<String, Value> {
        let (name, duration_ms, release_date) = self.account.catalogue.episode_traits(episode);
        let mut fields = self.identity(IdKind::Episode, episode);
        extend(
            &mut fields,
            json!({
                "name": name, "description": name, "html_description": format!("<p>{name}</p>"),
                "duration_ms": duration_ms, "explicit": false,
                "images": images(&self.id(IdKind::Episode, episode)),
                "is_externally_hosted": false, "is_playable": true, "language": "en", "languages": ["en"],
                "release_date": release_date, "release_date_precision": "day", "audio_preview_url": null,
                "resume_point": { "fully_played": false, "resume_position_ms": 0 },
            }),
        );
        fields
    }
}
