//! The settings of the screen.

use crate::config::Palette;

/// The colours of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorChoice {
    /// The sixteen ANSI colours, in the terminal's own shades.
    #[default]
    Auto,
    /// 24-bit colours of a theme.
    TrueColor(Palette),
    /// None, as `NO_COLOR` requests; bold and dim stay.
    None,
}

/// The appearance of the screen; the caller fills it from configuration and environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UiSettings {
    /// The colours.
    pub color: ColorChoice,
    /// Whether the terminal shows the 24-bit colours of a theme.
    pub truecolor: bool,
    /// Whether only ASCII is used, for terminals without UTF-8.
    pub ascii: bool,
    /// Whether buttons and the wheel are captured; otherwise they select text, as in a shell.
    pub mouse: bool,
}
