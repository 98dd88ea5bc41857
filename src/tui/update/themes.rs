//! Another theme for the screen.
//!
//! Owns: which theme comes next and what is said of it. Must not know: where the choice is kept.

use chrono::{DateTime, Utc};

use super::{Effect, note};
use crate::config::{Palette, theme_names};
use crate::tui::state::model::Model;
use crate::tui::style::settings::ColorChoice;
use crate::tui::style::theme::{Role, Theme};

const NO_COLORS: &str = "a theme needs 24-bit colours; set ui.truecolor = true if your terminal has them";

/// Shows the theme of this name, or the next one, and keeps it.
pub fn choose(model: &mut Model, name: Option<&'static str>, at: DateTime<Utc>) -> Option<Effect> {
    if !model.look.truecolor {
        note(model, Role::Waiting, NO_COLORS.to_owned(), at);
        return None;
    }
    let name = name.unwrap_or_else(|| following(model.look.theme.color()));
    let color = Palette::built_in(name).map_or(ColorChoice::Auto, ColorChoice::TrueColor);
    model.look.theme = Theme::new(color);
    note(model, Role::Good, format!("theme {name}"), at);
    Some(Effect::KeepTheme(name))
}

/// The theme after the one that is shown; after a person's own comes the first one.
fn following(shown: ColorChoice) -> &'static str {
    let is_shown = |name: &&str| match shown {
        ColorChoice::TrueColor(palette) => Palette::built_in(name) == Some(palette),
        ColorChoice::Auto | ColorChoice::None => Palette::built_in(name).is_none(),
    };
    let mut behind = theme_names().skip_while(|name| !is_shown(name)).skip(1);
    behind.next().or_else(|| theme_names().next()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_comes_in_turn_and_then_the_first_again() {
        let mut color = ColorChoice::Auto;
        let mut seen = Vec::new();
        for _ in theme_names() {
            let name = following(color);
            seen.push(name);
            color = Palette::built_in(name).map_or(ColorChoice::Auto, ColorChoice::TrueColor);
        }
        let mut expected: Vec<_> = theme_names().skip(1).collect();
        expected.extend(theme_names().next());
        assert_eq!(seen, expected);
    }
}
