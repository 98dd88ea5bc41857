//! JSON fields that never fail: whatever a field contains, the rest of the row is still parsed.
//!
//! Fields appear and disappear by source and year, and sometimes contain null or another type. A
//! derived struct then fails as a whole; a struct of [`LenientField`]s (with `#[serde(default)]`)
//! does not. It parses in one pass, without a `Value` in between.
//!
//! Owns: what happens to a field of an unexpected type. Must not know: Spotify's formats.

use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The content of a field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LenientField<T> {
    /// There was no such field.
    #[default]
    Missing,
    /// `null`.
    Null,
    /// Anything but a `T`.
    Odd,
    /// A `T`.
    Value(T),
}

impl<T> LenientField<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing | Self::Null | Self::Odd => None,
        }
    }

    /// The value, if there is any; an error for something else than a `T`.
    pub fn value_or_odd(self) -> Result<Option<T>, OddField> {
        if matches!(self, Self::Odd) { Err(OddField) } else { Ok(self.value()) }
    }

    /// Whether the field is missing or null.
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self::Missing | Self::Null)
    }

    /// Of two names for the same data, the field that has a value, otherwise the one that exists.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Value(value), _) | (_, Self::Value(value)) => Self::Value(value),
            (Self::Missing, other) => other,
            (this, _) => this,
        }
    }
}

/// A field contains something else than its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OddField;

impl LenientField<String> {
    /// The text, if it is not empty: Spotify sometimes writes `""` for "none".
    pub fn text(self) -> Option<String> {
        self.value().filter(|text| !text.is_empty())
    }
}

impl<T> From<Option<T>> for LenientField<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Odd, Self::Value)
    }
}

/// What can be read from a field. Every kind of JSON that is not overridden is odd.
pub trait Lenient<'de>: Sized {
    /// `true` or `false`.
    fn from_bool(_: bool) -> LenientField<Self> {
        LenientField::Odd
    }

    /// A whole number; one that a database cannot store is odd.
    fn from_integer(_: i64) -> LenientField<Self> {
        LenientField::Odd
    }

    /// A number with a fraction or an exponent: the same without its fraction.
    fn from_fraction(number: f64) -> LenientField<Self> {
        whole(number).map_or(LenientField::Odd, Self::from_integer)
    }

    /// A string with escapes.
    fn from_text(_: &str) -> LenientField<Self> {
        LenientField::Odd
    }

    /// A string without escapes.
    fn from_borrowed(text: &'de str) -> LenientField<Self> {
        Self::from_text(text)
    }

    /// An array.
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<LenientField<Self>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(LenientField::Odd)
    }

    /// An object.
    fn from_object<A: MapAccess<'de>>(mut object: A) -> Result<LenientField<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(LenientField::Odd)
    }
}

impl Lenient<'_> for bool {
    fn from_bool(value: bool) -> LenientField<Self> {
        LenientField::Value(value)
    }
}

impl Lenient<'_> for u64 {
    fn from_integer(value: i64) -> LenientField<Self> {
        Self::try_from(value).ok().into()
    }
}

impl Lenient<'_> for u32 {
    fn from_integer(value: i64) -> LenientField<Self> {
        Self::try_from(value).ok().into()
    }
}

impl Lenient<'_> for String {
    fn from_text(text: &str) -> LenientField<Self> {
        LenientField::Value(text.to_owned())
    }
}

impl Lenient<'_> for DateTime<Utc> {
    fn from_text(text: &str) -> LenientField<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(Into::into).into()
    }
}

/// The elements of the right kind; the others are left out.
impl<'de, T: Lenient<'de>> Lenient<'de> for Vec<T> {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<LenientField<Self>, A::Error> {
        let mut values = Self::new();
        while let Some(element) = list.next_element::<LenientField<T>>()? {
            values.extend(element.value());
        }
        Ok(LenientField::Value(values))
    }
}

/// Makes structs of fields readable as a field of another struct.
macro_rules! lenient_objects {
    ($($name:ident),+ $(,)?) => {$(
        impl<'de> $crate::json::Lenient<'de> for $name {
            fn from_object<A: serde::de::MapAccess<'de>>(
                object: A,
            ) -> Result<$crate::json::LenientField<Self>, A::Error> {
                let object = serde::de::value::MapAccessDeserializer::new(object);
                <Self as serde::Deserialize>::deserialize(object).map($crate::json::LenientField::Value)
            }
        }
    )+};
}
pub(crate) use lenient_objects;

impl<'de, T: Lenient<'de>> Deserialize<'de> for LenientField<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor(PhantomData))
    }
}

struct FieldVisitor<T>(PhantomData<T>);

