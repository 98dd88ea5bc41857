//! Ids of 22 base-62 characters, computed from an item's kind and number and converted back without
//! a table.
//!
//! Spotify's ids are 128-bit numbers in base 62; so are these. A keyed bijection of the 128-bit
//! numbers spreads (kind, number) over all of them. So ids look random and differ by seed, and an
//! id that was never issued is not recognised.

/// The kinds of items that have an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::simulator) enum IdKind {
    Artist,
    Album,
    Track,
    Playlist,
    Show,
    Episode,
    Device,
    Account,
}

impl IdKind {
    const ALL: [Self; 8] = [
        Self::Artist,
        Self::Album,
        Self::Track,
        Self::Playlist,
        Self::Show,
        Self::Episode,
        Self::Device,
        Self::Account,
    ];

    /// The word in `spotify:WORD:id` and in `type`.
    pub(in crate::simulator) const fn word(self) -> &'static str {
        match self {
            Self::Artist => "artist",
            Self::Album => "album",
            Self::Track => "track",
            Self::Playlist => "playlist",
            Self::Show => "show",
            Self::Episode => "episode",
            Self::Device => "device",
            Self::Account => "account",
        }
    }

    /// The path segment under `/v1`.
    pub(in crate::simulator) fn segment(self) -> String {
        format!("{}s", self.word())
    }

    const fn tag(self) -> u128 {
        match self {
            Self::Artist => 1,
            Self::Album => 2,
            Self::Track => 3,
            Self::Playlist => 4,
            Self::Show => 5,
            Self::Episode => 6,
            Self::Device => 7,
            Self::Account => 8,
        }
    }
}

const ALPHABET: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LENGTH: usize = 22;
/// Odd, so that multiplication by them can be reversed modulo 2^128.
const SPREAD: [u128; 2] =
    [0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835, 0xD1B5_4A32_D192_ED03_AAAA_AAAA_AAAA_AAAB];

/// The ids of one seed.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulator) struct Ids {
    key: u128,
}

impl Ids {
    pub(in crate::simulator) fn new(seed: u64) -> Self {
        let key = u128::from(seed).wrapping_mul(SPREAD[0]) ^ 0x5EED;
        Self { key }
    }

    /// The id of item `number` of `kind`.
    pub(in crate::simulator) fn id(self, kind: IdKind, number: u32) -> String {
        base62(self.mix(kind.tag() << 120 | u128::from(number)))
    }

    /// `spotify:track:...`
    pub(in crate::simulator) fn uri(self, kind: IdKind, number: u32) -> String {
        format!("spotify:{}:{}", kind.word(), self.id(kind, number))
    }

    /// The item of `kind` with this id, if the id was issued.
    pub(in crate::simulator) fn read(self, kind: IdKind, id: &str) -> Option<u32> {
        let plain = self.unmix(from_base62(id)?);
        (plain >> 120 == kind.tag()).then(|| u32::try_from(plain & (u128::MAX >> 8)).ok()).flatten()
    }

    /// The item of a `spotify:kind:id`.
    pub(in crate::simulator) fn read_uri(self, uri: &str) -> Option<(IdKind, u32)> {
        let (word, id) = uri.strip_prefix("spotify:")?.split_once(':')?;
        let kind = IdKind::ALL.into_iter().find(|kind| kind.word() == word)?;
        Some((kind, self.read(kind, id)?))
    }

    fn mix(self, plain: u128) -> u128 {
        let mut x = plain ^ self.key;
        for factor in SPREAD {
            x = x.wrapping_mul(factor);
            x ^= x >> 67;
        }
        x
    }

    fn unmix(self, mixed: u128) -> u128 {
        let mut x = mixed;
        for factor in SPREAD.into_iter().rev() {
            // A shift by more than half of the width is its own inverse.
            x ^= x >> 67;
            x = x.wrapping_mul(inverse(factor));
        }
        x ^ self.key
    }
}

/// The inverse of an odd number modulo 2^128, by Newton's iteration: each step doubles the number
/// of correct bits.
const fn inverse(odd: u128) -> u128 {
    let mut x = odd;
    let mut step = 0;
    while step < 7 {
        x = x.wrapping_mul(2_u128.wrapping_sub(odd.wrapping_mul(x)));
        step += 1;
    }
    x
}

/// Split into parts of ten digits, since dividing 128 bits by 62 twenty-two times is slow.
fn base62(number: u128) -> String {
    const PIECE: u128 = 62_u128.pow(10);
    let pieces = [number % PIECE, number / PIECE % PIECE, number / PIECE / PIECE];
    let mut digits = [b'0'; LENGTH];
    for (digits, piece) in digits.rchunks_mut(10).zip(pieces) {
        let mut piece = u64::try_from(piece).unwrap_or(0);
        for digit in digits.iter_mut().rev() {
            let at = usize::try_from(piece % 62).unwrap_or(0);
            *digit = ALPHABET.get(at).copied().unwrap_or(b'0');
            piece /= 62;
        }
    }
    String::from_utf8_lossy(&digits).into_owned()
}

fn from_base62(text: &str) -> Option<u128> {
    if text.len() != LENGTH {
        return None;
    }
    text.bytes().try_fold(0_u128, |number, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'z' => byte - b'a' + 10,
            b'A'..=b'Z' => byte - b'A' + 36,
            _ => return None,
        };
        number.checked_mul(62)?.checked_add(u128::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_what_it_was_made_from_and_as_nothing_else() {
        let ids = Ids::new(7);
        for kind in IdKind::ALL {
            for number in [0, 1, 99_999, u32::MAX] {
                let id = ids.id(kind, number);
                assert_eq!(id.len(), 22);
                assert!(id.bytes().all(|b| b.is_ascii_alphanumeric()));
                assert_eq!(ids.read(kind, &id), Some(number));
                assert_eq!(ids.read_uri(&ids.uri(kind, number)), Some((kind, number)));
            }
        }
        let track = ids.id(IdKind::Track, 5);
        assert_eq!(ids.read(IdKind::Album, &track), None);
        assert_eq!(Ids::new(8).read(IdKind::Track, &track), None);
        for nonsense in
            ["", "abc", "7ouMYWpwJ422jRcDASZB7P", "zzzzzzzzzzzzzzzzzzzzzz", "____________________22"]
        {
            assert_eq!(ids.read(IdKind::Track, nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn neighbours_share_no_beginning() {
        let ids = Ids::new(1);
        let heads: std::collections::HashSet<String> =
            (0..1000).map(|n| ids.id(IdKind::Track, n)[..8].to_owned()).collect();
        assert_eq!(heads.len(), 1000);
    }
}
