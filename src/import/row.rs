//! One element of an export: its format, recognised by its keys, and its values.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::interner::Interner;
use super::spreadsheet::{CellFlag, CellNumber, CellText};
use super::time::Moment;
use crate::domain::{ExportFormat, ExportRow};
use crate::json::LenientField;

/// The most bytes of all names together; real ones have a few hundred.
const LONGEST_NAMES: usize = 4 * 1024;
/// The most bytes of all unknown fields together.
const LONGEST_UNKNOWN: usize = 16 * 1024;

/// An element as it is in the file.
#[derive(Debug, Default)]
pub(super) struct Element<'a> {
    is_object: bool,
    ts: LenientField<Moment<'a>>,
    end_time: LenientField<Moment<'a>>,
    ms_played: LenientField<CellNumber>,
    offline_timestamp: LenientField<CellNumber>,
    names: [LenientField<CellText<'a>>; 11],
    how: [LenientField<CellText<'a>>; 4],
    flags: [LenientField<CellFlag>; 4],
    unknown: BTreeMap<String, Value>,
}

/// Fields with the names of the played item, as both formats call them, and their indices in
/// `ExportItem::names`.
const NAMES: [(&str, usize); 18] = [
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
    // Account data.
    ("trackName", 1),
    ("artistName", 2),
    ("episodeName", 5),
    ("podcastName", 6),
    ("authorName", 2),
    ("audiobookName", 8),
    ("chapterName", 10),
];

/// Indices of uris among the names.
const URIS: [usize; 4] = [0, 4, 7, 9];

/// Fields about how it was played, in the order of `Circumstances`.
const HOW: [&str; 4] = ["platform", "conn_country", "reason_start", "reason_end"];

const FLAGS: [&str; 4] = ["shuffle", "skipped", "offline", "incognito_mode"];

/// The location and identity of a person are not stored.
const PERSONAL: [&str; 5] =
    ["ip_addr", "ip_addr_decrypted", "user_agent", "user_agent_decrypted", "username"];

/// Players that were left running have rows of 15 hours; a longer one is an error.
const LONGEST_PLAY_MS: i64 = 86_400_000;

/// 2006-01-01: Spotify was founded in April of that year.
const FIRST_PLAY_MS: i64 = 1_136_073_600_000;

/// Why a row is rejected.
pub(super) type RejectReason = &'static str;

/// Why a play with this end and length is impossible.
fn refuse_impossible(ended_ms: i64, ms_played: Option<i64>, latest: i64) -> Result<(), RejectReason> {
    match (ended_ms, ms_played) {
        (_, Some(..0)) => Err("has a negative length"),
        (_, Some(ms)) if ms > LONGEST_PLAY_MS => Err("has a length of more than a day"),
        (..FIRST_PLAY_MS, _) => Err("has a time before Spotify existed"),
        (ended_ms, _) if ended_ms > latest => Err("has a time in the future; check this machine's clock"),
        _ => Ok(()),
    }
}

impl Element<'_> {
    /// Whether this is a row of a listening history.
    pub(super) fn is_row(&self) -> bool {
        !self.ts.is_empty() || !self.end_time.is_empty()
    }

    /// The row, or why it is rejected: it is impossible, or ended after `latest`, in milliseconds
    /// since 1970.
    pub(super) fn into_row(self, kept: &mut Interner, latest: i64) -> Result<ExportRow, RejectReason> {
        if !self.is_object {
            return Err("is not an object");
        }
        let (format, ended_ms) = match (self.ts, self.end_time) {
            (ts, end) if ts.is_empty() && end.is_empty() => return Err("has neither `ts` nor `endTime`"),
            (LenientField::Value(ts), _) => (ExportFormat::Extended, ts.millis()),
            (ts, LenientField::Value(end)) if ts.is_empty() => (ExportFormat::AccountData, end.millis()),
            _ => return Err("has a time that is not a text"),
        };
        let ended_ms = ended_ms.ok_or("has a time that cannot be read")?;
        let ms_played = self.ms_played.value_or_odd().map_err(|_| "has a length that is not a number")?;
        let ms_played = ms_played.map(|CellNumber(ms)| ms);
        refuse_impossible(ended_ms, ms_played, latest)?;
        if URIS.iter().any(|place| matches!(self.names.get(*place), Some(LenientField::Odd))) {
            return Err("has a uri that is not a text");
        }
        // Except for the time, the length and the uri, a value that is not understood counts as
        // unknown.
        let offline_timestamp = self.offline_timestamp.value().map(|CellNumber(at)| at);
        let (names, how) = (self.names.map(text_of), self.how.map(text_of));
        let flags = self.flags.map(|field| field.value().map(|CellFlag(is_set)| is_set));
        let unknown = (!self.unknown.is_empty()).then(|| serde_json::to_string(&self.unknown));
        let unknown = unknown.transpose().map_err(|_| "has a field that cannot be stored")?;
        let bytes_of_names: usize = names.iter().chain(&how).flatten().map(|text| text.len()).sum();
        if bytes_of_names > LONGEST_NAMES {
            return Err("has names of more than 4 kB");
        }
        if unknown.as_ref().is_some_and(|fields| fields.len() > LONGEST_UNKNOWN) {
            return Err("has more than 16 kB of unknown fields");
        }
        let (item, circumstances) = (kept.item(&names), kept.circumstances(&how, flags, unknown.as_deref()));
        Ok(ExportRow { format, ended_ms, ms_played, item, circumstances, offline_timestamp })
    }
}

