//! Matches each row of a page with a slot.
//!
//! Owns: how rows are recognised, and which of them stay unmatched. Must not know: which page is
//! read next, or what happens to slots without a row.

use super::slots::ObservedRow;
use super::{Learned, RemovalSearch, Unsettled, count};

const OUT_OF_ORDER: Unsettled = Unsettled::Walk("known rows stand in another order");
const ONE_OF_SEVERAL: Unsettled = Unsettled::Walk("a row may be one of several slots");

/// A row below the new ones: its index in the page, its place, and its content.
type Placed<R> = (usize, u32, R);

/// The matches of a page so far.
#[derive(Default)]
struct Laying<'a> {
    learned: Learned,
    /// Slots whose row changed.
    laid: Vec<(u32, &'a ObservedRow)>,
    /// Places that reveal nothing.
    mute: Vec<u32>,
    firm: Firm,
}

impl RemovalSearch {
    /// Matches the rows of a page with the slots: first the known rows, then the recognised ones,
    /// because these limit what the others can be.
    pub(super) fn read(&mut self, offset: u32, rows: &[Option<ObservedRow>]) -> Result<Learned, Unsettled> {
        let end = offset.saturating_add(count(rows.len()));
        if end > self.found.total {
            return Err(Unsettled::BeginAgain("the list is longer than its total"));
        }
        let below = (offset..end).zip(rows).enumerate();
        let places: Vec<Placed<&Option<ObservedRow>>> = below
            .filter_map(|(index, (at, row))| Some((index, at.checked_sub(self.found.new)?, row)))
            .collect();
        let mut page = Laying::default();
        // Nothing can have been left out above the rows of the head.
        page.firm.reach_some(places.first().filter(|_| self.found.probes == 0));
        page.firm.reach_some(places.last().filter(|_| end == self.found.total));
        let unknown = self.lay_known(&mut page, places)?;
        let strange = self.lay_relinked(&mut page, unknown)?;
        self.lay_healed(&mut page, strange)?;
        self.found.chart.pass_over(page.mute);
        self.slots.show(page.laid);
        Ok(page.learned)
    }

    /// Matches the rows that are stored exactly as shown; returns the others.
    fn lay_known<'a>(
        &mut self,
        page: &mut Laying<'a>,
        rows: Vec<Placed<&'a Option<ObservedRow>>>,
    ) -> Result<Vec<Placed<&'a ObservedRow>>, Unsettled> {
        let mut unknown = Vec::new();
        for (index, place, row) in rows {
            match row.as_ref().map(|row| Ok((row, self.known(place, row)?))).transpose()? {
                Some((_, KnownRows::As(rank))) => {
                    self.lay(place, rank)?;
                    page.firm.reach(place);
                }
                Some((row, KnownRows::Not)) => unknown.push((index, place, row)),
                Some((_, KnownRows::AsOneOfSome)) | None => page.mute.push(place),
            }
        }
        Ok(unknown)
    }

    /// Matches the rows that are a slot under another id; returns those that resemble no slot.
    fn lay_relinked<'a>(
        &mut self,
        page: &mut Laying<'a>,
        rows: Vec<Placed<&'a ObservedRow>>,
    ) -> Result<Vec<Placed<&'a ObservedRow>>, Unsettled> {
        let mut strange = Vec::new();
        for (index, place, row) in rows {
            match only(self.slots.like(row, self.found.chart.window(place)))? {
                Some(_) if !page.firm.holds(place) && self.has_twin(row) => return Err(ONE_OF_SEVERAL),
                Some(rank) => {
                    self.lay(place, rank)?;
                    page.firm.reach(place);
                    page.learned.relinked.extend(self.slots.ord(rank).map(|ord| (ord, index)));
                    page.laid.push((rank, row));
                }
                None => strange.push((index, place, row)),
            }
        }
        Ok(strange)
    }

    /// Matches the rows that can only be a slot without a track.
    fn lay_healed<'a>(
        &mut self,
        page: &mut Laying<'a>,
        rows: Vec<Placed<&'a ObservedRow>>,
    ) -> Result<(), Unsettled> {
        for (index, place, row) in rows {
            if self.new_ids.contains(&row.id) || !self.slots.of_id(&row.id).is_empty() {
                return Err(Unsettled::BeginAgain("a track stands twice in the list"));
            }
            let nulls = self.found.chart.window(place).filter(|rank| self.slots.is_null(*rank));
            let rank = only(nulls)?.ok_or(Unsettled::Walk("an unknown row stands below the known ones"))?;
            if page.firm.holds(place) {
                self.lay(place, rank)?;
                page.learned.healed.extend(self.slots.ord(rank).map(|ord| (ord, index)));
                page.laid.push((rank, row));
            } else {
                page.mute.push(place);
            }
        }
        Ok(())
    }

    /// Whether several slots resemble a row.
    fn has_twin(&self, row: &ObservedRow) -> bool {
        self.slots.like(row, 0..self.slots.len()).nth(1).is_some()
    }

    fn lay(&mut self, place: u32, rank: u32) -> Result<(), Unsettled> {
        if self.found.chart.settle(place, rank) { Ok(()) } else { Err(OUT_OF_ORDER) }
    }

    fn known(&self, place: u32, row: &ObservedRow) -> Result<KnownRows, Unsettled> {
        let window = self.found.chart.window(place);
        let ranks: Vec<u32> = self.slots.same(row).collect();
        let mut possible = ranks.iter().filter(|rank| window.contains(rank));
        match (possible.next(), possible.next()) {
            (Some(rank), None) => Ok(KnownRows::As(*rank)),
            (Some(_), Some(_)) => Ok(KnownRows::AsOneOfSome),
            (None, _) if ranks.is_empty() => Ok(KnownRows::Not),
            (None, _) => Err(OUT_OF_ORDER),
        }
    }
}

/// How a row is stored.
enum KnownRows {
    As(u32),
    /// A track that was saved twice at the same time.
    AsOneOfSome,
    Not,
}

/// The places of a page between known rows of it. Outside them, the page may have left a row out
/// unnoticed, so a row there is not matched by its place alone.
#[derive(Default)]
struct Firm(Option<(u32, u32)>);

impl Firm {
    fn reach_some(&mut self, row: Option<&(usize, u32, &Option<ObservedRow>)>) {
        if let Some((_, place, _)) = row {
            self.reach(*place);
        }
    }

    fn reach(&mut self, place: u32) {
        let (from, to) = self.0.unwrap_or((place, place));
        self.0 = Some((from.min(place), to.max(place)));
    }

    fn holds(&self, place: u32) -> bool {
        self.0.is_some_and(|(from, to)| (from..=to).contains(&place))
    }
}

/// The only rank, if there is exactly one.
fn only(mut ranks: impl Iterator<Item = u32>) -> Result<Option<u32>, Unsettled> {
    match (ranks.next(), ranks.next()) {
        (_, Some(_)) => Err(ONE_OF_SEVERAL),
        (only, None) => Ok(only),
    }
}
