//! Ten made-up years of listening, the same in every demo: favourites that change, a day's rhythm,
//! holidays without music, albums from end to end, podcasts on the way to work.
//!
//! Owns: what was played when. Must not know: where it is stored.

use std::sync::Arc;

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::domain::{Circumstances, ExportFormat, ExportItem, ExportRow};

/// A fixed seed: everybody sees the same life.
const SEED: u64 = 2016;
const YEARS: u64 = 10;
/// What is played in the last hours comes from the simulated Spotify.
const UNTIL: TimeDelta = TimeDelta::hours(4);

/// A track of the demo's library.
pub struct DemoTrack {
    pub uri: String,
    pub name: String,
    pub artist: String,
    pub album: String,
    pub length_ms: i64,
}

/// Every play up to some hours before `now`, the oldest first.
pub fn plays(tracks: &[DemoTrack], now: DateTime<Utc>) -> Vec<ExportRow> {
    let today = now.date_naive();
    let days = YEARS * 365;
    let first = today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let mut life = Life::new(tracks, first.year());
    for back in (0..=days).rev() {
        if let Some(day) = today.checked_sub_days(Days::new(back)) {
            // The years before the last one were quieter.
            life.day(day, 0.55 + 0.45 * portion(days - back, days));
        }
    }
    let until = (now - UNTIL).timestamp_millis();
    life.rows.retain(|row| row.ended_ms < until);
    life.rows
}

/// A share between 0 and 1.
#[allow(clippy::cast_precision_loss)] // a few thousand days
fn portion(of: u64, all: u64) -> f64 {
    of as f64 / all.max(1) as f64
}

struct Life<'a> {
    rng: ChaCha8Rng,
    first_year: i32,
    tracks: &'a [DemoTrack],
    items: Vec<Arc<ExportItem>>,
    /// The tracks of each artist.
    artists: Vec<Vec<usize>>,
    /// How it was played: to its end, skipped, and the devices of the years.
    circumstances: Vec<[Arc<Circumstances>; 2]>,
    rows: Vec<ExportRow>,
}

impl<'a> Life<'a> {
    fn new(tracks: &'a [DemoTrack], first_year: i32) -> Self {
        let item = |track: &DemoTrack| {
            Arc::new(ExportItem {
                track_uri: Some(track.uri.clone()),
                track: Some(track.name.clone()),
                artist: Some(track.artist.clone()),
                album: Some(track.album.clone()),
                ..ExportItem::default()
            })
        };
        let mut artists: Vec<(&str, Vec<usize>)> = Vec::new();
        for (place, track) in tracks.iter().enumerate() {
            match artists.iter_mut().find(|(name, _)| *name == track.artist) {
                Some((_, tracks)) => tracks.push(place),
                None => artists.push((&track.artist, vec![place])),
            }
        }
        Self {
            rng: ChaCha8Rng::seed_from_u64(SEED),
            first_year,
            tracks,
            items: tracks.iter().map(item).collect(),
            artists: artists.into_iter().map(|(_, tracks)| tracks).collect(),
            circumstances: ["android", "ios", "linux"].map(circumstances).into(),
            rows: Vec::new(),
        }
    }

    /// One day: the way to work, the evening, or a free day with more of both.
    fn day(&mut self, day: NaiveDate, busy: f64) {
        let is_holiday = day.month() == 8 && day.year() % 3 == 1 && day.day() > 6;
        if is_holiday || self.rng.random_bool(0.07) {
            return;
        }
        let is_free = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        let summer = if (5..=9).contains(&day.month()) { 1.25 } else { 1.0 };
        let sittings: &[(u32, u32)] =
            if is_free { &[(11, 9), (16, 8), (21, 12)] } else { &[(8, 6), (18, 10)] };
        for (hour, most) in sittings {
            let most = f64::from(*most) * busy * summer;
            if self.rng.random_bool(0.78) {
                self.sitting(day, *hour, most);
            }
        }
    }

