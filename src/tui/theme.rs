//! Colours by meaning. The sixteen ANSI colours, in the shades the person chose for their terminal; or
//! none. Whatever a colour says, a word or a sign beside it says too.

use ratatui::style::{Color, Modifier, Style};

use super::settings::ColorChoice;

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The fact itself.
    Plain,
    /// What explains it.
    Secondary,
    /// A name or heading.
    Strong,
    /// phonolog's own colour: what moves, what can be pressed.
    Accent,
    /// All is well.
    Good,
    /// All is well and nothing moves: a gauge at rest.
    AtRest,
    /// Waits, or wants a look.
    Waiting,
    /// Went wrong.
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

    /// How a role looks.
    pub const fn style(self, role: Role) -> Style {
        let style = Style::new();
        match role {
            Role::Plain => style,
            Role::Secondary => style.add_modifier(Modifier::DIM),
            Role::Strong => style.add_modifier(Modifier::BOLD),
            Role::Accent => self.colored(Color::Green).add_modifier(Modifier::BOLD),
            Role::Good => self.colored(Color::Green),
            Role::AtRest => self.colored(Color::Green).add_modifier(Modifier::DIM),
            Role::Waiting => self.colored(Color::Yellow),
            Role::Bad => self.colored(Color::Red),
        }
    }

    const fn colored(self, color: Color) -> Style {
        match self.color {
            ColorChoice::Auto => Style::new().fg(color),
            ColorChoice::None => Style::new(),
        }
    }
}
