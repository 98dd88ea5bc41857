//! Times and durations as commands print them.

use chrono::{DateTime, Days, TimeZone, Utc};

/// `4 min ago`
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (now - at).num_seconds() {
        ..60 => "just now".to_owned(),
        seconds => format!("{} ago", span(seconds)),
    }
}

/// `in 56 min`
pub fn ahead(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (at - now).num_seconds() {
        ..=0 => "now".to_owned(),
        1..60 => "within a minute".to_owned(),
        seconds => format!("in {}", span(seconds)),
    }
}

/// `for 40 s, until 13:29:40`, `for 24 h, until tomorrow 13:29`, `for 3 days, until 2026-12-04 13:29`
pub fn wait<Z: TimeZone<Offset: std::fmt::Display>>(
    until: DateTime<Utc>,
    now: DateTime<Utc>,
    zone: &Z,
) -> String {
    let seconds = (until - now).num_seconds().max(0) + 1;
    let (here, today) = (until.with_timezone(zone), now.with_timezone(zone).date_naive());
    let at = match here.date_naive() {
        day if day == today && seconds < 3600 => here.format("%H:%M:%S"),
        day if day == today => here.format("%H:%M"),
        day if Some(day) == today.checked_add_days(Days::new(1)) => here.format("tomorrow %H:%M"),
        _ => here.format("%Y-%m-%d %H:%M"),
    };
    let long = if seconds < 60 { format!("{seconds} s") } else { span(seconds) };
    format!("for {long}, until {at}")
}

/// `4 min`, `3 h`, `5 days`
pub fn span(seconds: i64) -> String {
    match seconds {
        ..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_says_how_long_and_until_when() {
        let now: DateTime<Utc> = "2026-11-24T13:29:00Z".parse().unwrap();
        let wait = |seconds| wait(now + chrono::TimeDelta::seconds(seconds), now, &Utc);
        assert_eq!(wait(39), "for 40 s, until 13:29:39");
        assert_eq!(wait(7_199), "for 2 h, until 15:28");
        assert_eq!(wait(86_400), "for 24 h, until tomorrow 13:29");
        assert_eq!(wait(3 * 86_400), "for 3 days, until 2026-11-27 13:29");
        assert_eq!(wait(-5), "for 1 s, until 13:28:55", "it is over in a moment");
    }
}
