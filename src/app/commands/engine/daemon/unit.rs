//! The unit of systemd's user manager: writes and removes it, and prints the next steps.

use std::path::{Path, PathBuf};

use color_eyre::Result;
use etcetera::{BaseStrategy, choose_base_strategy};

use crate::app::output::print;
use crate::app::runtime::logging;
use crate::app::{Failure, Loaded};
use crate::config::{Config, Flags};
use crate::files::{self, Links};

const UNIT: &str = include_str!("../../../../../assets/phonolog.service");
/// The largest unit file, in bytes, whether written by phonolog or not.
const LARGEST: u64 = 256 * 1024;
/// The placeholder for the program, the flags that name its paths, and the folders that it writes
/// to.
const PROGRAM: &str = "@PHONOLOG@";
const PLACES: &str = "@PLACES@";
const WRITABLE: &str = "@WRITABLE@";
/// The marker at the start and the end of the part that needs a user namespace.
const NAMESPACED: &str = "# The rest needs a user namespace";
const AFTER_NAMESPACED: &str = "[Install]";
/// The start of the first line of a unit that phonolog wrote.
const OURS: &str = "# Written by `phonolog daemon --install`";

/// Writes the unit for this binary and these paths.
pub fn install(loaded: &Loaded) -> Result<u8> {
    let path = path()?;
    let program = std::env::current_exe()?;
    let text = unit(&program, &loaded.flags, &loaded.config, has_user_namespaces())?;
    // The service may write only to existing folders that are listed.
    for folder in folders(&loaded.config) {
        logging::private_dir(&folder)?;
    }
    match files::read_text(&path, Links::Follow, LARGEST) {
        Ok(there) if !there.starts_with(OURS) => {
            return Err(Failure::failed(format!(
                "{} exists and was not written by phonolog; move it away first",
                path.display()
            ))
            .into());
        }
        Ok(there) if there == text => {
            print::line(&format!("{} exists and is up to date.", path.display()));
        }
        _ => {
            write(&path, &text).map_err(|error| {
                Failure::unwritable(&path.display().to_string(), &error, "check the folder")
            })?;
            print::line(&format!("Wrote {}.", path.display()));
        }
    }
    print::line("The service is not started yet. To start it now and at each login:");
    print::line("  systemctl --user daemon-reload");
    print::line("  systemctl --user enable --now phonolog");
    print::line("To keep it running while you are logged out:");
    print::line("  loginctl enable-linger");
    Ok(0)
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    std::fs::write(path, text)
}

/// Removes the unit, if phonolog wrote it.
pub fn uninstall() -> Result<u8> {
    let path = path()?;
    let trouble = |error: std::io::Error| {
        Failure::failed(format!("{} cannot be removed ({error}); check the folder", path.display()))
    };
    match files::read_text(&path, Links::Follow, LARGEST) {
        Err(error) if error.is_missing() => {
            print::line(&format!("There is no {}; nothing was removed.", path.display()));
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
            print::line(&format!("Removed {}.", path.display()));
            print::line("If it is still running, stop it with:");
            print::line("  systemctl --user disable --now phonolog; systemctl --user daemon-reload");
        }
    }
    Ok(0)
}

fn path() -> Result<PathBuf, Failure> {
    if !cfg!(target_os = "linux") {
        return Err(Failure::failed(
            "this system has no systemd; run `phonolog daemon` with your own service manager",
        ));
    }
    let dirs = choose_base_strategy()
        .map_err(|_| Failure::failed("no home directory is known; set HOME and try again"))?;
    Ok(dirs.config_dir().join("systemd/user/phonolog.service"))
}

/// The text of the unit.
fn unit(program: &Path, flags: &Flags, config: &Config, namespaces: bool) -> Result<String, Failure> {
    let program = program.display().to_string();
    let folders: Vec<_> = folders(config).iter().map(|folder| folder.display().to_string()).collect();
    let writable: Result<Vec<_>, _> = folders.iter().map(|folder| quoted_path(folder)).collect();
    let text = UNIT
        .replace(PROGRAM, &quoted_program(&program)?)
        .replace(PLACES, &places(flags)?)
        .replace(WRITABLE, &format!("ReadWritePaths={}", writable?.join(" ")));
    if !namespaces {
        let begin = text.split(NAMESPACED).next().unwrap_or_default();
        let (_, end) = text.split_once(AFTER_NAMESPACED).unwrap_or_default();
        return Ok(format!("{begin}{AFTER_NAMESPACED}{end}"));
    }
    // A path in there would be hidden behind a folder of the service's own.
    let is_temporary = |path: &String| path.starts_with("/tmp/") || path.starts_with("/var/tmp/");
    let config_file =
        std::path::absolute(&config.paths.config_file).unwrap_or_default().display().to_string();
    let is_hidden = folders.iter().chain([&program, &config_file]).any(is_temporary);
    Ok(if is_hidden { text.replace("PrivateTmp=yes", "PrivateTmp=no") } else { text })
}

