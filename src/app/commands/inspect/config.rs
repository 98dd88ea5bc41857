//! `phonolog config`: shows, checks and writes the settings.

use std::io::Write as _;
use std::path::Path;

use color_eyre::Result;
use color_eyre::eyre::eyre;
use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use crate::cli;
use crate::config::{self, Flags, LARGEST_CONFIG, SAMPLE};
use crate::domain::{ClientId, EXPOSED};
use crate::files::{self, Links};

use crate::app::Failure;
use crate::app::output::print;
use crate::app::runtime::logging;

/// Where a value stands in the config file.
struct ConfigPlace {
    /// `None`: at the top.
    table: Option<&'static str>,
    key: &'static str,
}

const CLIENT_ID: ConfigPlace = ConfigPlace { table: None, key: "client_id" };
const THEME: ConfigPlace = ConfigPlace { table: Some("ui"), key: "theme" };

/// Does what the flags say; without flags, prints the current settings.
pub fn show(flags: &Flags, args: &cli::ConfigArgs) -> Result<u8> {
    if args.sample {
        print::line(SAMPLE.trim_end());
        return Ok(0);
    }
    if args.write {
        return write(flags);
    }
    let config = crate::app::settings(flags)?;
    if args.check {
        print::line(&format!("The settings are valid ({}).", config.paths.config_file.display()));
        if config.is_exposed() {
            print::error(EXPOSED);
        }
    } else {
        print::line(config::describe(&config).trim_end());
    }
    Ok(0)
}

fn write(flags: &Flags) -> Result<u8> {
    // A named file that does not exist yet is the normal case here, so only its path is resolved.
    let named = flags.config.clone().or_else(|| std::env::var("PHONOLOG_CONFIG").ok());
    let path = config::config_file(named.as_deref())?;
    match create(&path, SAMPLE) {
        Ok(()) => {
            print::line(&format!(
                "Wrote {}; it lists every key with its default, commented out.",
                path.display()
            ));
        }
        Err(why) => {
            return Err(Failure::failed(format!(
                "{} cannot be written ({why}); move the old one away, or edit it by hand",
                path.display()
            ))
            .into());
        }
    }
    Ok(0)
}

/// Writes a new file.
fn create(path: &Path, text: &str) -> Result<()> {
    if let Some(dir) = path.parent() {
        logging::private_dir(dir)?;
    }
    std::fs::File::create_new(path)?.write_all(text.as_bytes())?;
    Ok(())
}

/// Sets the client id in the config file.
pub fn keep_client_id(path: &Path, id: &ClientId) -> Result<(), Failure> {
    keep_value(path, &CLIENT_ID, &id.to_string()).map_err(|why| {
        Failure::failed(format!(
            "the client id cannot be saved in {} ({why}); set client_id there by hand, or set PHONOLOG_CLIENT_ID, and start again",
            path.display()
        ))
    })
}

/// Sets the theme in the config file.
pub fn keep_theme(path: &Path, name: &str) -> Result<(), Failure> {
    keep_value(path, &THEME, name).map_err(|why| {
        Failure::failed(format!(
            "the theme cannot be saved in {} ({why}); set ui.theme there by hand",
            path.display()
        ))
    })
}

/// Sets a value in the config file and leaves everything else unchanged; a missing file starts as the sample.
fn keep_value(path: &Path, place: &ConfigPlace, value: &str) -> Result<()> {
    match files::read_text(path, Links::Follow, LARGEST_CONFIG) {
        Ok(text) => with_value(&text, place, value).and_then(|text| replace(path, &text)),
        Err(error) if error.is_missing() => {
            with_value(SAMPLE, place, value).and_then(|text| create(path, &text))
        }
        Err(error) => Err(error.into()),
    }
}

