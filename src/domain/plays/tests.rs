//! Listening sessions as several sources describe them, and the derived plays.

use proptest::prelude::*;

use super::*;

fn song(name: &str) -> Song {
    Song { uri: format!("spotify:track:{name}"), isrc: None, names: Song::names(name, "somebody") }
}

fn stamp(key: i64, name: &str, second: i64) -> Stamp {
    Stamp { key, at: second * 1000, song: song(name), duration_ms: Some(200_000) }
}

/// An answer whose window ends and begins with its list, in seconds.
fn answer(from: i64, to: i64, listed: &[i64]) -> PollAnswer {
    PollAnswer { window: Some((from * 1000, to * 1000)), listed: listed.to_vec() }
}

fn row(key: i64, name: &str, second: i64, seconds: i64) -> ExportedPlay {
    ExportedPlay {
        key,
        format: ExportFormat::Extended,
        ended: second * 1000,
        reported: second * 1000,
        ms_played: Some(seconds * 1000),
        song: song(name),
        rest: String::new(),
    }
}

/// The same play in account data: without a uri, with only the minute.
fn coarse(key: i64, name: &str, second: i64, seconds: i64) -> ExportedPlay {
    let exact = row(key, name, second.div_euclid(60) * 60, seconds);
    let song = Song { uri: format!("phonolog:{name}"), ..exact.song };
    ExportedPlay { format: ExportFormat::AccountData, song, ..exact }
}

/// Ends of the plays in seconds, and their source: s(tamp), r(ow), b(oth).
fn told(stamps: &[Stamp], answers: &[PollAnswer], rows: &[ExportedPlay]) -> Vec<(i64, char)> {
    let mut plays: Vec<_> = derive(stamps, answers, rows)
        .iter()
        .map(|play| {
            let by = match (play.stamp, play.row) {
                (Some(_), Some(_)) => 'b',
                (Some(_), None) => 's',
                _ => 'r',
            };
            (play.played_at / 1000, by)
        })
        .collect();
    plays.sort_unstable();
    plays
}

#[test]
fn a_play_stamped_at_its_start_by_one_answer_and_at_its_end_by_another_is_one() {
    let stamps = [stamp(1, "other", 50), stamp(2, "a", 100), stamp(3, "a", 300)];
    let answers = [answer(50, 100, &[1, 2]), answer(50, 300, &[1, 3])];
    assert_eq!(told(&stamps, &answers, &[]), [(50, 's'), (300, 's')]);
}

#[test]
fn two_plays_of_one_track_in_a_row_stay_two() {
    let stamps = [stamp(1, "a", 100), stamp(2, "a", 300)];
    let both = [answer(100, 100, &[1]), answer(100, 300, &[1, 2])];
    assert_eq!(told(&stamps, &both, &[]).len(), 2);
    // No answer listed both, and none would have.
    let apart = [answer(100, 100, &[1]), answer(300, 300, &[2])];
    assert_eq!(told(&stamps, &apart, &[]).len(), 2);
    assert_eq!(told(&stamps, &[], &[]).len(), 2);
}

#[test]
fn an_end_that_is_the_next_start_stands_for_both() {
    let stamps = [stamp(1, "a", 100), stamp(2, "a", 300), stamp(3, "a", 500)];
    let answers = [answer(0, 300, &[1, 2]), answer(0, 500, &[2, 3])];
    assert_eq!(told(&stamps, &answers, &[]).len(), 2);
}

#[test]
fn a_play_that_came_in_late_is_one_of_its_own() {
    let stamps = [stamp(1, "other", 50), stamp(2, "a", 100), stamp(3, "a", 290)];
    let answers = [answer(50, 290, &[1, 3]), answer(50, 290, &[1, 2, 3])];
    assert_eq!(told(&stamps, &answers, &[]).len(), 3);
}

