//! A screen of a terminal as an SVG.
//!
//! Every piece of text is told where it begins and how wide it is, so that columns stay straight in any
//! monospaced font. Blocks and gauge dots are drawn, not written: they are crisp and without seams.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "cells become pixels"
)]

use std::fmt::Write;

use vt100::{Cell, Color, Screen};

/// Pixels of a cell.
const WIDE: f32 = 8.4;
const HIGH: f32 = 19.0;
const FONT: f32 = 14.0;
/// From the top of a cell to the line that letters stand on.
const BASELINE: f32 = 14.0;
/// Around the screen, and above it for the title bar.
const PADDING: f32 = 14.0;
const BAR: f32 = 38.0;

const FAMILY: &str = "ui-monospace, SFMono-Regular, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', \
                      'Liberation Mono', monospace";

type Rgb = [u8; 3];

const BACKGROUND: Rgb = [0x15, 0x18, 0x1f];
const TITLE_BAR: Rgb = [0x1f, 0x23, 0x2c];
const BORDER: Rgb = [0x34, 0x3a, 0x46];
const FOREGROUND: Rgb = [0xd9, 0xdd, 0xe5];
/// The sixteen colours, in ANSI's order.
const PALETTE: [Rgb; 16] = [
    [0x2b, 0x30, 0x3b],
    [0xf0, 0x7a, 0x78],
    [0x6f, 0xcf, 0x8e],
    [0xf0, 0xc3, 0x6a],
    [0x74, 0xaa, 0xf0],
    [0xc7, 0x92, 0xe8],
    [0x62, 0xc8, 0xcf],
    [0xc8, 0xcd, 0xd6],
    [0x6a, 0x72, 0x82],
    [0xff, 0x9a, 0x96],
    [0x93, 0xe5, 0xab],
    [0xff, 0xd9, 0x8c],
    [0x9a, 0xc4, 0xff],
    [0xdd, 0xb3, 0xf7],
    [0x8c, 0xe2, 0xe8],
    [0xff, 0xff, 0xff],
];
/// How much of its colour dim text keeps.
const DIM: f32 = 0.58;

/// How a run of cells looks.
#[derive(Clone, Copy, PartialEq)]
struct Style {
    colour: Rgb,
    is_bold: bool,
}

/// What cells are drawn as.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Nothing.
    Blank,
    /// Letters that every monospaced font has, side by side.
    Letters,
    /// A sign that may come from another font: alone, in the middle of its cells.
    Sign,
    /// Blocks, the last of them so many eighths of its cell.
    Block(u8),
    /// Dots of an empty gauge.
    Dots,
}

/// Cells that are drawn together.
struct Run {
    column: u16,
    cells: u16,
    style: Style,
    kind: Kind,
    text: String,
}

/// The screen in a window, with a title for those who do not see it.
pub fn picture(screen: &Screen, title: &str) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let width = f32::from(columns) * WIDE + 2.0 * PADDING;
    let height = f32::from(rows) * HIGH + BAR + 2.0 * PADDING;
    let mut svg = String::new();
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} \
         {height}\" role=\"img\">\n<title>{}</title>",
        escaped(title)
    )
    .unwrap();
    window(&mut svg, width, height);
    writeln!(
        svg,
        "<g transform=\"translate({PADDING} {})\" font-family=\"{FAMILY}\" font-size=\"{FONT}\">",
        BAR + PADDING
    )
    .unwrap();
    for row in 0..rows {
        for run in runs(screen, row, columns) {
            draw(&mut svg, &run, row);
        }
    }
    svg + "</g>\n</svg>\n"
}

fn window(svg: &mut String, width: f32, height: f32) {
    let (inner_width, inner_height) = (width - 1.0, height - 1.0);
    writeln!(
        svg,
        "<rect x=\"0.5\" y=\"0.5\" width=\"{inner_width}\" height=\"{inner_height}\" rx=\"10\" fill=\"{}\"/>\n\
         <path d=\"M0.5 {BAR}V10.5a10 10 0 0 1 10 -10H{}a10 10 0 0 1 10 10V{BAR}z\" fill=\"{}\"/>",
        hex(BACKGROUND),
        width - 10.5,
        hex(TITLE_BAR)
    )
    .unwrap();
    writeln!(
        svg,
        "<rect x=\"0.5\" y=\"0.5\" width=\"{inner_width}\" height=\"{inner_height}\" rx=\"10\" fill=\"none\" stroke=\"{}\"/>",
        hex(BORDER)
    )
    .unwrap();
    for (i, colour) in [1, 3, 2].into_iter().enumerate() {
        let x = 22.0 + 20.0 * i as f32;
        writeln!(svg, "<circle cx=\"{x}\" cy=\"{}\" r=\"6\" fill=\"{}\"/>", BAR / 2.0, hex(PALETTE[colour]))
            .unwrap();
    }
    writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" font-family=\"{FAMILY}\" font-size=\"13\" fill=\"{}\">phonolog</text>",
        width / 2.0,
        BAR / 2.0 + 4.5,
        hex(PALETTE[8])
    )
    .unwrap();
}