fn with_value(text: &str, place: &ConfigPlace, value: &str) -> Result<String> {
    let ConfigPlace { table, key } = place;
    // If the sample's own line is there, it is replaced.
    let uncommented = text.replacen(&format!("\n#{key} = "), &format!("\n{key} = "), 1);
    let has_place = |document: &DocumentMut| match table {
        Some(table) => document.get(table).is_some_and(|table| table.get(key).is_some()),
        None => document.contains_key(key),
    };
    let placed = uncommented.parse::<DocumentMut>().ok().filter(has_place);
    let mut document = placed.map_or_else(|| text.parse(), Ok)?;
    let table: &mut dyn TableLike = match table {
        Some(name) => {
            let entry = document.entry(name).or_insert(Item::Table(Table::new()));
            entry.as_table_like_mut().ok_or_else(|| eyre!("`{name}` is not a table"))?
        }
        None => document.as_table_mut(),
    };
    set(table, key, value.into());
    Ok(document.to_string())
}

/// Replaces the old value, so that comments about it stay.
fn set(table: &mut dyn TableLike, key: &str, mut new: Value) {
    match table.get_mut(key) {
        Some(old) => {
            if let Some(old) = old.as_value() {
                *new.decor_mut() = old.decor().clone();
            }
            *old = Item::Value(new);
        }
        None => drop(table.insert(key, Item::Value(new))),
    }
}

/// Replaces the file, so that a kill leaves either the old or the new one. The old one's mode is
/// kept and, if a link leads to it, the link.
fn replace(path: &Path, text: &str) -> Result<()> {
    let path = path.canonicalize()?;
    let dir = path.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(std::fs::metadata(&path)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use rstest::rstest;

    use super::{SAMPLE, keep_client_id, keep_theme};
    use crate::domain::ClientId;

    const ID: &str = "0123456789abcdef0123456789abcde0";

    fn id() -> ClientId {
        ID.parse().unwrap()
    }

    #[rstest]
    #[case::empty("", &format!("client_id = \"{ID}\"\n"))]
    #[case::table_first("# mine\n[ui]\nascii = true # so\n", &format!("client_id = \"{ID}\"\n# mine\n[ui]\nascii = true # so\n"))]
    #[case::other_one("data_dir = \"/d\"\nclient_id = \"old\" # the one\n", &format!("data_dir = \"/d\"\nclient_id = \"{ID}\" # the one\n"))]
    #[case::a_comment_where_it_would_be_another_key(
        "[ui]\n#client_id = \"x\"\nascii = true\n",
        &format!("client_id = \"{ID}\"\n[ui]\n#client_id = \"x\"\nascii = true\n")
    )]
    fn a_client_id_is_set_and_all_else_is_left(#[case] before: &str, #[case] after: &str) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        std::fs::write(&file, before).unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        let link = dir.path().join("link.toml");
        symlink(&file, &link).unwrap();
        keep_client_id(&link, &id()).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), after);
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "nothing is left lying about");
    }

    #[rstest]
    #[case::empty("", "[ui]\ntheme = \"nord\"\n")]
    #[case::another(
        "[ui] # mine\nascii = true\ntheme = \"dark\" # so\n[log]\n",
        "[ui] # mine\nascii = true\ntheme = \"nord\" # so\n[log]\n"
    )]
    #[case::inline("ui = { mouse = false }\n", "ui = { mouse = false , theme = \"nord\" }\n")]
    fn a_theme_is_set_in_its_table(#[case] before: &str, #[case] after: &str) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        std::fs::write(&file, before).unwrap();
        keep_theme(&file, "nord").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), after);
        std::fs::write(&file, SAMPLE).unwrap();
        keep_theme(&file, "nord").unwrap();
        assert_eq!(
            std::fs::read_to_string(&file).unwrap(),
            SAMPLE.replace("#theme = \"ansi\"", "theme = \"nord\"")
        );
    }

    #[test]
    fn a_file_that_is_not_there_begins_as_the_sample_with_the_id_in_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("new/config.toml");
        keep_client_id(&file, &id()).unwrap();
        let expected = SAMPLE
            .lines()
            .map(|line| {
                if line.starts_with("#client_id") { format!("client_id = \"{ID}\"") } else { line.to_owned() }
            })
            .collect::<Vec<_>>();
        assert_eq!(std::fs::read_to_string(&file).unwrap().lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_cannot_be_read_is_left_and_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        std::fs::write(&file, "[ui\n").unwrap();
        let why = keep_client_id(&file, &id()).unwrap_err().to_string();
        assert!(why.contains("config.toml") && why.contains("PHONOLOG_CLIENT_ID"), "{why}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "[ui\n");
    }
}
