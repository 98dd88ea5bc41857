//! One element of an export: which format it is, told from its keys, and what it says.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, NaiveDateTime};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::loose::Loose;
use crate::domain::{Circumstances, ExportFormat, ExportItem, ExportRow};

/// An element as it stands in the file.
#[derive(Debug, Default)]
pub(super) struct Element {
    is_object: bool,
    ts: Loose<String>,
    end_time: Loose<String>,
    ms_played: Loose<i64>,
    offline_timestamp: Loose<i64>,
    texts: Texts,
    flags: [Loose<bool>; 4],
    unknown: BTreeMap<String, Value>,
}

type Texts = [Loose<String>; TEXTS.len()];

/// Fields that hold text, as both formats name them, and where they go.
const TEXTS: [(&str, usize); 19] = [
    ("spotify_track_uri", 0),
    ("master_metadata_track_name", 1),
    ("master_metadata_album_artist_name", 2),
    ("master_metadata_album_album_name", 3),
    ("spotify_episode_uri", 4),
    ("episode_name", 5),
    ("episode_show_name", 6),
    ("audiobook_uri", 7),
    ("audiobook_title", 8),
    ("audiobook_chapter_uri", 9),
    ("audiobook_chapter_title", 10),
    ("platform", 11),
    ("conn_country", 12),
    ("reason_start", 13),
    ("reason_end", 14),
    // Account data.
    ("trackName", 1),
    ("artistName", 2),
    ("episodeName", 5),
    ("podcastName", 6),
];

const FLAGS: [&str; 4] = ["shuffle", "skipped", "offline", "incognito_mode"];

/// Where somebody was and who they are is not kept.
const PERSONAL: [&str; 5] =
    ["ip_addr", "ip_addr_decrypted", "user_agent", "user_agent_decrypted", "username"];

/// Why a row cannot be kept.
pub(super) type Why = &'static str;

impl Element {
    /// Whether this is a row of a listening history at all.
    pub(super) fn is_row(&self) -> bool {
        self.ts != Loose::Nothing || self.end_time != Loose::Nothing
    }

    /// The row, or why it is none.
    pub(super) fn into_row(self) -> Result<ExportRow, Why> {
        if !self.is_object {
            return Err("is not an object");
        }
        let (format, ended_ms) = match (self.ts, self.end_time) {
            (Loose::Nothing, Loose::Nothing) => return Err("has neither `ts` nor `endTime`"),
            (Loose::Value(ts), _) => (ExportFormat::Extended, extended_time(&ts)),
            (Loose::Nothing, Loose::Value(end)) => (ExportFormat::AccountData, minute(&end)),
            _ => return Err("has a time that is no text"),
        };
        let ended_ms = ended_ms.ok_or("has a time that cannot be read")?;
        let ms_played = self.ms_played.take().map_err(|()| "has a length that is no whole number")?;
        if ms_played.is_some_and(|ms| ms < 0) {
            return Err("has a length below zero");
        }
        let offline_timestamp = self
            .offline_timestamp
            .take()
            .map_err(|()| "has an `offline_timestamp` that is no whole number")?;
        let mut texts = Vec::with_capacity(TEXTS.len());
        for text in self.texts {
            texts.push(text.take().map_err(|()| "has a name or uri that is no text")?);
        }
        let mut texts = texts.into_iter();
        let names = std::array::from_fn(|_| texts.next().flatten());
        let [shuffle, skipped, offline, incognito_mode] = self.flags.map(Loose::take);
        let flag = |flag: Result<Option<bool>, ()>| flag.map_err(|()| "has a yes or no that is neither");
        let unknown = (!self.unknown.is_empty()).then(|| serde_json::to_string(&self.unknown));
        let circumstances = Circumstances {
            platform: texts.next().flatten(),
            conn_country: texts.next().flatten(),
            reason_start: texts.next().flatten(),
            reason_end: texts.next().flatten(),
            shuffle: flag(shuffle)?,
            skipped: flag(skipped)?,
            offline: flag(offline)?,
            incognito_mode: flag(incognito_mode)?,
            unknown: unknown.transpose().map_err(|_| "has a field that cannot be kept")?,
        };
        let item = ExportItem::from_names(names);
        Ok(ExportRow { format, ended_ms, ms_played, item, circumstances, offline_timestamp })
    }
}

/// Years of which the database's own calendar knows nothing are a mistake.
fn extended_time(text: &str) -> Option<i64> {
    let at = DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis();
    (0..253_402_300_800_000).contains(&at).then_some(at)
}

fn minute(text: &str) -> Option<i64> {
    let at = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").ok()?.and_utc().timestamp_millis();
    (0..253_402_300_800_000).contains(&at).then_some(at)
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor)
    }
}

struct ElementVisitor;

impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row of an export")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
        let mut element = Element { is_object: true, ..Element::default() };
        while let Some(key) = map.next_key::<Key>()? {
            element.take_field(key, &mut map)?;
        }
        Ok(element)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Element, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Element::default())
    }

    fn visit_unit<E>(self) -> Result<Element, E> {
        Ok(Element::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Element, E> {
        Ok(Element::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Element, E> {
        Ok(Element::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Element, E> {
        Ok(Element::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Element, E> {
        Ok(Element::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Element, E> {
        Ok(Element::default())
    }
}

/// A field's name, made into what is done with it without a copy of its text.
enum Key {
    Ts,
    EndTime,
    MsPlayed,
    OfflineTimestamp,
    Text(usize),
    Flag(usize),
    Personal,
    Unknown(String),
}

impl Key {
    fn of(name: &str) -> Self {
        match name {
            "ts" => return Self::Ts,
            "endTime" => return Self::EndTime,
            "ms_played" | "msPlayed" => return Self::MsPlayed,
            "offline_timestamp" => return Self::OfflineTimestamp,
            _ => {}
        }
        if let Some((_, place)) = TEXTS.iter().find(|(text, _)| *text == name) {
            return Self::Text(*place);
        }
        if let Some(place) = FLAGS.iter().position(|flag| *flag == name) {
            return Self::Flag(place);
        }
        if PERSONAL.contains(&name) { Self::Personal } else { Self::Unknown(name.to_owned()) }
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name")
            }

            fn visit_str<E>(self, name: &str) -> Result<Key, E> {
                Ok(Key::of(name))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

impl Element {
    fn take_field<'de, A: MapAccess<'de>>(&mut self, key: Key, map: &mut A) -> Result<(), A::Error> {
        match key {
            Key::Ts => self.ts = map.next_value()?,
            Key::EndTime => self.end_time = map.next_value()?,
            Key::MsPlayed => self.ms_played = map.next_value()?,
            Key::OfflineTimestamp => self.offline_timestamp = map.next_value()?,
            Key::Text(place) => {
                let value = map.next_value()?;
                if let Some(text) = self.texts.get_mut(place) {
                    *text = value;
                }
            }
            Key::Flag(place) => {
                let value = map.next_value()?;
                if let Some(flag) = self.flags.get_mut(place) {
                    *flag = value;
                }
            }
            Key::Personal => {
                map.next_value::<IgnoredAny>()?;
            }
            Key::Unknown(name) => {
                let value: Value = map.next_value()?;
                if !value.is_null() {
                    self.unknown.insert(name, value);
                }
            }
        }
        Ok(())
    }
}