/// The cells of a row, put together where they look alike.
fn runs(screen: &Screen, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column).filter(|cell| !cell.is_wide_continuation()) else {
            continue;
        };
        let run = run_of(cell, column);
        match runs.last_mut() {
            Some(last) if joins(last, &run) => {
                last.cells += run.cells;
                last.kind = run.kind;
                last.text += &run.text;
            }
            _ => runs.push(run),
        }
    }
    runs
}

fn run_of(cell: &Cell, column: u16) -> Run {
    let text = cell.contents();
    let first = text.chars().next().unwrap_or(' ');
    let kind = match first {
        ' ' => Kind::Blank,
        '·' => Kind::Dots,
        '\u{2588}'..='\u{258f}' => Kind::Block((0x2590 - first as u32) as u8),
        '!'..='\u{52f}' | '–' | '—' | '…' | '’' | '−' if text.chars().count() == 1 => Kind::Letters,
        _ => Kind::Sign,
    };
    let colour = match cell.fgcolor() {
        Color::Default => FOREGROUND,
        Color::Idx(index) => PALETTE.get(usize::from(index)).copied().unwrap_or(FOREGROUND),
        Color::Rgb(red, green, blue) => [red, green, blue],
    };
    Run {
        column,
        cells: if cell.is_wide() { 2 } else { 1 },
        style: Style { colour: if cell.dim() { dimmed(colour) } else { colour }, is_bold: cell.bold() },
        kind,
        text: text.to_owned(),
    }
}

fn joins(left: &Run, right: &Run) -> bool {
    let go_on = match (left.kind, right.kind) {
        // A gauge is one bar, or its cells would show seams.
        (Kind::Block(8), Kind::Block(_)) => true,
        (Kind::Blank | Kind::Letters | Kind::Dots, right) => left.kind == right,
        _ => false,
    };
    go_on && left.style == right.style
}

fn draw(svg: &mut String, run: &Run, row: u16) {
    let x = f32::from(run.column) * WIDE;
    let width = f32::from(run.cells) * WIDE;
    let top = f32::from(row) * HIGH;
    let fill = hex(run.style.colour);
    let weight = if run.style.is_bold { " font-weight=\"700\"" } else { "" };
    let text = escaped(&run.text);
    let y = top + BASELINE;
    match run.kind {
        Kind::Blank => Ok(()),
        Kind::Letters => writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{fill}\"{weight}>{text}</text>"
        ),
        Kind::Sign => writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{y:.1}\" text-anchor=\"middle\" fill=\"{fill}\"{weight}>{text}</text>",
            x + width / 2.0
        ),
        // On whole pixels above and below, which keeps the edges sharp.
        Kind::Block(eighths) => writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{:.0}\" width=\"{:.1}\" height=\"{:.0}\" fill=\"{fill}\"/>",
            top + 3.0,
            width - WIDE * f32::from(8 - eighths) / 8.0,
            HIGH - 6.0
        ),
        // Dashes of no length with round ends.
        Kind::Dots => writeln!(
            svg,
            "<path d=\"M{:.1} {:.1}h{:.1}\" stroke=\"{fill}\" stroke-width=\"2\" stroke-linecap=\"round\" stroke-dasharray=\"0 {WIDE}\"/>",
            x + WIDE / 2.0,
            top + HIGH / 2.0,
            width - WIDE + 0.1
        ),
    }
    .unwrap();
}

/// Nearer to the background.
fn dimmed(colour: Rgb) -> Rgb {
    let mut mixed = BACKGROUND;
    for (mixed, colour) in mixed.iter_mut().zip(colour) {
        *mixed = (f32::from(colour) * DIM + f32::from(*mixed) * (1.0 - DIM)).round() as u8;
    }
    mixed
}

fn hex([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