impl<'de, T: Lenient<'de>> Visitor<'de> for FieldVisitor<T> {
    type Value = LenientField<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<LenientField<T>, E> {
        Ok(LenientField::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<LenientField<T>, E> {
        Ok(T::from_bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<LenientField<T>, E> {
        Ok(i64::try_from(value).map_or(LenientField::Odd, T::from_integer))
    }

    fn visit_i64<E>(self, value: i64) -> Result<LenientField<T>, E> {
        Ok(T::from_integer(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<LenientField<T>, E> {
        Ok(T::from_fraction(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<LenientField<T>, E> {
        Ok(T::from_borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<LenientField<T>, E> {
        Ok(T::from_text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<LenientField<T>, A::Error> {
        T::from_list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<LenientField<T>, A::Error> {
        T::from_object(object)
    }
}

/// Beyond 2^53 a float no longer holds every whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A count or a length that was written as a float, without its fraction.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked, and the fraction is dropped on purpose"
)]
fn whole(value: f64) -> Option<i64> {
    (0.0..=EXACT).contains(&value).then_some(value as i64)
}

/// The whole number nearest to a fraction: `200000.0`, or the same with a rounding error.
#[expect(clippy::cast_possible_truncation, reason = "it is whole, and the range is checked")]
pub fn rounded(number: f64) -> Option<i64> {
    (number.abs() <= EXACT).then_some(number.round() as i64)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[derive(Debug, serde::Deserialize, Default)]
    #[serde(default)]
    struct Probe {
        number: LenientField<u32>,
        text: LenientField<String>,
        list: LenientField<Vec<String>>,
        inner: LenientField<Inner>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize, Default)]
    #[serde(default)]
    struct Inner {
        flag: LenientField<bool>,
    }

    lenient_objects!(Inner);

    fn probe(json: &str) -> Probe {
        serde_json::from_str(json).unwrap()
    }

    #[rstest]
    #[case(r"{}", LenientField::Missing)]
    #[case(r#"{"number":null}"#, LenientField::Null)]
    #[case(r#"{"number":7}"#, LenientField::Value(7))]
    #[case(r#"{"number":7.0}"#, LenientField::Value(7))]
    #[case(r#"{"number":7.9}"#, LenientField::Value(7))]
    #[case(r#"{"number":-1}"#, LenientField::Odd)]
    #[case(r#"{"number":-0.5}"#, LenientField::Odd)]
    #[case(r#"{"number":4294967296}"#, LenientField::Odd)]
    #[case(r#"{"number":1e300}"#, LenientField::Odd)]
    #[case(r#"{"number":"7"}"#, LenientField::Odd)]
    #[case(r#"{"number":true}"#, LenientField::Odd)]
    #[case(r#"{"number":[1,{"a":[2]}]}"#, LenientField::Odd)]
    #[case(r#"{"number":{"a":{"b":1}}}"#, LenientField::Odd)]
    fn a_number_is_read_or_told_odd(#[case] json: &str, #[case] field: LenientField<u32>) {
        assert_eq!(probe(json).number, field);
    }

    #[rstest]
    #[case("9223372036854775807", LenientField::Value(9_223_372_036_854_775_807))]
    #[case("9223372036854775808", LenientField::Odd)]
    #[case("18446744073709551615", LenientField::Odd)]
    #[case("18446744073709551616", LenientField::Odd)]
    #[case("-9223372036854775809", LenientField::Odd)]
    #[case("200000.0", LenientField::Value(200_000))]
    fn a_number_that_no_database_keeps_is_odd(#[case] json: &str, #[case] field: LenientField<u64>) {
        assert_eq!(serde_json::from_str::<LenientField<u64>>(json).unwrap(), field);
    }

    #[test]
    fn an_odd_field_costs_no_neighbour() {
        let probe = probe(
            r#"{"number":{"x":[1,2,{}]},"text":"kept","list":["a",null,1,["b"],"c"],
                "inner":{"flag":"no","new":1},"unknown":[{}]}"#,
        );
        assert_eq!(probe.text.text().as_deref(), Some("kept"));
        assert_eq!(probe.list.value().unwrap(), ["a", "c"]);
        assert_eq!(probe.inner, LenientField::Value(Inner { flag: LenientField::Odd }));
    }

    #[test]
    fn of_two_names_the_filled_one_counts() {
        use LenientField::{Missing, Null, Odd, Value};
        assert_eq!(Missing.or(Value(1)), Value(1));
        assert_eq!(Null.or(Value(1)), Value(1));
        assert_eq!(Value(1).or(Value(2)), Value(1));
        assert_eq!(Missing.or(Null::<u8>), Null);
        assert_eq!(Null.or(Missing::<u8>), Null);
        assert_eq!(Odd.or(Missing::<u8>), Odd);
    }
}
