//! Recognises the format of a file, and the encoding of a text, by the first bytes.

use std::io::{self, Read};

/// How many first bytes are needed; a tar archive is recognised at byte 257.
pub(super) const HEAD: u64 = 512;

/// The kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Text(Encoding),
    Zip,
    Gzip,
    /// A format that is not read; its name.
    Foreign(&'static str),
}

/// How a text is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16Little,
    Utf16Big,
}

/// The first bytes of formats that are not read.
const FOREIGN: [(&[u8], &str); 7] = [
    (b"\xff\xfe\0\0", "a text in UTF-32; save it as UTF-8"),
    (b"\0\0\xfe\xff", "a text in UTF-32; save it as UTF-8"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it and import its folder"),
    (b"Rar!\x1a\x07", "a RAR archive; unpack it and import its folder"),
    (b"\xfd7zXZ\0", "packed with xz; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd; unpack it first"),
    (b"BZh", "packed with bzip2; unpack it first"),
];

impl Content {
    /// The kind of a file that begins with these bytes.
    pub(super) fn of(head: &[u8]) -> Self {
        if let Some((_, what)) = FOREIGN.iter().find(|(start, _)| head.starts_with(start)) {
            return Self::Foreign(what);
        }
        match head {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Self::Zip,
            [0x1f, 0x8b, ..] => Self::Gzip,
            _ if head.get(257..262) == Some(b"ustar".as_slice()) => {
                Self::Foreign("a tar archive; unpack it and import its folder")
            }
            _ => Self::Text(Encoding::of(head)),
        }
    }
}

impl Encoding {
    /// UTF-16 is recognised by its mark; without a mark by the zero byte that every ASCII character
    /// has there.
    fn of(head: &[u8]) -> Self {
        match head {
            [0xff, 0xfe, ..] => Self::Utf16Little,
            [0xfe, 0xff, ..] => Self::Utf16Big,
            [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Self::Utf16Little,
            [0, a, 0, b, ..] if *a != 0 && *b != 0 => Self::Utf16Big,
            _ => Self::Utf8,
        }
    }

    /// The text as UTF-8. Half of a surrogate pair becomes an invalid byte, which makes its row
    /// unreadable.
    pub(super) fn decoded<'a>(self, reader: impl Read + 'a) -> Box<dyn Read + 'a> {
        match self {
            Self::Utf8 => Box::new(reader),
            Self::Utf16Little => Box::new(Utf16::over(reader, u16::from_le_bytes)),
            Self::Utf16Big => Box::new(Utf16::over(reader, u16::from_be_bytes)),
        }
    }
}

/// A byte that occurs in no UTF-8 text.
const NO_CHARACTER: u8 = 0xff;
/// How much of a UTF-16 text is decoded at a time.
const PIECE: u64 = 32 * 1024;

/// UTF-16, converted to UTF-8.
struct Utf16<R> {
    reader: R,
    unit: fn([u8; 2]) -> u16,
    /// Bytes that are not decoded yet: an odd one, or half of a pair.
    raw: Vec<u8>,
    text: Vec<u8>,
    /// How much of `text` was returned.
    given: usize,
}

impl<R: Read> Utf16<R> {
    fn over(reader: R, unit: fn([u8; 2]) -> u16) -> Self {
        Self { reader, unit, raw: Vec::new(), text: Vec::new(), given: 0 }
    }

    fn decode_more(&mut self) -> io::Result<()> {
        let is_over = (&mut self.reader).take(PIECE).read_to_end(&mut self.raw)? == 0;
        let (pairs, _) = self.raw.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(|pair| (self.unit)(*pair)).collect();
        // The other half of a pair has not come yet.
        if !is_over && units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            units.pop();
        }
        self.text.clear();
        self.given = 0;
        let mut utf8 = [0; 4];
        for decoded in char::decode_utf16(units.iter().copied()) {
            match decoded {
                Ok(letter) => self.text.extend_from_slice(letter.encode_utf8(&mut utf8).as_bytes()),
                Err(_) => self.text.push(NO_CHARACTER),
            }
        }
        self.raw.drain(..units.len() * 2);
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            self.decode_more()?;
        }
        let rest = self.text.get(self.given..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Vec<u8> {
        let Content::Text(encoding) = Content::of(bytes) else { panic!("no text") };
        let mut text = Vec::new();
        encoding.decoded(bytes).read_to_end(&mut text).unwrap();
        text
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn utf_16_is_known_with_and_without_its_mark() {
        // Surrogate pairs cross the borders of the pieces.
        let text = format!("[\"{}\"]", "é東👩‍🚀".repeat(9_000));
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(decoded(&utf16(&text, bytes)), text.as_bytes());
            let marked = format!("\u{feff}{text}");
            assert_eq!(decoded(&utf16(&marked, bytes)), marked.as_bytes());
        }
        assert_eq!(decoded("\u{feff}[1]".as_bytes()), "\u{feff}[1]".as_bytes());
    }

    #[test]
    fn half_of_a_pair_is_no_character_and_half_a_unit_is_left_out() {
        assert_eq!(decoded(b"\xff\xfe[\0\x00\xd8]\0"), b"\xef\xbb\xbf[\xff]");
        assert_eq!(decoded(b"\xff\xfe[\0\x00\xd8"), b"\xef\xbb\xbf[\xff");
        assert_eq!(decoded(b"\xff\xfe[\0]"), b"\xef\xbb\xbf[");
    }

    #[test]
    fn what_is_not_read_is_named() {
        let mut tar = vec![b'x'; 512];
        tar[257..262].copy_from_slice(b"ustar");
        for (head, what) in
            [(tar.as_slice(), "tar"), (b"Rar!\x1a\x07\0", "RAR"), (b"\xff\xfe\0\0[", "UTF-32")]
        {
            let Content::Foreign(found) = Content::of(head) else { panic!("{what} is read") };
            assert!(found.contains(what), "{found}");
        }
        assert_eq!(Content::of(b"\x1f\x8b\x08"), Content::Gzip);
        assert_eq!(Content::of(b"PK\x03\x04"), Content::Zip);
        assert_eq!(Content::of(b"PKWARE"), Content::Text(Encoding::Utf8));
        assert_eq!(Content::of(b""), Content::Text(Encoding::Utf8));
    }
}
