//! Colours of the screen, by meaning: built-in themes, and a person's own as a file.
//!
//! A theme is for terminals with 24-bit colours. All others use the sixteen ANSI colours, in the
//! shades of the terminal.

use std::path::Path;

use serde::{Deserialize, Deserializer};

use super::ConfigError;
use crate::files::{self, Links};

/// The largest theme file; built-in ones have 1 kB.
const LARGEST: u64 = 64 * 1024;

/// The name for no theme: the sixteen ANSI colours.
const ANSI: &str = "ansi";

/// The built-in themes.
const OWN: [(&str, &str); 8] = [
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("high-contrast", include_str!("../../assets/themes/high-contrast.toml")),
    ("catppuccin", include_str!("../../assets/themes/catppuccin.toml")),
    ("gruvbox", include_str!("../../assets/themes/gruvbox.toml")),
    ("nord", include_str!("../../assets/themes/nord.toml")),
    ("rose-pine", include_str!("../../assets/themes/rose-pine.toml")),
    ("tokyo-night", include_str!("../../assets/themes/tokyo-night.toml")),
];

/// A colour in 24 bits: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// The style of one kind of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink {
    /// The colour.
    pub color: Rgb,
    /// Whether it is bold.
    pub bold: bool,
}

/// A style for every meaning of text; `#rrggbb`, or `#rrggbb bold`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Palette {
    /// The background of everything; `None` is the terminal's own.
    #[serde(default, deserialize_with = "color_if_any")]
    pub background: Option<Rgb>,
    /// The fact itself.
    pub plain: Ink,
    /// An explanation.
    pub secondary: Ink,
    /// A name or heading.
    pub strong: Ink,
    /// What moves, and what can be pressed.
    pub accent: Ink,
    /// Fine.
    pub good: Ink,
    /// Fine and idle.
    pub at_rest: Ink,
    /// Waiting, or needs attention.
    pub waiting: Ink,
    /// Failed.
    pub bad: Ink,
}

/// The names of the built-in themes, after the name for none.
pub fn theme_names() -> impl Iterator<Item = &'static str> {
    std::iter::once(ANSI).chain(OWN.iter().map(|(name, _)| *name))
}

impl Palette {
    /// The built-in theme of that name; `None` for no theme.
    #[must_use]
    pub fn built_in(name: &str) -> Option<Self> {
        let (name, text) = OWN.iter().find(|(own, _)| *own == name)?;
        Self::parse(name, text).ok()
    }

    /// The theme of that name. If the name has a slash or ends in `.toml`, the theme in that file,
    /// relative to the config file. `None`: the sixteen ANSI colours.
    pub fn named(written: &str, config_dir: &Path) -> Result<Option<Self>, ConfigError> {
        if written == ANSI {
            return Ok(None);
        }
        if written.contains('/') || Path::new(written).extension().is_some_and(|ext| ext == "toml") {
            let path = config_dir.join(written);
            let text = files::read_text(&path, Links::Follow, LARGEST)
                .map_err(|error| ConfigError::Theme { name: written.to_owned(), why: error.to_string() })?;
            return Self::parse(written, &text).map(Some);
        }
        match OWN.iter().find(|(name, _)| *name == written) {
            Some((name, text)) => Self::parse(name, text).map(Some),
            None => Err(ConfigError::UnknownTheme { name: written.to_owned(), nearest: nearest(written) }),
        }
    }

    fn parse(name: &str, text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error: toml::de::Error| ConfigError::Theme {
            name: name.to_owned(),
            why: error.message().lines().collect::<Vec<_>>().join(", "),
        })
    }
}

/// The most similar name.
fn nearest(written: &str) -> &'static str {
    crate::domain::nearest(written, theme_names()).unwrap_or(ANSI)
}

fn color(written: &str) -> Result<Rgb, String> {
    let refused = || format!("`{written}` is not a colour; write it as #rrggbb");
    let digits = written.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii());
    let number = u32::from_str_radix(digits.ok_or_else(refused)?, 16).map_err(|_| refused())?;
    let [_, red, green, blue] = number.to_be_bytes();
    Ok(Rgb(red, green, blue))
}

fn color_if_any<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Rgb>, D::Error> {
    let written = String::deserialize(from)?;
    color(&written).map(Some).map_err(serde::de::Error::custom)
}

impl<'de> Deserialize<'de> for Ink {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let written = String::deserialize(from)?;
        let (name, bold) = match written.split_once(' ') {
            Some((name, "bold")) => (name, true),
            Some((_, other)) => {
                let why = format!("unknown word `{other}`; only `bold` may follow a colour");
                return Err(serde::de::Error::custom(why));
            }
            None => (written.as_str(), false),
        };
        Ok(Self { color: color(name).map_err(serde::de::Error::custom)?, bold })
    }
}

/// Whether a terminal shows 24-bit colours, as far as it says so.
pub fn speaks_truecolor(env: &dyn Fn(&str) -> Option<String>) -> bool {
    let says = |name: &str, words: &[&str]| {
        env(name).is_some_and(|value| words.iter().any(|word| value.to_ascii_lowercase().ends_with(word)))
    };
    says("COLORTERM", &["truecolor", "24bit"]) || says("TERM", &["-direct", "-truecolor"])
}

