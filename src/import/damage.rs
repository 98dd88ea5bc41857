//! Finds the end of a row that is not valid JSON, so that it affects only itself.

use memchr::{memchr_iter, memmem, memrchr};

use super::row::RejectReason;

/// For a row that is not valid JSON for any other reason.
pub(super) const NOT_JSON: RejectReason = "is not valid JSON";

/// Counts brackets outside strings. A line end also ends an unclosed string, because in a string it
/// would be written as `\n`.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    curly: u64,
    square: u64,
    in_text: bool,
    is_escaped: bool,
}

/// What the brackets show about a part of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nested {
    /// The row continues.
    Open,
    /// It ends before this byte.
    Ends(usize),
    /// A bracket at this byte closes one that is not open.
    Crossed(usize),
}

impl Nesting {
    /// Reads the next part.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Nested {
        for (at, byte) in bytes.iter().enumerate() {
            if self.in_text {
                self.in_text = !matches!(byte, b'\n') && (*byte != b'"' || self.is_escaped);
                self.is_escaped = self.in_text && *byte == b'\\' && !self.is_escaped;
                continue;
            }
            let open = match byte {
                b'"' => {
                    self.in_text = true;
                    continue;
                }
                b'{' => {
                    self.curly += 1;
                    continue;
                }
                b'[' => {
                    self.square += 1;
                    continue;
                }
                b'}' => &mut self.curly,
                b']' => &mut self.square,
                _ => continue,
            };
            let Some(left) = open.checked_sub(1) else { return Nested::Crossed(at) };
            *open = left;
            if self.curly == 0 && self.square == 0 {
                return Nested::Ends(at + 1);
            }
        }
        Nested::Open
    }
}

/// The end of the damaged row at the start of these bytes, if the brackets show it.
pub(super) fn end(bytes: &[u8]) -> Option<usize> {
    match Nesting::default().read(bytes) {
        Nested::Ends(end) => Some(end),
        Nested::Open | Nested::Crossed(_) => None,
    }
}

/// The end of a row without usable brackets: before the first text that looks like another row.
pub(super) fn next_row(bytes: &[u8]) -> Option<usize> {
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'[' | b']');
    let follows = |end: &usize| {
        let rest = bytes.get(*end..).unwrap_or_default();
        rest.iter().find(|byte| !is_between(byte)) == Some(&b'{')
    };
    memchr_iter(b'}', bytes).map(|at| at + 1).find(follows)
}

/// The end of the last row of a file without usable brackets.
pub(super) fn last_end(bytes: &[u8]) -> Option<usize> {
    memrchr(b'}', bytes).map(|at| at + 1)
}

/// Words that Python and JavaScript write in place of JSON's own.
const WORDS: [(&[u8], &[u8]); 8] = [
    (b"-Infinity", b"null"),
    (b"Infinity", b"null"),
    (b"NaN", b"null"),
    (b"nan", b"null"),
    (b"None", b"null"),
    (b"undefined", b"null"),
    (b"True", b"true"),
    (b"False", b"false"),
];

/// A row with such words as values, converted to JSON; `None` if it has none of them.
pub(super) fn in_words_of_json(row: &[u8]) -> Option<Vec<u8>> {
    let mut mended = Vec::with_capacity(row.len());
    let (mut at, mut in_text, mut is_mended) = (0, false, false);
    while let Some((byte, rest)) = row.get(at..).and_then(<[u8]>::split_first) {
        let word = WORDS.iter().find(|(word, _)| {
            let ends = || !rest.get(word.len() - 1).is_some_and(u8::is_ascii_alphanumeric);
            !in_text && row.get(at..).is_some_and(|text| text.starts_with(word)) && ends()
        });
        if let Some((word, json)) = word {
            mended.extend_from_slice(json);
            at += word.len();
            is_mended = true;
            continue;
        }
        mended.push(*byte);
        at += 1;
        match byte {
            b'"' => in_text = !in_text,
            b'\\' => {
                mended.extend(rest.first());
                at += 1;
            }
            _ => {}
        }
    }
    is_mended.then_some(mended)
}

/// Whether it was meant as a row of a listening history.
pub(super) fn is_row(bytes: &[u8]) -> bool {
    memmem::find(bytes, b"\"ts\"").is_some() || memmem::find(bytes, b"\"endTime\"").is_some()
}

/// Why these bytes are not valid JSON.
pub(super) fn reason(bytes: &[u8]) -> RejectReason {
    let is_surrogate = |at: usize| {
        matches!(bytes.get(at + 2..at + 4), Some([b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F']))
    };
    if std::str::from_utf8(bytes).is_err() {
        return "has bytes that are not UTF-8";
    }
    if memmem::find_iter(bytes, b"\\u").any(is_surrogate) {
        return "has an incomplete character";
    }
    NOT_JSON
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_texts_do_not_count_and_a_line_ends_a_text() {
        assert_eq!(end(br#"{"a":"}]\"}"},{"#), Some(13));
        assert_eq!(end(b"{\"a\":\"open\n},{"), Some(12));
        assert_eq!(end(br#"{"a":[1,{}]} "#), Some(12));
        assert_eq!(end(br#"{"a":1]"#), None);
        assert_eq!(end(br#"{"a":"#), None);
        let mut nesting = Nesting::default();
        assert_eq!(nesting.read(br#"{"a":"x\"#), Nested::Open);
        assert_eq!(nesting.read(br#""}"}"#), Nested::Ends(4));
    }

    #[test]
    fn the_next_row_is_found_where_brackets_do_not_tell() {
        let text = br#"{"a":"with "quotes"},  {"ts":1}"#;
        assert_eq!(next_row(text), Some(20));
        assert_eq!(next_row(b"{\"a\": 1}\n]"), None);
        assert_eq!(last_end(b"{\"a\": 1}\n]"), Some(8));
    }

    #[test]
    fn words_of_other_languages_are_values_outside_of_texts() {
        let row = br#"{"a":NaN,"b":[-Infinity, None],"c":True,"d":False,"e":"NaN, \"None\", True"}"#;
        let json = br#"{"a":null,"b":[null, null],"c":true,"d":false,"e":"NaN, \"None\", True"}"#;
        assert_eq!(in_words_of_json(row).as_deref(), Some(&json[..]));
        for row in [&br#"{"a":"NaN"}"#[..], br#"{"a":Nonesense}"#, br#"{"a":"\"#] {
            assert_eq!(in_words_of_json(row), None);
        }
    }

    #[test]
    fn why_it_is_no_json_is_told() {
        assert_eq!(reason(b"{\"a\":\"\xe9\"}"), "has bytes that are not UTF-8");
        assert_eq!(reason(br#"{"a":"\ud83d"}"#), "has an incomplete character");
        assert_eq!(reason(br#"{"a":nul}"#), NOT_JSON);
        assert!(is_row(br#"{"ts":"#) && is_row(br#"{"endTime":"#) && !is_row(br#"{"tsx":"#));
    }
}