#[test]
fn a_row_takes_over_the_play_of_the_api_by_uri_recording_or_names() {
    let mut relinked = stamp(1, "a", 300);
    relinked.song = Song { uri: "spotify:track:x".to_owned(), ..relinked.song };
    assert_eq!(told(&[relinked], &[], &[row(9, "a", 302, 200)]), [(302, 'b')]);
    let start = stamp(1, "a", 101);
    assert_eq!(told(&[start], &[], &[row(9, "a", 302, 200)]), [(302, 'b')]);
    let another = stamp(1, "b", 300);
    assert_eq!(told(&[another], &[], &[row(9, "a", 302, 200)]), [(300, 's'), (302, 'r')]);
}

#[test]
fn one_row_takes_over_one_play_of_its_own_time() {
    let stamps = [stamp(1, "a", 300), stamp(2, "a", 500)];
    let listed = [answer(300, 500, &[1, 2])];
    let rows = [row(8, "a", 499, 200), row(9, "a", 301, 200)];
    assert_eq!(told(&stamps, &listed, &rows), [(301, 'b'), (499, 'b')]);
    assert_eq!(told(&[stamp(1, "a", 305)], &[], &[row(9, "a", 300, 200)]), [(300, 'b')]);
    assert_eq!(told(&[stamp(1, "a", 306)], &[], &[row(9, "a", 300, 200)]).len(), 2, "beyond its end");
    assert_eq!(told(&[stamp(1, "a", 94)], &[], &[row(9, "a", 300, 200)]).len(), 2, "before its start");
}

#[test]
fn a_play_that_two_answers_date_otherwise_goes_to_the_row_that_is_nearest_to_one_of_its_stamps() {
    let stamps = [stamp(1, "other", 50), stamp(2, "a", 101), stamp(3, "a", 301)];
    let answers = [answer(50, 101, &[1, 2]), answer(50, 301, &[1, 3])];
    let rows = [row(8, "a", 110, 60), row(9, "a", 300, 200)];
    assert_eq!(told(&stamps, &answers, &rows), [(50, 's'), (110, 'r'), (300, 'b')]);
}

#[test]
fn different_rows_are_never_one_play() {
    let mut twin = row(2, "a", 300, 200);
    twin.rest = "offline".to_owned();
    assert_eq!(told(&[], &[], &[row(1, "a", 300, 200), twin]).len(), 2);
    assert_eq!(told(&[], &[], &[coarse(1, "a", 300, 200), coarse(2, "a", 300, 100)]).len(), 2);
}

#[test]
fn account_data_give_way_to_an_extended_row_of_the_same_play() {
    let (exact, same) = (row(1, "a", 345, 200), coarse(2, "a", 345, 200));
    assert_eq!(told(&[], &[], &[same.clone(), exact]), [(345, 'r')]);
    assert_eq!(told(&[], &[], &[same.clone(), row(1, "a", 345, 20)]).len(), 2, "another play in that minute");
    // The export provides the length, and the API the exact time.
    assert_eq!(told(&[stamp(7, "a", 346)], &[], &[same]), [(346, 'b')]);
}

#[test]
fn a_row_of_half_a_day_does_not_reach_for_the_plays_before_it() {
    let rows = [row(1, "a", 50_000, 43_000)];
    assert_eq!(told(&[stamp(7, "a", 20_000)], &[], &rows).len(), 2);
}

#[test]
fn a_hole_too_short_for_a_play_is_none() {
    let mut coverage = Coverage::default();
    coverage.complete(0, 100_000);
    coverage.complete(900_000, 1_000_000);
    coverage.lost(100_000, 900_000);
    coverage.imported(110_000, 880_000);
    let known: Vec<_> =
        coverage.intervals().iter().map(|known| (known.from, known.to, known.state.as_str())).collect();
    let expected =
        [(0, 100_000, "complete"), (100_000, 900_000, "imported"), (900_000, 1_000_000, "complete")];
    assert_eq!(known, expected);
    coverage.imported(-500_000, 2_000_000);
    assert_eq!(coverage.intervals().len(), 5, "{coverage:?}");
    coverage.complete(50_000, 950_000);
    assert_eq!(coverage.intervals().len(), 3, "{coverage:?}");
}

#[test]
fn an_import_of_part_of_a_gap_leaves_the_rest_open() {
    let mut coverage = Coverage::default();
    coverage.lost(0, 9_000_000);
    coverage.imported(-60_000, 4_000_000);
    let known: Vec<_> =
        coverage.intervals().iter().map(|known| (known.from, known.to, known.state.as_str())).collect();
    assert_eq!(known, [(-60_000, 4_000_000, "imported"), (4_000_000, 9_000_000, "gap")]);
}

