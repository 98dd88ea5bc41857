//! A value that may be missing, null, or of an unexpected type, without affecting the other fields.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The content of a field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Loose<T> {
    /// Missing, or null.
    #[default]
    Nothing,
    /// The expected type.
    Value(T),
    /// Another type.
    Odd,
}

impl<T> Loose<T> {
    /// The value, or an error for another type.
    pub(super) fn take(self) -> Result<Option<T>, ()> {
        match self {
            Self::Nothing => Ok(None),
            Self::Value(value) => Ok(Some(value)),
            Self::Odd => Err(()),
        }
    }

    /// The value, if it has the expected type.
    pub(super) fn known(self) -> Option<T> {
        self.take().unwrap_or_default()
    }
}

/// What a JSON scalar may be converted to.
pub(super) trait Scalar<'de>: Sized {
    /// A string that is written in the file without escapes.
    fn of_borrowed(_text: &'de str) -> Loose<Self> {
        Loose::Odd
    }

    /// A string that is written in the file with escapes.
    fn of_text(_text: &str) -> Loose<Self> {
        Loose::Odd
    }

    fn of_number(_number: i64) -> Loose<Self> {
        Loose::Odd
    }

    fn of_bool(_is_true: bool) -> Loose<Self> {
        Loose::Odd
    }
}

/// A spreadsheet program converts a song called `1979` to a number, and an empty cell means no
/// value.
impl<'de> Scalar<'de> for Cow<'de, str> {
    fn of_borrowed(text: &'de str) -> Loose<Self> {
        if text.is_empty() { Loose::Nothing } else { Loose::Value(Cow::Borrowed(text)) }
    }

    fn of_text(text: &str) -> Loose<Self> {
        if text.is_empty() { Loose::Nothing } else { Loose::Value(Cow::Owned(text.to_owned())) }
    }

    fn of_number(number: i64) -> Loose<Self> {
        Loose::Value(Cow::Owned(number.to_string()))
    }
}

/// A spreadsheet program often writes numbers and booleans as strings, and an empty cell means no
/// value.
impl Scalar<'_> for i64 {
    fn of_borrowed(text: &str) -> Loose<Self> {
        Self::of_text(text)
    }

    fn of_text(text: &str) -> Loose<Self> {
        match text.trim() {
            "" => Loose::Nothing,
            text => text.parse().map_or_else(
                |_| text.parse().ok().and_then(rounded).map_or(Loose::Odd, Loose::Value),
                Loose::Value,
            ),
        }
    }

    fn of_number(number: i64) -> Loose<Self> {
        Loose::Value(number)
    }
}

impl Scalar<'_> for bool {
    fn of_borrowed(text: &str) -> Loose<Self> {
        Self::of_text(text)
    }

    fn of_text(text: &str) -> Loose<Self> {
        match text.trim() {
            "" => Loose::Nothing,
            text if is_one_of(text, ["true", "yes", "1", "1.0"]) => Loose::Value(true),
            text if is_one_of(text, ["false", "no", "0", "0.0"]) => Loose::Value(false),
            _ => Loose::Odd,
        }
    }

    fn of_number(number: i64) -> Loose<Self> {
        match number {
            0 => Loose::Value(false),
            1 => Loose::Value(true),
            _ => Loose::Odd,
        }
    }

    fn of_bool(is_true: bool) -> Loose<Self> {
        Loose::Value(is_true)
    }
}

fn is_one_of<const N: usize>(text: &str, words: [&str; N]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The whole number nearest to a fraction: `200000.0`, or the same with a rounding error. Beyond
/// 2^53 a fraction no longer identifies it.
#[allow(clippy::cast_possible_truncation, reason = "it is whole and small enough")]
fn rounded(number: f64) -> Option<i64> {
    (number.abs() <= 9_007_199_254_740_992.0).then_some(number.round() as i64)
}

impl<'de, T: Scalar<'de>> Deserialize<'de> for Loose<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any(PhantomData))
    }
}

struct Any<T>(PhantomData<T>);

impl<'de, T: Scalar<'de>> Visitor<'de> for Any<T> {
    type Value = Loose<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E>(self) -> Result<Loose<T>, E> {
        Ok(Loose::Nothing)
    }

    fn visit_bool<E>(self, is_true: bool) -> Result<Loose<T>, E> {
        Ok(T::of_bool(is_true))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Loose<T>, E> {
        Ok(T::of_number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Loose<T>, E> {
        Ok(i64::try_from(number).map_or(Loose::Odd, T::of_number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Loose<T>, E> {
        Ok(rounded(number).map_or(Loose::Odd, T::of_number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Loose<T>, E> {
        Ok(T::of_borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Loose<T>, E> {
        Ok(T::of_text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Loose<T>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose::Odd)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose<T>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose::Odd)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(json: &str) -> Loose<i64> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn whole_numbers_and_yes_or_no_are_read_as_table_programs_write_them() {
        for json in
            ["200000", "200000.0", "2e5", "\"200000\"", "\" 200000.0 \"", "200000.4", "\"199999.9999\""]
        {
            assert_eq!(number(json), Loose::Value(200_000), "{json}");
        }
        for json in ["1e300", "\"inf\"", "\"NaN\"", "true", "\"long\"", "[]", "9223372036854775808"] {
            assert_eq!(number(json), Loose::Odd, "{json}");
        }
        assert_eq!((number("null"), number("\"\"")), (Loose::Nothing, Loose::Nothing));
        let flag = |json: &str| serde_json::from_str::<Loose<bool>>(json).unwrap();
        for (json, expected) in
            [("\"TRUE\"", true), ("\"yes\"", true), ("1", true), ("\"1\"", true), ("1.0", true)]
                .into_iter()
                .chain([("\"false\"", false), ("\"No\"", false), ("0", false), ("\"0\"", false)])
        {
            assert_eq!(flag(json), Loose::Value(expected), "{json}");
        }
        assert_eq!((flag("\"\""), flag("\"maybe\""), flag("2")), (Loose::Nothing, Loose::Odd, Loose::Odd));
    }

    #[test]
    fn a_name_may_be_a_number_and_is_none_where_it_is_empty() {
        let name = |json: &'static str| serde_json::from_str::<Loose<Cow<'_, str>>>(json).unwrap();
        for json in ["1979", "1979.0", "\"1979\""] {
            assert_eq!(name(json), Loose::Value("1979".into()), "{json}");
        }
        assert_eq!((name("\"\""), name("[1]")), (Loose::Nothing, Loose::Odd));
    }
}