    fn sitting(&mut self, day: NaiveDate, hour: u32, most: f64) {
        let minute = self.rng.random_range(0..60);
        let Some(begin) = day.and_hms_opt(hour, minute, self.rng.random_range(0..60)) else { return };
        let mut at = begin.and_utc();
        if hour == 8 && self.rng.random_bool(0.12) {
            at = self.podcast(at);
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // some dozen tracks
        let songs = (most * self.rng.random_range(0.4..1.3)) as usize;
        if self.artists.is_empty() {
            return;
        }
        let artist = self.favourite(day);
        if self.rng.random_bool(0.14) {
            for track in self.album_of(artist) {
                at = self.song(at, track, 0.02);
            }
            return;
        }
        for _ in 0..songs {
            let artist = if self.rng.random_bool(0.45) { artist } else { self.favourite(day) };
            let track = self.of_artist(artist);
            at = self.song(at, track, 0.12);
        }
    }

    /// An artist who is liked in that year: each has years in which it is loved, and others in which
    /// it is hardly heard.
    fn favourite(&mut self, day: NaiveDate) -> usize {
        // Each year brings artists who were not heard before.
        let years = usize::try_from(day.year() - self.first_year).unwrap_or(0);
        let count = (self.artists.len() * (6 + years) / 16).clamp(1, self.artists.len().max(1));
        let season =
            usize::try_from(day.year() * 4 + i32::try_from(day.month0() / 3).unwrap_or(0)).unwrap_or(0);
        // The first places are chosen most, and their artists move on with the seasons.
        let place = self.zipf(count.min(40));
        let steady = self.rng.random_bool(0.3);
        if steady { place * 7 % count } else { (place * 11 + season * 3) % count }
    }

    fn of_artist(&mut self, artist: usize) -> usize {
        let length = self.artists.get(artist).map_or(0, Vec::len);
        let place = self.zipf(length).max(self.zipf(length));
        self.artists.get(artist).and_then(|tracks| tracks.get(place)).copied().unwrap_or(0)
    }

    /// The tracks of an album of the artist.
    fn album_of(&mut self, artist: usize) -> Vec<usize> {
        let first = self.of_artist(artist);
        let Some(album) = self.tracks.get(first).map(|track| &track.album) else { return Vec::new() };
        let tracks = self.artists.get(artist).into_iter().flatten().copied();
        tracks.filter(|place| self.tracks.get(*place).is_some_and(|track| track.album == *album)).collect()
    }

    /// A place of which the first ones are much likelier.
    fn zipf(&mut self, count: usize) -> usize {
        let share: f64 = self.rng.random_range(0.0..1.0);
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let place = (share * share * share * count as f64) as usize;
        place.min(count.saturating_sub(1))
    }

    /// Plays a song from `at` on; returns when the next one begins.
    fn song(&mut self, at: DateTime<Utc>, track: usize, skips: f64) -> DateTime<Utc> {
        let (Some(item), Some(of)) = (self.items.get(track), self.tracks.get(track)) else { return at };
        let item = Arc::clone(item);
        let is_skipped = self.rng.random_bool(skips);
        let played = if is_skipped { self.rng.random_range(3_000..60_000) } else { of.length_ms };
        self.row(at, item, played, is_skipped)
    }

    fn podcast(&mut self, at: DateTime<Utc>) -> DateTime<Utc> {
        let number: u32 = self.rng.random_range(1..120);
        let item = ExportItem {
            episode_uri: Some(format!("spotify:episode:demo{number:018}")),
            episode: Some(format!("Episode {number}: a city and its rivers")),
            show: Some("The Long Way Home".to_owned()),
            ..ExportItem::default()
        };
        let length = self.rng.random_range(900_000..2_400_000);
        self.row(at, Arc::new(item), length, false)
    }

    fn row(
        &mut self,
        at: DateTime<Utc>,
        item: Arc<ExportItem>,
        played: i64,
        is_skipped: bool,
    ) -> DateTime<Utc> {
        let end = at + TimeDelta::milliseconds(played);
        let devices = self.circumstances.len().max(1);
        let device = usize::try_from(end.year()).unwrap_or(0) / 3 % devices;
        let how = self.circumstances.get(device).and_then(|device| device.get(usize::from(is_skipped)));
        self.rows.push(ExportRow {
            format: ExportFormat::Extended,
            ended_ms: end.timestamp_millis() / 1000 * 1000,
            ms_played: Some(played),
            item,
            circumstances: how.cloned().unwrap_or_default(),
            offline_timestamp: None,
        });
        end + TimeDelta::seconds(self.rng.random_range(1..9))
    }
}

/// How songs are played on a device: to their end, and skipped.
fn circumstances(platform: &str) -> [Arc<Circumstances>; 2] {
    [false, true].map(|is_skipped| {
        Arc::new(Circumstances {
            platform: Some(platform.to_owned()),
            reason_start: Some("trackdone".to_owned()),
            reason_end: Some(if is_skipped { "fwdbtn" } else { "trackdone" }.to_owned()),
            skipped: Some(is_skipped),
            ..Circumstances::default()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_years_are_told_in_order_and_are_the_same_each_time() {
        let track = |number: i64| DemoTrack {
            uri: format!("spotify:track:{number}"),
            name: format!("Song {number}"),
            artist: format!("Artist {}", number % 40),
            album: format!("Album {}", number % 80),
            length_ms: 180_000 + number,
        };
        let tracks: Vec<DemoTrack> = (0..300).map(track).collect();
        let now: DateTime<Utc> = "2026-12-01T20:00:00Z".parse().unwrap();
        let plays = plays(&tracks, now);
        assert_eq!(plays, super::plays(&tracks, now));
        assert!((20_000..90_000).contains(&plays.len()), "{}", plays.len());
        let (first, last) = (plays[0].ended_ms, plays.last().unwrap().ended_ms);
        assert!((now.timestamp_millis() - first) / 86_400_000 > 3_600);
        assert!(last < now.timestamp_millis());
        let spoken = plays.iter().filter(|row| row.item.episode.is_some()).count();
        let skipped = plays.iter().filter(|row| row.was_skipped() == Some(true)).count();
        assert!(spoken > 100 && skipped > 1_000, "{spoken} {skipped}");
    }
}