/// One real play: which song, the pause before it, whether it is skipped.
type Heard = (u8, i64, bool);

const DURATION: i64 = 200_000;

/// Real plays as (song, start, end).
fn heard(listening: &[Heard]) -> Vec<(u8, i64, i64)> {
    let mut now = 0;
    let play = |(song, pause, skipped): &Heard| {
        let start = now + pause;
        now = start + if *skipped { 31_000 } else { DURATION };
        (*song, start, now)
    };
    listening.iter().map(play).collect()
}

/// The lists of answers after each named play, the newest eight, all by their start or all by their
/// end.
fn polled(plays: &[(u8, i64, i64)], polls: &[(usize, bool)]) -> (Vec<Stamp>, Vec<PollAnswer>) {
    let (mut stamps, mut answers): (Vec<Stamp>, Vec<PollAnswer>) = (Vec::new(), Vec::new());
    for (after, by_start) in polls {
        let last = after % plays.len();
        let page = &plays[last.saturating_sub(7)..=last];
        let mut listed = Vec::new();
        for (song_number, start, end) in page {
            let (at, song) = (if *by_start { *start } else { *end }, song(&song_number.to_string()));
            let known =
                stamps.iter().find(|stamp| stamp.at == at && stamp.song == song).map(|stamp| stamp.key);
            let key = known.unwrap_or(i64::try_from(stamps.len()).unwrap());
            if known.is_none() {
                stamps.push(Stamp { key, at, song, duration_ms: Some(DURATION) });
            }
            listed.push(key);
        }
        // Until now everything was listed; the current item gets a stamp only when it has ended.
        let oldest = stamps.iter().find(|stamp| Some(&stamp.key) == listed.first()).unwrap().at;
        answers.push(PollAnswer { window: Some((oldest, page.last().unwrap().2)), listed });
    }
    (stamps, answers)
}

fn exported(plays: &[(u8, i64, i64)]) -> Vec<ExportedPlay> {
    let row = |(key, (name, start, end)): (usize, &(u8, i64, i64))| ExportedPlay {
        key: i64::try_from(key).unwrap(),
        format: ExportFormat::Extended,
        ended: end / 1000 * 1000,
        reported: end / 1000 * 1000,
        ms_played: Some(end - start),
        song: song(&name.to_string()),
        rest: String::new(),
    };
    plays.iter().enumerate().map(row).collect()
}

/// Songs and ends of plays that only the API described.
fn told_by_stamps(stamps: &[Stamp], derived: &[DerivedPlay]) -> Vec<(String, i64)> {
    let of = |key: i64| stamps.iter().find(|stamp| stamp.key == key).unwrap();
    let mut plays: Vec<_> =
        derived.iter().map(|play| (of(play.stamp.unwrap()).song.uri.clone(), play.played_at)).collect();
    plays.sort();
    plays
}

/// The same of real plays.
fn songs_and_ends<'a>(plays: impl IntoIterator<Item = &'a (u8, i64, i64)>) -> Vec<(String, i64)> {
    let mut plays: Vec<_> =
        plays.into_iter().map(|(name, _, end)| (song(&name.to_string()).uri, *end)).collect();
    plays.sort();
    plays
}

/// Plays by their content, without the keys.
fn contents(stamps: &[Stamp], answers: &[PollAnswer], rows: &[ExportedPlay]) -> Vec<String> {
    let mut plays: Vec<_> = derive(stamps, answers, rows)
        .iter()
        .map(|play| {
            let stamp = play.stamp.and_then(|key| stamps.iter().find(|stamp| stamp.key == key));
            let row = play.row.and_then(|key| rows.iter().find(|row| row.key == key));
            let stamp = stamp.map(|stamp| (stamp.at, &stamp.song.uri));
            format!("{} {stamp:?} {:?}", play.played_at, row.map(|row| (row.ended, &row.song.uri)))
        })
        .collect();
    plays.sort();
    plays
}

