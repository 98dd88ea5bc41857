//! Pages: the frame is parsed as a whole, and the rows one by one, so that a bad row affects only
//! itself.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::domain::{ArtistId, CursorPage, Page, Row};
use crate::json::{LenientField, lenient_objects};

/// A row as it comes, and its domain type.
pub(super) trait WireRow: DeserializeOwned {
    /// The type that the rest of the program uses.
    type Domain;

    /// The domain value, or why there is none.
    fn into_domain(self) -> Result<Self::Domain, &'static str>;
}

/// Why a body could not be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::spotify) enum BadBody {
    /// It is not valid JSON: truncated, or from a server in between.
    Mangled,
    /// It is JSON, but in an unknown format.
    Unknown(String),
    /// A page without its rows.
    NoRows,
}

impl From<serde_json::Error> for BadBody {
    fn from(error: serde_json::Error) -> Self {
        if error.is_data() { Self::Unknown(error.to_string()) } else { Self::Mangled }
    }
}

/// A list that is read by offset.
#[derive(Deserialize)]
struct OffsetFrame<'a> {
    #[serde(borrow, default)]
    items: Option<Vec<Option<&'a RawValue>>>,
    #[serde(borrow, default)]
    offset: Option<&'a RawValue>,
    #[serde(borrow, default)]
    total: Option<&'a RawValue>,
    #[serde(default)]
    next: LenientField<String>,
}

/// A number of the frame. An invalid number, even one beyond every float, affects only itself.
fn number(raw: Option<&RawValue>) -> Option<u32> {
    serde_json::from_str::<LenientField<u32>>(raw?.get()).ok()?.value()
}

/// Parses a page that was requested from `offset` on.
pub(super) fn offset_page<W: WireRow>(body: &str, offset: u32) -> Result<Page<W::Domain>, BadBody> {
    let frame: OffsetFrame<'_> = serde_json::from_str(body)?;
    let rows = rows::<W>(frame.items.ok_or(BadBody::NoRows)?);
    let offset = number(frame.offset).unwrap_or(offset);
    let end = offset.saturating_add(u32::try_from(rows.len()).unwrap_or(u32::MAX));
    let total = number(frame.total);
    let has_next = match frame.next {
        LenientField::Value(_) | LenientField::Odd => true,
        LenientField::Null => false,
        LenientField::Missing => total.is_none_or(|total| end < total),
    };
    let total = total.or_else(|| (!has_next).then_some(end));
    Ok(Page {
        rows,
        offset,
        total: total
            .ok_or_else(|| BadBody::Unknown("a page that is not the last, without `total`".to_owned()))?,
        has_next,
    })
}

/// A list that is read by cursor: followed artists, the only such list, are in a wrapper.
#[derive(Deserialize)]
struct CursorBody<'a> {
    #[serde(borrow)]
    artists: CursorFrame<'a>,
}

#[derive(Deserialize)]
struct CursorFrame<'a> {
    #[serde(borrow, default)]
    items: Option<Vec<Option<&'a RawValue>>>,
    #[serde(borrow, default)]
    total: Option<&'a RawValue>,
    #[serde(default)]
    next: LenientField<String>,
    #[serde(default)]
    cursors: LenientField<Cursors>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Cursors {
    after: LenientField<String>,
}

lenient_objects!(Cursors);

/// Parses a page of followed artists; `id` returns the id of an artist.
pub(super) fn cursor_page<W: WireRow>(
    body: &str,
    id: impl Fn(&W::Domain) -> &ArtistId,
) -> Result<CursorPage<W::Domain>, BadBody> {
    let frame = serde_json::from_str::<CursorBody<'_>>(body)?.artists;
    let rows = rows::<W>(frame.items.ok_or(BadBody::NoRows)?);
    let after = frame.cursors.value().and_then(|cursors| cursors.after.text());
    let next = match frame.next {
        LenientField::Null => None,
        // `after` is the last artist's id, so the page itself can replace a missing cursor.
        LenientField::Value(_) => {
            let last = || rows.iter().rev().find_map(Row::readable).map(|noun| id(noun).clone());
            let next = after.map(ArtistId::new).or_else(last);
            Some(next.ok_or_else(|| BadBody::Unknown("a next page without a cursor".to_owned()))?)
        }
        LenientField::Missing | LenientField::Odd => after.map(ArtistId::new),
    };
    Ok(CursorPage { rows, total: number(frame.total), next })
}

/// A list without paging: the listening history.
pub(super) fn plain_rows<W: WireRow>(body: &str) -> Result<Vec<Row<W::Domain>>, BadBody> {
    let frame: OffsetFrame<'_> = serde_json::from_str(body)?;
    Ok(rows::<W>(frame.items.ok_or(BadBody::NoRows)?))
}

/// One item that was requested by its id.
pub(super) fn one_row<W: WireRow>(body: &str) -> Result<Row<W::Domain>, BadBody> {
    let item: Option<&RawValue> = serde_json::from_str(body)?;
    Ok(row::<W>(item))
}

/// Artists that were requested by their ids, in a wrapper.
#[derive(Deserialize)]
struct ArtistsBody<'a> {
    #[serde(borrow)]
    artists: Vec<Option<&'a RawValue>>,
}

/// Parses artists that were requested by their ids.
pub(super) fn artist_rows<W: WireRow>(body: &str) -> Result<Vec<Row<W::Domain>>, BadBody> {
    let body: ArtistsBody<'_> = serde_json::from_str(body)?;
    Ok(rows::<W>(body.artists))
}

fn rows<W: WireRow>(items: Vec<Option<&RawValue>>) -> Vec<Row<W::Domain>> {
    items.into_iter().map(row::<W>).collect()
}

fn row<W: WireRow>(item: Option<&RawValue>) -> Row<W::Domain> {
    let Some(raw) = item else {
        return Row::Null;
    };
    let why = match serde_json::from_str::<W>(raw.get()).map(W::into_domain) {
        Ok(Ok(noun)) => return Row::Readable(noun),
        Ok(Err(why)) => why.to_owned(),
        Err(error) => error.to_string(),
    };
    Row::SetAside { raw: raw.get().to_owned(), why }
}
