//! Colours by meaning: the sixteen ANSI colours, in the shades that the person chose for the
//! terminal; those of a theme, if the terminal has 24-bit colours; or none. Whatever a colour
//! means, a word or a symbol beside it means, too.

use ratatui::style::{Color, Modifier, Style};

use super::settings::ColorChoice;
use crate::config::{Ink, Palette, Rgb};

/// The role of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The fact itself.
    Plain,
    /// An explanation.
    Secondary,
    /// A name or heading.
    Strong,
    /// phonolog's own colour: what moves, and what can be pressed.
    Accent,
    /// Fine.
    Good,
    /// Fine and idle: a gauge at rest.
    AtRest,
    /// Waiting, or needs attention.
    Waiting,
    /// Failed.
    Bad,
}

/// The style of every role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    color: ColorChoice,
}

impl Theme {
    /// A theme with or without colours.
    pub const fn new(color: ColorChoice) -> Self {
        Self { color }
    }

    /// The colours that it may use.
    pub const fn color(self) -> ColorChoice {
        self.color
    }

    /// The background of everything: a theme's background, with its plain text colour.
    pub fn base(self) -> Style {
        let ColorChoice::TrueColor(palette) = self.color else { return Style::new() };
        match palette.background {
            Some(background) => inked(palette.plain).bg(rgb(background)),
            None => Style::new(),
        }
    }

    /// What the selected row has besides the styles of its roles: one background, and colours that
    /// can be read on it.
    pub fn selection(self) -> Style {
        match self.color {
            ColorChoice::TrueColor(palette) => Style::new().bg(rgb(tinted(&palette))),
            ColorChoice::Auto => Style::new().fg(Color::White).bg(Color::Blue).remove_modifier(Modifier::DIM),
            ColorChoice::None => Style::new().add_modifier(Modifier::REVERSED).remove_modifier(Modifier::DIM),
        }
    }

    /// The style of a role.
    pub fn style(self, role: Role) -> Style {
        match self.color {
            ColorChoice::TrueColor(palette) => inked(ink(&palette, role)),
            ColorChoice::Auto => plain(role).patch(colored(role)),
            ColorChoice::None => plain(role),
        }
    }
}

/// The background with a quarter of the accent in it. Without a background of its own, a theme lies
/// on a dark terminal if its text is bright.
fn tinted(palette: &Palette) -> Rgb {
    let Rgb(red, green, blue) = palette.plain.color;
    let is_bright = u16::from(red) + u16::from(green) + u16::from(blue) > 3 * 128;
    let usual = if is_bright { Rgb(0, 0, 0) } else { Rgb(255, 255, 255) };
    let (from, to) = (palette.background.unwrap_or(usual), palette.accent.color);
    let mix = |from: u8, to: u8| u8::try_from((u16::from(from) * 3 + u16::from(to)) / 4).unwrap_or(from);
    Rgb(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

const fn ink(palette: &Palette, role: Role) -> Ink {
    match role {
        Role::Plain => palette.plain,
        Role::Secondary => palette.secondary,
        Role::Strong => palette.strong,
        Role::Accent => palette.accent,
        Role::Good => palette.good,
        Role::AtRest => palette.at_rest,
        Role::Waiting => palette.waiting,
        Role::Bad => palette.bad,
    }
}

fn inked(ink: Ink) -> Style {
    let style = Style::new().fg(rgb(ink.color));
    if ink.bold { style.add_modifier(Modifier::BOLD) } else { style }
}

const fn rgb(Rgb(red, green, blue): Rgb) -> Color {
    Color::Rgb(red, green, blue)
}

/// Styles that every terminal supports.
const fn plain(role: Role) -> Style {
    match role {
        Role::Plain | Role::Good | Role::Waiting | Role::Bad => Style::new(),
        Role::Secondary | Role::AtRest => Style::new().add_modifier(Modifier::DIM),
        Role::Strong | Role::Accent => Style::new().add_modifier(Modifier::BOLD),
    }
}

/// The sixteen ANSI colours.
const fn colored(role: Role) -> Style {
    match role {
        Role::Plain | Role::Secondary | Role::Strong => Style::new(),
        Role::Accent | Role::Good | Role::AtRest => Style::new().fg(Color::Green),
        Role::Waiting => Style::new().fg(Color::Yellow),
        Role::Bad => Style::new().fg(Color::Red),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::tui::fixtures::pictures::{ROLES, color_choices};

    fn words(style: Style) -> String {
        let color = |sign: &str, color: Option<Color>| color.map(|color| format!("{sign}{color}"));
        let modifiers = (!style.add_modifier.is_empty()).then(|| format!("{:?}", style.add_modifier));
        assert!(style.underline_color.is_none(), "{style:?}");
        let without = (!style.sub_modifier.is_empty()).then(|| format!("not {:?}", style.sub_modifier));
        let words = [color("", style.fg), color("on ", style.bg), modifiers, without];
        words.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_role_has_its_style_in_every_palette() {
        let mut lines = Vec::new();
        for (name, color) in color_choices() {
            let theme = Theme::new(color);
            lines.push(format!("{name}: {}", words(theme.base())));
            lines.extend(ROLES.map(|(role, _)| format!("  {role:?}: {}", words(theme.style(role)))));
            lines.push(format!("  selected: {}", words(theme.selection())));
        }
        let table = lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n");
        assert_snapshot!(table, @r"
        ansi:
          Plain:
          Secondary: DIM
          Strong: BOLD
          Accent: Green BOLD
          Good: Green
          AtRest: Green DIM
          Waiting: Yellow
          Bad: Red
          selected: White on Blue not DIM
        none:
          Plain:
          Secondary: DIM
          Strong: BOLD
          Accent: BOLD
          Good:
          AtRest: DIM
          Waiting:
          Bad:
          selected: REVERSED not DIM
        dark: #D6DAE1 on #14171C
          Plain: #D6DAE1
          Secondary: #8D95A3
          Strong: #F5F7FA BOLD
          Accent: #6CB6F5 BOLD
          Good: #6CB6F5
          AtRest: #4B86BD
          Waiting: #F2D24B
          Bad: #FF7A4D
          selected: on #2A3E52
        light: #2A2F38 on #FBFAF7
          Plain: #2A2F38
          Secondary: #667080
          Strong: #0C0F14 BOLD
          Accent: #0B5CAD BOLD
          Good: #0B5CAD
          AtRest: #4A7FB5
          Waiting: #8A6100
          Bad: #A3195B
          selected: on #BFD2E4
        high-contrast: #FFFFFF on #000000
          Plain: #FFFFFF
          Secondary: #C4C4C4
          Strong: #FFFFFF BOLD
          Accent: #5AC8FF BOLD
          Good: #5AC8FF
          AtRest: #5AC8FF
          Waiting: #FFE600
          Bad: #FF8A66 BOLD
          selected: on #16323F
        ");
    }
}