fn listening() -> impl Strategy<Value = Vec<Heard>> {
    let pause = prop_oneof![3 => 300..5_000_i64, 1 => 5_000..900_000_i64];
    proptest::collection::vec((0..3_u8, pause, proptest::bool::weighted(0.2)), 1..14)
}

proptest! {
    #[test]
    fn answers_of_one_kind_give_every_play_that_they_list(
        listening in listening(),
        polls in proptest::collection::vec((0..20_usize, Just(false)), 1..6),
    ) {
        let plays = heard(&listening);
        let (stamps, answers) = polled(&plays, &polls);
        let is_listed = |place: usize| {
            polls.iter().any(|(after, _)| (after % plays.len()).checked_sub(place).is_some_and(|age| age < 8))
        };
        let listed = plays.iter().enumerate().filter(|(place, _)| is_listed(*place)).map(|(_, play)| play);
        let derived = derive(&stamps, &answers, &[]);
        prop_assert_eq!(told_by_stamps(&stamps, &derived), songs_and_ends(listed));
    }

    #[test]
    fn answers_of_both_kinds_over_the_same_plays_give_each_once(listening in listening()) {
        let plays: Vec<_> = heard(&listening).into_iter().rev().take(8).rev().collect();
        let all = plays.len() - 1;
        let (stamps, answers) = polled(&plays, &[(all, true), (all, false)]);
        let derived = derive(&stamps, &answers, &[]);
        prop_assert_eq!(told_by_stamps(&stamps, &derived), songs_and_ends(&plays));
    }

    #[test]
    fn with_the_export_every_play_is_there_once(
        listening in listening(),
        polls in proptest::collection::vec((0..20_usize, any::<bool>()), 0..6),
    ) {
        let plays = heard(&listening);
        let (stamps, answers) = polled(&plays, &polls);
        let rows = exported(&plays);
        let derived = derive(&stamps, &answers, &rows);
        let mut told: Vec<i64> = derived.iter().filter_map(|play| play.row).collect();
        told.sort_unstable();
        prop_assert_eq!(told, (0..).take(rows.len()).collect::<Vec<i64>>());
        let is_by_end = polls.iter().all(|(_, by_start)| !by_start);
        prop_assert!(!is_by_end || derived.len() == plays.len(), "{:?}", derived);
        for play in derived.iter().filter(|play| play.row.is_some()) {
            let (name, _, end) = plays[usize::try_from(play.row.unwrap()).unwrap()];
            prop_assert_eq!(play.played_at, end / 1000 * 1000);
            let Some(stamp) = stamps.iter().find(|stamp| Some(stamp.key) == play.stamp) else { continue };
            prop_assert_eq!(&stamp.song, &song(&name.to_string()));
            // An answer that stamps by starts may give a stamp to the play before.
            prop_assert!(!is_by_end || stamp.at == end, "{} is the stamp of {}", stamp.at, end);
        }
    }

    #[test]
    fn no_order_of_arrival_matters(
        listening in listening(),
        polls in proptest::collection::vec((0..20_usize, any::<bool>()), 0..6),
        exported_part in any::<u16>(),
        seed in any::<u64>(),
    ) {
        use rand::seq::SliceRandom;
        use rand::SeedableRng;

        let plays = heard(&listening);
        let (mut stamps, mut answers) = polled(&plays, &polls);
        let mut rows = exported(&plays);
        rows.retain(|row| exported_part >> row.key & 1 == 1);
        let before = contents(&stamps, &answers, &rows);

        // The first to come gets the smaller key.
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let mut keys: Vec<i64> = (100..100 + i64::try_from(stamps.len()).unwrap()).collect();
        keys.shuffle(&mut rng);
        for answer in &mut answers {
            for key in &mut answer.listed {
                *key = keys[usize::try_from(*key).unwrap()];
            }
        }
        for stamp in &mut stamps {
            stamp.key = keys[usize::try_from(stamp.key).unwrap()];
        }
        stamps.shuffle(&mut rng);
        answers.shuffle(&mut rng);
        rows.shuffle(&mut rng);
        prop_assert_eq!(contents(&stamps, &answers, &rows), before);
    }
}