/// Whether a terminal shows no colours at all.
pub fn is_colorless(env: &dyn Fn(&str) -> Option<String>) -> bool {
    env("NO_COLOR").is_some() || env("TERM").is_some_and(|term| term == "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Vec<(&'static str, Palette)> {
        OWN.iter().map(|(name, text)| (*name, Palette::parse(name, text).unwrap())).collect()
    }

    /// Linear light intensity, 0 to 1.
    fn linear(Rgb(red, green, blue): Rgb) -> [f64; 3] {
        [red, green, blue].map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        })
    }

    /// As WCAG 2 defines it.
    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let light = |color| {
            let [red, green, blue] = linear(color);
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        let (a, b) = (light(a), light(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn by_matrix(color: Rgb, matrix: [[f64; 3]; 3]) -> [f64; 3] {
        let seen = linear(color);
        matrix.map(|row| {
            row.iter()
                .zip(seen)
                .map(|(weight, part)| weight * part)
                .sum::<f64>()
                .clamp(0.0, 1.0)
                .powf(1.0 / 2.2)
        })
    }

    /// A colour as seen by people without green cones, without red cones and with all cones
    /// (Machado, Oliveira and Fernandes 2009, severity 1), in perceptually even steps.
    fn as_seen(color: Rgb) -> [[f64; 3]; 3] {
        const NORMAL: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        const DEUTAN: [[f64; 3]; 3] = [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ];
        const PROTAN: [[f64; 3]; 3] = [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ];
        [by_matrix(color, DEUTAN), by_matrix(color, PROTAN), by_matrix(color, NORMAL)]
    }

    #[test]
    fn every_theme_can_be_read_on_its_background() {
        for (name, theme) in own() {
            let background = theme.background.unwrap();
            let least = if name == "high-contrast" { 7.0 } else { 4.5 };
            for ink in [
                theme.plain,
                theme.secondary,
                theme.strong,
                theme.accent,
                theme.good,
                theme.waiting,
                theme.bad,
            ] {
                let contrast = contrast(ink.color, background);
                assert!(contrast >= least, "{name}: {ink:?} has {contrast:.1}");
            }
            // Only the shape of a bar at rest must be visible.
            assert!(contrast(theme.at_rest.color, background) >= 3.0, "{name}");
        }
    }

    #[test]
    fn well_waiting_and_wrong_are_told_apart_whatever_colours_one_sees() {
        for (name, theme) in own() {
            let inks = [theme.good, theme.waiting, theme.bad];
            for (i, a) in inks.iter().enumerate() {
                for b in &inks[i + 1..] {
                    for (a, b) in as_seen(a.color).iter().zip(as_seen(b.color)) {
                        let apart = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                        assert!(apart > 0.25, "{name}: {a:?} and {b:?} are {apart:.2} apart");
                    }
                }
            }
        }
    }

    #[test]
    fn a_theme_is_found_by_name_or_path_and_refused_with_the_reason() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Palette::named("ansi", dir.path()).unwrap(), None);
        let dark = Palette::named("dark", dir.path()).unwrap().unwrap();
        assert_eq!(dark.good, Ink { color: Rgb(0x6c, 0xb6, 0xf5), bold: false });
        assert!(dark.strong.bold);
        std::fs::write(dir.path().join("mine.toml"), OWN[0].1.replace("background", "#")).unwrap();
        let mine = Palette::named("mine.toml", dir.path()).unwrap().unwrap();
        assert_eq!(mine, Palette { background: None, ..dark });
        let refused = |written: &str| Palette::named(written, dir.path()).unwrap_err().to_string();
        assert!(refused("drak").contains("`dark`"), "{}", refused("drak"));
        assert!(refused("high contrast").contains("`high-contrast`"));
        assert!(refused("./none.toml").contains("none.toml"));
        for (from, to, why) in [
            ("#d6dae1", "red", "`red` is not a colour"),
            ("#d6dae1", "#d6dae", "is not a colour"),
            ("f5f7fa bold", "f5f7fa bolt", "unknown word `bolt`"),
            ("plain", "plian", "plian"),
        ] {
            std::fs::write(dir.path().join("faulty.toml"), OWN[0].1.replace(from, to)).unwrap();
            assert!(refused("faulty.toml").contains(why), "{}", refused("faulty.toml"));
        }
    }

    #[test]
    fn colours_are_as_many_as_the_terminal_says() {
        let env = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        assert!(speaks_truecolor(&env(&[("COLORTERM", "truecolor")])));
        assert!(speaks_truecolor(&env(&[("COLORTERM", "24bit"), ("TERM", "xterm")])));
        assert!(speaks_truecolor(&env(&[("TERM", "xterm-direct")])));
        assert!(!speaks_truecolor(&env(&[("TERM", "xterm-256color")])));
        assert!(is_colorless(&env(&[("TERM", "dumb")])) && is_colorless(&env(&[("NO_COLOR", "1")])));
        assert!(!is_colorless(&env(&[("TERM", "xterm-256color")])));
    }
}
