//! The unit of systemd's user manager: written and removed, and told what else there is to do.

use std::path::{Path, PathBuf};

use color_eyre::Result;
use etcetera::{BaseStrategy, choose_base_strategy};

use crate::config::Flags;
use crate::files::{self, Links};

use super::super::{Failure, out};

const UNIT: &str = include_str!("../../../assets/phonolog.service");
/// Bytes of a unit, ours or somebody else's.
const LARGEST: u64 = 256 * 1024;
/// Where the command goes.
const PLACE: &str = "@PHONOLOG@";
/// What the first line of a unit of ours says.
const OURS: &str = "# Written by `phonolog daemon --install`";

/// Writes the unit for this binary and these places.
pub fn install(flags: &Flags) -> Result<u8> {
    let path = path()?;
    let text = UNIT.replace(PLACE, &command(flags)?);
    match files::read_text(&path, Links::Follow, LARGEST) {
        Ok(there) if !there.starts_with(OURS) => {
            return Err(Failure::failed(format!(
                "{} is there already and was not written by phonolog; move it away first",
                path.display()
            ))
            .into());
        }
        Ok(there) if there == text => {
            out::say(&format!("{} is there already, as it should be.", path.display()));
        }
        _ => {
            write(&path, &text).map_err(|error| {
                Failure::failed(format!("{} cannot be written ({error}); check the folder", path.display()))
            })?;
            out::say(&format!("Wrote {}.", path.display()));
        }
    }
    out::say("Nothing was started. To start it now and with each login:");
    out::say("  systemctl --user daemon-reload");
    out::say("  systemctl --user enable --now phonolog");
    out::say("To have it run while you are logged out, too:");
    out::say("  loginctl enable-linger");
    Ok(0)
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    std::fs::write(path, text)
}

/// Removes the unit, if it is ours.
pub fn uninstall() -> Result<u8> {
    let path = path()?;
    let trouble = |error: std::io::Error| {
        Failure::failed(format!("{} cannot be removed ({error}); check the folder", path.display()))
    };
    match files::read_text(&path, Links::Follow, LARGEST) {
        Err(error) if error.is_missing() => {
            out::say(&format!("There is no {}; nothing was removed.", path.display()));
        }
        Err(error) => return Err(trouble(error.into()).into()),
        Ok(there) if !there.starts_with(OURS) => {
            return Err(Failure::failed(format!(
                "{} was not written by phonolog; remove it by hand if you do not need it",
                path.display()
            ))
            .into());
        }
        Ok(_) => {
            std::fs::remove_file(&path).map_err(trouble)?;
            out::say(&format!("Removed {}.", path.display()));
            out::say("If it runs still, this ends it:");
            out::say("  systemctl --user disable --now phonolog; systemctl --user daemon-reload");
        }
    }
    Ok(0)
}

fn path() -> Result<PathBuf, Failure> {
    if !cfg!(target_os = "linux") {
        return Err(Failure::failed(
            "there is no systemd on this system; have your service manager run `phonolog daemon`",
        ));
    }
    let dirs = choose_base_strategy()
        .map_err(|_| Failure::failed("no home directory is known; set HOME and try again"))?;
    Ok(dirs.config_dir().join("systemd/user/phonolog.service"))
}

/// This binary, told the same places.
fn command(flags: &Flags) -> Result<String> {
    let binary = std::env::current_exe()?;
    let mut words = vec![quoted(&binary.display().to_string()), "daemon".to_owned()];
    let named = [
        ("--data-dir", &flags.data_dir, "PHONOLOG_DATA_DIR"),
        ("--database", &flags.database, "PHONOLOG_DATABASE_URL"),
        ("--config", &flags.config, "PHONOLOG_CONFIG"),
    ];
    for (flag, value, variable) in named {
        // The manager's environment is another one.
        if let Some(value) = value.clone().or_else(|| std::env::var(variable).ok()) {
            words.extend([flag.to_owned(), quoted(&absolute(flag, &value))]);
        }
    }
    Ok(words.join(" "))
}

/// The manager starts it in another folder, too.
fn absolute(flag: &str, value: &str) -> String {
    let (scheme, path) = match value.split_once(':') {
        Some(("sqlite", path)) if flag == "--database" => ("sqlite:", path.trim_start_matches("//")),
        _ => ("", value),
    };
    let path = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
    format!("{scheme}{}", path.display())
}

/// A word as systemd reads it back.
fn quoted(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_comes_back_whole() {
        assert_eq!(quoted("/home/a b/%h/$x\"\\"), r#""/home/a b/%%h/$$x\"\\""#);
        assert_eq!(absolute("--database", "sqlite:///x/y.db"), "sqlite:/x/y.db");
        assert_eq!(absolute("--data-dir", "/x:y"), "/x:y");
    }

    #[test]
    fn the_unit_has_a_place_for_the_command_and_says_whose_it_is() {
        assert!(UNIT.starts_with(OURS));
        assert_eq!(UNIT.matches(PLACE).count(), 1);
    }
}
