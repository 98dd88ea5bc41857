//! Whether a play of an export was skipped.
//!
//! From 2015 to 2022 exports say `skipped: false` for everything, and null for many older plays
//! (people who compared their exports: piebro/spotify-statistics); `reason_end` shows what the
//! person did.

/// 2015-01-01, and 2023-01-01, in milliseconds since 1970.
const SAYS_NOTHING: std::ops::Range<i64> = 1_420_070_400_000..1_672_531_200_000;

/// Whether a play with this end was skipped, according to its row; `None` if the row does not say.
#[must_use]
pub fn was_skipped(ended: i64, skipped: Option<bool>, reason_end: Option<&str>) -> Option<bool> {
    if skipped == Some(true) || (skipped == Some(false) && !SAYS_NOTHING.contains(&ended)) {
        return skipped;
    }
    match reason_end {
        Some("fwdbtn" | "backbtn") => Some(true),
        Some("trackdone") => Some(false),
        None | Some("" | "none" | "unknown") => None,
        // It ended in another way, for example with the app: the row's value is used.
        Some(_) => skipped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IN_2019: i64 = 1_556_700_000_000;
    const IN_2024: i64 = 1_714_557_600_000;

    #[test]
    fn a_button_tells_a_skip_where_the_row_does_not() {
        for (ended, skipped, reason, expected) in [
            (IN_2019, Some(false), Some("fwdbtn"), Some(true)),
            (IN_2019, Some(false), Some("backbtn"), Some(true)),
            (IN_2019, Some(false), Some("trackdone"), Some(false)),
            (IN_2019, Some(false), Some("endplay"), Some(false)),
            (IN_2019, Some(false), Some("none"), None),
            (IN_2019, Some(false), None, None),
            (IN_2019, Some(true), Some("trackdone"), Some(true)),
            (IN_2024, None, Some("fwdbtn"), Some(true)),
            (IN_2024, None, Some("endplay"), None),
            (IN_2024, None, Some(""), None),
            (IN_2024, Some(false), Some("fwdbtn"), Some(false)),
            (IN_2024, Some(false), None, Some(false)),
            (IN_2024, Some(true), None, Some(true)),
        ] {
            assert_eq!(was_skipped(ended, skipped, reason), expected, "{ended} {skipped:?} {reason:?}");
        }
    }
}