fn text_of(field: LenientField<CellText<'_>>) -> Option<Cow<'_, str>> {
    field.value().map(|CellText(text)| text)
}

impl<'de> Deserialize<'de> for Element<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor)
    }
}

struct ElementVisitor;

impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row of an export")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element<'de>, A::Error> {
        let mut element = Element { is_object: true, ..Element::default() };
        while let Some(key) = map.next_key::<FieldKey>()? {
            element.take_field(key, &mut map)?;
        }
        Ok(element)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Element<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Element::default())
    }

    fn visit_unit<E>(self) -> Result<Element<'de>, E> {
        Ok(Element::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Element<'de>, E> {
        Ok(Element::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Element<'de>, E> {
        Ok(Element::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Element<'de>, E> {
        Ok(Element::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Element<'de>, E> {
        Ok(Element::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Element<'de>, E> {
        Ok(Element::default())
    }
}

/// The name of a field, as an enum, without a copy of its text.
enum FieldKey {
    Ts,
    EndTime,
    MsPlayed,
    OfflineTimestamp,
    Name(usize),
    How(usize),
    Flag(usize),
    Personal,
    Unknown(String),
}

impl FieldKey {
    fn of(name: &str) -> Self {
        match name {
            "ts" => return Self::Ts,
            "endTime" => return Self::EndTime,
            "ms_played" | "msPlayed" => return Self::MsPlayed,
            "offline_timestamp" => return Self::OfflineTimestamp,
            _ => {}
        }
        if let Some((_, place)) = NAMES.iter().find(|(field, _)| *field == name) {
            return Self::Name(*place);
        }
        if let Some(place) = HOW.iter().position(|field| *field == name) {
            return Self::How(place);
        }
        if let Some(place) = FLAGS.iter().position(|flag| *flag == name) {
            return Self::Flag(place);
        }
        if PERSONAL.contains(&name) { Self::Personal } else { Self::Unknown(name.to_owned()) }
    }
}

impl<'de> Deserialize<'de> for FieldKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = FieldKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name")
            }

            fn visit_str<E>(self, name: &str) -> Result<FieldKey, E> {
                Ok(FieldKey::of(name))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

impl<'de> Element<'de> {
    fn take_field<A: MapAccess<'de>>(&mut self, key: FieldKey, map: &mut A) -> Result<(), A::Error> {
        match key {
            FieldKey::Ts => self.ts = map.next_value()?,
            FieldKey::EndTime => self.end_time = map.next_value()?,
            FieldKey::MsPlayed => self.ms_played = map.next_value()?,
            FieldKey::OfflineTimestamp => self.offline_timestamp = map.next_value()?,
            FieldKey::Name(place) => put(&mut self.names, place, map.next_value()?),
            FieldKey::How(place) => put(&mut self.how, place, map.next_value()?),
            FieldKey::Flag(place) => put(&mut self.flags, place, map.next_value()?),
            FieldKey::Personal => {
                map.next_value::<IgnoredAny>()?;
            }
            FieldKey::Unknown(name) => {
                let value: Value = map.next_value()?;
                if !value.is_null() {
                    self.unknown.insert(name, value);
                }
            }
        }
        Ok(())
    }
}

fn put<T>(fields: &mut [T], place: usize, value: T) {
    if let Some(field) = fields.get_mut(place) {
        *field = value;
    }
}
