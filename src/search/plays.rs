//! Plays by day, with marks for the time between them.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::queries::{ListedPlay, MarkKind, PlayMark, PlaysLine};

/// The lines of plays, the newest first. A mark is above the first play that is older than the
/// mark's end, so it is between its two plays; an import is marked above its newest play. `day_of`
/// returns the day of a time in the person's zone.
pub fn lines(
    plays: Vec<ListedPlay>,
    mut marks: Vec<PlayMark>,
    day_of: impl Fn(DateTime<Utc>) -> NaiveDate,
) -> Vec<PlaysLine> {
    // The newest last, because they are taken from the end.
    marks.sort_by_key(|mark| (mark.to, mark.from));
    let mut lines = Vec::with_capacity(plays.len() + marks.len());
    let mut day = None;
    for play in plays {
        while let Some(mark) = marks.pop_if(|mark| is_above(*mark, &play)) {
            lines.push(PlaysLine::Mark(mark));
        }
        let of_play = day_of(play.played_at);
        if day != Some(of_play) {
            day = Some(of_play);
            lines.push(PlaysLine::Day(of_play));
        }
        lines.push(PlaysLine::Play(play));
    }
    lines.extend(marks.into_iter().rev().map(PlaysLine::Mark));
    lines
}

fn is_above(mark: PlayMark, play: &ListedPlay) -> bool {
    mark.to > play.played_at || mark.kind == MarkKind::Imported && mark.to == play.played_at
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::lines;
    use crate::domain::queries::{ListedPlay, MarkKind, PlayMark, PlaysLine};

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn play(second: i64) -> ListedPlay {
        ListedPlay {
            id: second,
            played_at: at(second),
            uri: None,
            name: None,
            artists: None,
            ms_played: None,
            skipped: None,
            counts: true,
        }
    }

    fn told(lines: &[PlaysLine]) -> Vec<String> {
        let words = |line: &PlaysLine| match line {
            PlaysLine::Day(day) => day.to_string(),
            PlaysLine::Play(play) => play.id.to_string(),
            PlaysLine::Mark(mark) => format!("{}..{}", mark.from.timestamp(), mark.to.timestamp()),
        };
        lines.iter().map(words).collect()
    }

    #[test]
    fn plays_stand_under_their_days_and_marks_between_the_plays_they_lie_between() {
        const DAY: i64 = 86_400;
        let plays = [DAY + 9, DAY + 5, DAY - 5, 7].map(play).to_vec();
        let marks = [(DAY + 5, DAY + 9), (7, DAY - 5), (DAY + 9, DAY + 99), (0, 7)];
        let marks =
            marks.map(|(from, to)| PlayMark { kind: MarkKind::Gap, from: at(from), to: at(to) }).to_vec();
        let expected = [
            "86409..86499",
            "1970-01-02",
            "86409",
            "86405..86409",
            "86405",
            "1970-01-01",
            "86395",
            "7..86395",
            "7",
            "0..7",
        ];
        assert_eq!(told(&lines(plays.clone(), marks, |time| time.date_naive())), expected);
        let told_by_export = PlayMark { kind: MarkKind::Imported, from: at(7), to: at(DAY - 5) };
        let lines = told(&lines(plays, vec![told_by_export], |time| time.date_naive()));
        assert_eq!(lines[3..5], ["7..86395", "1970-01-01"], "above the newest that it told");
    }
}