/// The flags that name the paths, because the manager has another environment.
fn places(flags: &Flags) -> Result<String, Failure> {
    let named = [
        ("--data-dir", &flags.data_dir, "PHONOLOG_DATA_DIR"),
        ("--database", &flags.database, "PHONOLOG_DATABASE_URL"),
        ("--config", &flags.config, "PHONOLOG_CONFIG"),
    ];
    let mut words = String::new();
    for (flag, value, variable) in named {
        if let Some(value) = value.clone().or_else(|| std::env::var(variable).ok()) {
            words = format!("{words} {flag} {}", quoted(&absolute(flag, &value))?);
        }
    }
    Ok(words)
}

/// The folders that the daemon writes to, except its socket's.
fn folders(config: &Config) -> Vec<PathBuf> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let data_dir = absolute(&config.paths.data_dir);
    // If the path is a link, the file and its log are in the target's folder.
    let database = std::fs::canonicalize(&config.paths.database);
    let database = database.unwrap_or_else(|_| absolute(&config.paths.database));
    let other = database.parent().filter(|folder| !folder.starts_with(&data_dir)).map(Path::to_owned);
    [data_dir].into_iter().chain(other).collect()
}

/// Whether the kernel allows all users to create user namespaces, as far as it says; see
/// <https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Sandboxing>.
fn has_user_namespaces() -> bool {
    let says = |file: &str, word: &str| {
        std::fs::read_to_string(Path::new("/proc/sys").join(file)).is_ok_and(|text| text.trim() == word)
    };
    // Debian's and Ubuntu's own settings, and the kernel's.
    !(says("kernel/unprivileged_userns_clone", "0")
        || says("kernel/apparmor_restrict_unprivileged_userns", "1")
        || says("user/max_user_namespaces", "0"))
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

/// A word of a command in the form that systemd parses.
fn quoted(word: &str) -> Result<String, Failure> {
    Ok(quoted_path(word)?.replace('$', "$$"))
}

/// The program of a command in the form that systemd parses: it expands no variables in it, and
/// accepts no quotes or backslashes (`string_is_safe` in its `config_parse_exec`).
fn quoted_program(path: &str) -> Result<String, Failure> {
    if path.contains(['"', '\'', '\\', char::REPLACEMENT_CHARACTER]) {
        return Err(Failure::failed(format!(
            "systemd starts no program whose path is {path:?}; move phonolog to a place without such characters"
        )));
    }
    quoted_path(path)
}

/// A path of a setting in the form that systemd parses.
fn quoted_path(path: &str) -> Result<String, Failure> {
    if path.chars().any(char::is_control) {
        return Err(Failure::failed(format!(
            "{path:?} has a line end or control character in it and cannot be written into a unit; choose another place"
        )));
    }
    let escaped = path.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    Ok(format!("\"{escaped}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(dir: &str, namespaces: bool) -> String {
        let flags = Flags { data_dir: Some(dir.to_owned()), database: None, config: None };
        let home = |name: &str| (name == "HOME").then(|| "/home/ann".to_owned());
        let mut config = Config::load(&flags, &home).unwrap();
        config.paths.config_file = "/home/ann/config.toml".into();
        unit(Path::new("/usr/bin/phonolog"), &flags, &config, namespaces).unwrap()
    }

    #[test]
    fn a_word_comes_back_whole() {
        assert_eq!(quoted("/home/a b/%h/$x\"\\").unwrap(), r#""/home/a b/%%h/$$x\"\\""#);
        assert_eq!(quoted_path("/home/$x").unwrap(), r#""/home/$x""#);
        assert!(quoted("/home/a\nExecStartPre=evil").is_err());
        assert_eq!(quoted_program("/home/a b/%h/$x;#").unwrap(), r#""/home/a b/%%h/$x;#""#);
        for path in ["/a\"b", "/a'b", "/a\\b", "/a\nb", "/a\u{fffd}b"] {
            assert!(quoted_program(path).is_err(), "{path}");
        }
        assert_eq!(absolute("--database", "sqlite:///x/y.db"), "sqlite:/x/y.db");
        assert_eq!(absolute("--data-dir", "/x:y"), "/x:y");
    }

    #[test]
    fn the_unit_says_whose_it_is_and_every_place_is_filled() {
        assert!(UNIT.starts_with(OURS));
        let text = written("/home/ann/data", true);
        for place in [PROGRAM, PLACES, WRITABLE] {
            assert!(!text.contains(place), "{text}");
        }
        for line in [
            "ExecStart=\"/usr/bin/phonolog\" daemon --data-dir \"/home/ann/data\"",
            "ExecReload=\"/usr/bin/phonolog\" reload --data-dir \"/home/ann/data\"",
            "ReadWritePaths=\"/home/ann/data\"",
            "LimitCORE=0",
            "PrivateTmp=yes",
        ] {
            assert!(text.lines().any(|written| written.starts_with(line)), "{line}: {text}");
        }
    }

    #[test]
    fn what_lies_in_a_temporary_folder_is_not_hidden() {
        assert!(written("/tmp/data", true).contains("PrivateTmp=no\n"));
    }

    #[test]
    fn without_user_namespaces_only_what_needs_none_is_asked_for() {
        let text = written("/home/ann/data", false);
        for word in ["PrivateUsers", "ProtectSystem", "ReadWritePaths", "CapabilityBoundingSet"] {
            assert!(!text.contains(word), "{text}");
        }
        assert!(
            text.contains("NoNewPrivileges=yes\n") && text.contains("WantedBy=default.target\n"),
            "{text}"
        );
    }
}
