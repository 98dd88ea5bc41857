//! Draws the screen, as a pure function of the model.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};

use super::keys;
use super::model::{FirstRunModel, FirstRunStage};
use super::port::Invitation;
use crate::tui::style::settings::ColorChoice;
use crate::tui::style::text;
use crate::tui::style::theme::Role;
use crate::tui::view::LEAST;
use crate::tui::view::frame::too_small;
use crate::tui::view::view_context::{StyledText, fitting, paint};

/// Columns that the text needs beside a code.
const BESIDE_CODE: u16 = 60;
/// With at least this many columns, a step is shown with its explanation.
const WIDE: usize = 78;
/// With at least this many rows, there are empty lines.
const HIGH: usize = 18;
/// The most rows of a result.
const NOTE_ROWS: usize = 3;

/// Draws the screen.
pub fn view(frame: &mut Frame<'_>, model: &FirstRunModel) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    buffer.set_style(area, model.look.theme.base());
    if area.width < LEAST.0 || area.height < LEAST.1 {
        too_small::render(model.look.glyphs, area, buffer);
        return;
    }
    let area = Rect { width: area.width - render_code(model, area, buffer), ..area };
    let page =
        FirstRunPage { model, columns: usize::from(area.width), is_high: usize::from(area.height) >= HIGH };
    page.render(area, buffer);
}

/// Draws the QR code of the address on the right, if there is room for it, and returns its columns.
fn render_code(model: &FirstRunModel, area: Rect, buffer: &mut Buffer) -> u16 {
    let Some(code) = model.code.as_deref().filter(|_| !model.look.glyphs.is_ascii()) else { return 0 };
    let (columns, rows) = code.size();
    let fits = area.height > rows && area.width >= columns.saturating_add(BESIDE_CODE);
    if !fits {
        return 0;
    }
    let style = match model.look.theme.color() {
        ColorChoice::None => Style::new(),
        ColorChoice::Auto | ColorChoice::TrueColor(_) => Style::new().fg(Color::White).bg(Color::Black),
    };
    let place = Rect { x: area.right() - columns, width: columns, height: rows, ..area };
    code.render(style, place, buffer);
    columns + 1
}

struct FirstRunPage<'a> {
    model: &'a FirstRunModel,
    columns: usize,
    is_high: bool,
}

