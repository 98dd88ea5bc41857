//! Fields that never fail: whatever a field contains, the rest of the row is still parsed.
//!
//! Spotify's fields appear and disappear by app and year, and sometimes contain null or another
//! type. A derived struct then fails as a whole; a struct of [`LenientField`]s (with
//! `#[serde(default)]`) does not. It parses in one pass, without a `Value` in between.

use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The content of a field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum LenientField<T> {
    /// The field is missing.
    #[default]
    Missing,
    /// `null`.
    Null,
    /// Another type than `T`.
    Odd,
    /// A `T`.
    Value(T),
}

impl<T> LenientField<T> {
    /// The value, if there is one.
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing | Self::Null | Self::Odd => None,
        }
    }

    /// Of two names of one field: the one with a value, otherwise the one that is present.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Value(value), _) | (_, Self::Value(value)) => Self::Value(value),
            (Self::Missing, other) => other,
            (this, _) => this,
        }
    }
}

impl LenientField<String> {
    /// The text, if there is any: in some places Spotify writes `""` for "none".
    pub(super) fn text(self) -> Option<String> {
        self.value().filter(|text| !text.is_empty())
    }
}

impl<T> From<Option<T>> for LenientField<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Odd, Self::Value)
    }
}

/// How a type is parsed from a field. Each kind of JSON that is not overridden is odd.
pub(super) trait Lenient: Sized {
    fn from_bool(_: bool) -> Option<Self> {
        None
    }
    fn from_number(_: u64) -> Option<Self> {
        None
    }
    fn from_text(_: &str) -> Option<Self> {
        None
    }
    fn from_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
    fn from_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

impl Lenient for bool {
    fn from_bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

/// Up to the largest whole number that a database stores.
impl Lenient for u64 {
    fn from_number(value: u64) -> Option<Self> {
        i64::try_from(value).is_ok().then_some(value)
    }
}

impl Lenient for u32 {
    fn from_number(value: u64) -> Option<Self> {
        Self::try_from(value).ok()
    }
}

impl Lenient for String {
    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Lenient for DateTime<Utc> {
    fn from_text(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(Into::into)
    }
}

/// The elements of the right type; the others are omitted.
impl<T: Lenient> Lenient for Vec<T> {
    fn from_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut values = Self::new();
        while let Some(element) = list.next_element::<LenientField<T>>()? {
            values.extend(element.value());
        }
        Ok(Some(values))
    }
}

/// Makes structs of fields parseable as a field of another struct.
macro_rules! objects {
    ($($name:ident),+ $(,)?) => {$(
        impl $crate::spotify::wire::lenient::Lenient for $name {
            fn from_object<'de, A: serde::de::MapAccess<'de>>(object: A) -> Result<Option<Self>, A::Error> {
                let object = serde::de::value::MapAccessDeserializer::new(object);
                <Self as serde::Deserialize>::deserialize(object).map(Some)
            }
        }
    )+};
}
pub(super) use objects;

impl<'de, T: Lenient> Deserialize<'de> for LenientField<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor(PhantomData))
    }
}

struct FieldVisitor<T>(PhantomData<T>);

impl<'de, T: Lenient> Visitor<'de> for FieldVisitor<T> {
    type Value = LenientField<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<LenientField<T>, E> {
        Ok(LenientField::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<LenientField<T>, E> {
        Ok(T::from_bool(value).into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<LenientField<T>, E> {
        Ok(T::from_number(value).into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<LenientField<T>, E> {
        Ok(u64::try_from(value).ok().and_then(T::from_number).into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<LenientField<T>, E> {
        Ok(whole(value).and_then(T::from_number).into())
    }

    fn visit_str<E>(self, text: &str) -> Result<LenientField<T>, E> {
        Ok(T::from_text(text).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<LenientField<T>, A::Error> {
        T::from_list(list).map(Into::into)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<LenientField<T>, A::Error> {
        T::from_object(object).map(Into::into)
    }
}

/// A count or a length that came as a float, without its fraction.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked, and the fraction is meant to go"
)]
fn whole(value: f64) -> Option<u64> {
    /// Beyond 2^53 a float cannot represent every whole number.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (0.0..=EXACT).contains(&value).then_some(value as u64)
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

    objects!(Inner);

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
