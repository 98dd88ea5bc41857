//! Values as spreadsheet programs write them: people process their exports with them.

use std::borrow::Cow;

use crate::json::{Lenient, LenientField, rounded};

/// A text. A song called `1979` was converted to a number, and an empty cell means no value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CellText<'a>(pub(super) Cow<'a, str>);

/// A number, perhaps written as a string.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CellNumber(pub(super) i64);

/// Yes or no, perhaps written as a string or a number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CellFlag(pub(super) bool);

impl<'de> Lenient<'de> for CellText<'de> {
    fn from_borrowed(text: &'de str) -> LenientField<Self> {
        if text.is_empty() { LenientField::Null } else { LenientField::Value(Self(Cow::Borrowed(text))) }
    }

    fn from_text(text: &str) -> LenientField<Self> {
        if text.is_empty() {
            LenientField::Null
        } else {
            LenientField::Value(Self(Cow::Owned(text.to_owned())))
        }
    }

    fn from_integer(number: i64) -> LenientField<Self> {
        LenientField::Value(Self(Cow::Owned(number.to_string())))
    }

    fn from_fraction(number: f64) -> LenientField<Self> {
        rounded(number).map_or(LenientField::Odd, Self::from_integer)
    }
}

impl Lenient<'_> for CellNumber {
    fn from_text(text: &str) -> LenientField<Self> {
        match text.trim() {
            "" => LenientField::Null,
            text => text.parse().map_or_else(
                |_| text.parse().map_or(LenientField::Odd, Self::from_fraction),
                |number| LenientField::Value(Self(number)),
            ),
        }
    }

    fn from_integer(number: i64) -> LenientField<Self> {
        LenientField::Value(Self(number))
    }

    fn from_fraction(number: f64) -> LenientField<Self> {
        rounded(number).map(Self).into()
    }
}

impl Lenient<'_> for CellFlag {
    fn from_text(text: &str) -> LenientField<Self> {
        match text.trim() {
            "" => LenientField::Null,
            text if is_one_of(text, ["true", "yes", "1", "1.0"]) => LenientField::Value(Self(true)),
            text if is_one_of(text, ["false", "no", "0", "0.0"]) => LenientField::Value(Self(false)),
            _ => LenientField::Odd,
        }
    }

    fn from_integer(number: i64) -> LenientField<Self> {
        match number {
            0 => LenientField::Value(Self(false)),
            1 => LenientField::Value(Self(true)),
            _ => LenientField::Odd,
        }
    }

    fn from_fraction(number: f64) -> LenientField<Self> {
        rounded(number).map_or(LenientField::Odd, Self::from_integer)
    }

    fn from_bool(is_true: bool) -> LenientField<Self> {
        LenientField::Value(Self(is_true))
    }
}

fn is_one_of<const N: usize>(text: &str, words: [&str; N]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(json: &str) -> LenientField<CellNumber> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn whole_numbers_and_yes_or_no_are_read_as_table_programs_write_them() {
        for json in
            ["200000", "200000.0", "2e5", "\"200000\"", "\" 200000.0 \"", "200000.4", "\"199999.9999\""]
        {
            assert_eq!(number(json), LenientField::Value(CellNumber(200_000)), "{json}");
        }
        for json in ["1e300", "\"inf\"", "\"NaN\"", "true", "\"long\"", "[]", "9223372036854775808"] {
            assert_eq!(number(json), LenientField::Odd, "{json}");
        }
        assert_eq!((number("null"), number("\"\"")), (LenientField::Null, LenientField::Null));
        let flag = |json: &str| serde_json::from_str::<LenientField<CellFlag>>(json).unwrap();
        for (json, expected) in
            [("\"TRUE\"", true), ("\"yes\"", true), ("1", true), ("\"1\"", true), ("1.0", true)]
                .into_iter()
                .chain([("\"false\"", false), ("\"No\"", false), ("0", false), ("\"0\"", false)])
        {
            assert_eq!(flag(json), LenientField::Value(CellFlag(expected)), "{json}");
        }
        assert_eq!(
            (flag("\"\""), flag("\"maybe\""), flag("2")),
            (LenientField::Null, LenientField::Odd, LenientField::Odd)
        );
    }

    #[test]
    fn a_name_may_be_a_number_and_is_none_where_it_is_empty() {
        let name = |json: &'static str| serde_json::from_str::<LenientField<CellText<'_>>>(json).unwrap();
        for json in ["1979", "1979.0", "\"1979\""] {
            assert_eq!(name(json), LenientField::Value(CellText("1979".into())), "{json}");
        }
        assert_eq!((name("\"\""), name("[1]")), (LenientField::Null, LenientField::Odd));
    }
}
