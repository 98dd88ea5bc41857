//! What a person may choose about the screen.

use crate::config::Palette;

/// Which colours the screen may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorChoice {
    /// The sixteen ANSI colours, in the terminal's own shades.
    #[default]
    Auto,
    /// 24-bit ones, as a theme says.
    TrueColor(Palette),
    /// None, as `NO_COLOR` asks; bold and dim stay.
    None,
}

/// How the screen looks; filled from configuration and environment by whoever opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UiSettings {
    /// Which colours it may use.
    pub color: ColorChoice,
    /// Nothing but ASCII, for terminals without UTF-8.
    pub ascii: bool,
    /// Buttons and the wheel are ours; else they select text, as in a shell.
    pub mouse: bool,
}
