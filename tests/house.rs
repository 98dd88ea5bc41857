//! Holds the borders between the modules: who may use whom, and what is never used where.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "all of this is test, helpers included; clippy sees only the functions marked so"
)]

#[path = "house/documents.rs"]
mod documents;
#[path = "house/rooms.rs"]
mod rooms;

use std::fs;
use std::path::{Path, PathBuf};

/// Module, siblings it may name, words that must not stand in it.
const BORDERS: &[(&str, &[&str], &[&str])] = &[
    (
        "domain",
        &["domain"],
        &["tokio", "sqlx", "reqwest", "ratatui", "crossterm", "axum", "std::fs", "std::net"],
    ),
    ("search", &["search", "domain"], &["tokio", "sqlx", "reqwest", "ratatui", "crossterm", "std::fs"]),
    ("clock", &["clock", "domain"], &["sqlx", "reqwest", "ratatui", "crossterm"]),
    ("files", &["files"], &["tokio", "sqlx", "reqwest", "ratatui", "crossterm", "async "]),
    ("config", &["config", "domain", "files"], &["tokio", "sqlx", "reqwest", "ratatui", "crossterm"]),
    ("spotify", &["spotify", "domain", "clock", "config", "json"], &["sqlx", "ratatui", "crossterm"]),
    ("store", &["store", "domain", "files"], &["reqwest", "ratatui", "crossterm"]),
    (
        "engine",
        &["engine", "domain", "clock", "config", "spotify", "store", "handle"],
        &["ratatui", "crossterm", "sqlx", "reqwest"],
    ),
    (
        "import",
        &["import", "domain", "files", "json"],
        &["tokio", "sqlx", "reqwest", "ratatui", "crossterm", "axum", "async "],
    ),
    ("json", &["json"], &["tokio", "sqlx", "reqwest", "ratatui", "crossterm", "axum", "std::fs"]),
    ("handle", &["handle", "domain"], &["sqlx", "reqwest", "ratatui", "crossterm"]),
    (
        "cli",
        &["cli", "domain", "simulator"],
        &["tokio", "sqlx", "reqwest", "ratatui", "crossterm", "std::fs"],
    ),
    ("api", &["api", "domain", "handle", "config", "files"], &["sqlx", "ratatui", "crossterm"]),
    ("tui", &["tui", "domain", "handle", "clock", "config"], &["sqlx", "reqwest"]),
    ("simulator", &["simulator", "domain"], &["sqlx", "reqwest", "ratatui", "crossterm"]),
];

/// Macros that write to a terminal which may be gone; commands alone may use them.
const PRINTS: &[&str] = &["println!", "eprintln!", "print!(", "eprint!(", "dbg!"];

fn sources(module: &str) -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let file = src.join(format!("{module}.rs"));
    let mut found = if file.exists() { vec![file] } else { Vec::new() };
    let mut folders = vec![src.join(module)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "module {module} has no source file");
    found
}

/// Every `crate::NAME` of the text, and those of `use crate::{A, B}`.
fn siblings(text: &str) -> Vec<String> {
    let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    text.split("crate::").skip(1).map(word).filter(|name| !name.is_empty()).collect()
}

fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn modules_name_only_the_siblings_they_may_use() {
    for (module, allowed, banned) in BORDERS {
        for path in sources(module) {
            let text = code(&fs::read_to_string(&path).unwrap());
            assert!(!text.contains("use crate::{"), "{}: name siblings one by one", path.display());
            for name in siblings(&text) {
                assert!(allowed.contains(&name.as_str()), "{} must not use crate::{name}", path.display());
            }
            for word in banned.iter().chain(PRINTS) {
                assert!(!text.contains(word), "{} must not use {word}", path.display());
            }
        }
    }
}

#[test]
fn every_module_has_its_border() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(src).unwrap().flatten() {
        let name = entry.path().file_stem().unwrap().to_string_lossy().into_owned();
        let free = ["main", "lib", "app", "cli"].contains(&name.as_str());
        assert!(
            free || BORDERS.iter().any(|(module, ..)| *module == name),
            "{name} has no row in this table"
        );
    }
}

#[test]
fn only_main_uses_app() {
    for (module, ..) in BORDERS {
        for path in sources(module) {
            assert!(!fs::read_to_string(&path).unwrap().contains("crate::app"), "{}", path.display());
        }
    }
}

/// Rows of exports are written without looking whether what they name is there
/// (`store::plays::imported`).
#[test]
fn what_rows_of_exports_name_is_never_deleted() {
    const NAMED: [&str; 6] =
        ["accounts", "tracks", "episodes", "export_items", "export_circumstances", "export_files"];
    let is_test = |path: &Path| path.components().any(|part| part.as_os_str() == "tests");
    for path in sources("store").into_iter().filter(|path| !is_test(path)) {
        let text = fs::read_to_string(&path).unwrap();
        let deleted = text.split("delete from ").skip(1);
        for table in deleted.filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
        {
            assert!(!NAMED.contains(&table), "{} deletes from {table}", path.display());
        }
    }
}

/// Whoever writes the database holds its lock: there is one way to open it so.
#[test]
fn commands_open_the_database_for_writing_in_one_place() {
    for path in sources("app") {
        let text = code(&fs::read_to_string(&path).unwrap());
        assert!(!text.contains("Access::ReadWrite"), "{}: use engine_room::open_for_writing", path.display());
        let is_the_place = path.ends_with("app/runtime/migration.rs");
        assert!(is_the_place || !text.contains("open_locked"), "{}", path.display());
    }
}