impl FirstRunPage<'_> {
    /// From the top: what to do, the text field, the result. The last row is the footer.
    fn render(&self, area: Rect, buffer: &mut Buffer) {
        let note = self.note();
        let gap = usize::from(self.is_high);
        // The title, the field and the footer have one row each, and an empty one if there are
        // empty lines.
        let kept = 3 + note.len() + 3 * gap;
        let room = usize::from(area.height).saturating_sub(kept);
        let mut lines = vec![self.title()];
        self.part(&mut lines);
        let mut body = self.body(room);
        body.truncate(room);
        lines.extend(body);
        self.part(&mut lines);
        lines.extend(self.field());
        self.part(&mut lines);
        lines.extend(note);
        let (footer, above) = (area.height.min(1), area.height.saturating_sub(1));
        paint(&lines, Rect { height: above, ..area }, buffer);
        paint(&[self.footer()], Rect { y: area.y + above, height: footer, ..area }, buffer);
    }

    fn part(&self, lines: &mut Vec<Line<'static>>) {
        if self.is_high {
            lines.push(Line::default());
        }
    }

    fn span(&self, role: Role, text: impl Into<String>) -> Span<'static> {
        Span::styled(text.into(), self.model.look.theme.style(role))
    }

    /// Columns for text: one on each side stays empty.
    const fn width(&self) -> usize {
        self.columns.saturating_sub(2)
    }

    fn words(&self, role: Role, words: &str) -> Vec<Line<'static>> {
        let lines = text::wrap(words, self.width(), self.model.look.glyphs.ellipsis());
        lines.into_iter().map(|line| self.indented(vec![self.span(role, line)])).collect()
    }

    fn indented(&self, spans: StyledText) -> Line<'static> {
        let mut line = Line::from(self.span(Role::Plain, " "));
        line.extend(spans);
        line
    }

    fn title(&self) -> Line<'static> {
        let name = vec![self.span(Role::Accent, "phonolog")];
        let what = vec![self.span(Role::Strong, "connect your Spotify account")];
        self.indented(fitting(vec![name, what], 2, self.width()).spans)
    }

    fn body(&self, room: usize) -> Vec<Line<'static>> {
        match &self.model.stage {
            FirstRunStage::App | FirstRunStage::Preparing => self.steps(),
            FirstRunStage::Agree(invitation) | FirstRunStage::Checking(invitation) => {
                self.invitation(invitation, room)
            }
        }
    }

    /// How to create an app: the steps, and their explanations if there is room.
    fn steps(&self) -> Vec<Line<'static>> {
        let mut lines = if self.is_high { self.promise() } else { Vec::new() };
        lines.extend(self.steps_alone());
        if self.is_high {
            lines.push(Line::default());
            lines.extend(self.words(
                Role::Secondary,
                "No app, no Premium? Request your data at spotify.com/account/privacy; `phonolog import FILE` \
                 then records your whole listening history.",
            ));
        }
        lines
    }

    /// What a person gets, in two lines.
    fn promise(&self) -> Vec<Line<'static>> {
        let mut lines = self.words(
            Role::Plain,
            "phonolog keeps a complete record of what you save and play on Spotify, and shows it here.",
        );
        lines.extend(
            self.words(Role::Secondary, "It stays on this machine, and it changes nothing at Spotify."),
        );
        lines.push(Line::default());
        lines
    }

    fn steps_alone(&self) -> Vec<Line<'static>> {
        let redirect = format!("Redirect URI, exactly: {}", self.model.start.redirect_uri);
        let steps = [
            ("Open developer.spotify.com/dashboard", ", free for accounts with Premium"),
            ("Create app: any name and description", " will do"),
            (redirect.as_str(), ""),
            ("API: Web API; then save", ""),
            ("Copy its Client ID and paste it here", "; no secret is needed"),
        ];
        let is_wide = self.columns >= WIDE;
        let step = |(number, (what, more)): (usize, (&str, &str))| {
            let words = format!("{what}{}", if is_wide { more } else { "" });
            let lines = text::wrap(&words, self.width() - 2, self.model.look.glyphs.ellipsis());
            let mark = |row| if row == 0 { format!("{number} ") } else { "  ".to_owned() };
            let line = |(row, line)| {
                self.indented(vec![self.span(Role::Accent, mark(row)), self.span(Role::Plain, line)])
            };
            lines.into_iter().enumerate().map(line).collect::<Vec<_>>()
        };
        (1..).zip(steps).flat_map(step).collect()
    }

    fn invitation(&self, invitation: &Invitation, room: usize) -> Vec<Line<'static>> {
        let mut lines = self.words(Role::Plain, "Open this address in any browser and agree there:");
        let after = self.words(
            Role::Plain,
            if invitation.is_awaited {
                "phonolog then continues automatically. If the browser shows an error page, copy its address and paste it here."
            } else {
                "The browser then shows an error page. Copy its address and paste it here."
            },
        );
        self.part(&mut lines);
        let apart = usize::from(self.is_high);
        let rows = room.saturating_sub(lines.len() + after.len() + apart).max(1);
        lines.extend(self.address(&invitation.url, rows));
        self.part(&mut lines);
        lines.extend(after);
        lines
    }

    /// The address over as many rows as it needs, from edge to edge, so that a mouse selection has
    /// no blanks in it.
    fn address(&self, url: &str, rows: usize) -> Vec<Line<'static>> {
        let glyphs = self.model.look.glyphs;
        let letters: Vec<char> = glyphs.outside(url).chars().collect();
        let mut chunks: Vec<String> =
            letters.chunks(self.columns.max(1)).map(|chunk| chunk.iter().collect()).collect();
        if chunks.len() > rows {
            let more = format!("{} y copies all of it", glyphs.ellipsis());
            chunks.truncate(rows);
            if let Some(last) = chunks.last_mut() {
                let kept = self.columns.saturating_sub(text::width(&more));
                *last = last.chars().take(kept).chain(more.chars()).collect();
            }
        }
        chunks.into_iter().map(|chunk| Line::from(self.span(Role::Accent, chunk))).collect()
    }

    fn field(&self) -> Option<Line<'static>> {
        let name = match self.model.stage {
            FirstRunStage::App | FirstRunStage::Preparing => "Client ID",
            FirstRunStage::Agree(_) => "Address",
            FirstRunStage::Checking(_) => return None,
        };
        let field = &self.model.field;
        let label = self.span(Role::Strong, format!("{name}: "));
        let room = self.width().saturating_sub(name.len() + 3);
        let is_idle = !field.is_open && field.text.is_empty();
        if is_idle && self.model.stage == FirstRunStage::Preparing {
            return None;
        }
        if is_idle {
            return Some(self.indented(vec![label, self.span(Role::Secondary, "paste it, or press Enter")]));
        }
        let cursor = self.span(Role::Accent, if field.is_open { "_" } else { "" });
        Some(self.indented(vec![label, self.span(Role::Plain, self.end_of(&field.text, room)), cursor]))
    }

    /// As much of the end of a text as fits.
    fn end_of(&self, typed: &str, room: usize) -> String {
        // More letters than columns are never needed; letters without a column are very rare in it.
        let skipped = typed.chars().count().saturating_sub(room);
        let end: String = typed.chars().skip(skipped).collect();
        let shown = self.model.look.glyphs.outside(&end);
        let mut kept: &str = &shown;
        while text::width(kept) > room {
            let mut letters = kept.chars();
            letters.next();
            kept = letters.as_str();
        }
        kept.to_owned()
    }

    fn note(&self) -> Vec<Line<'static>> {
        let preparing =
            || (self.model.stage == FirstRunStage::Preparing).then_some((Role::Secondary, "one moment"));
        let told = self.model.note.as_ref().map(|(role, text)| (*role, text.as_str()));
        let Some((role, words)) = told.or_else(preparing) else { return Vec::new() };
        let glyphs = self.model.look.glyphs;
        let lines = text::wrap_to(&glyphs.outside(words), self.width(), NOTE_ROWS, glyphs.ellipsis());
        lines.into_iter().map(|line| self.indented(vec![self.span(role, line)])).collect()
    }

    fn footer(&self) -> Line<'static> {
        let hint = |line: &keys::FirstRunBinding| {
            let label = format!(" {}", line.label);
            vec![self.span(Role::Accent, line.name), self.span(Role::Secondary, label)]
        };
        self.indented(fitting(keys::offered(self.model).map(hint).collect(), 2, self.width()).spans)
    }
}
