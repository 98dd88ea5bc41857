//! Holds the borders between the rooms of the large modules, and what else keeps the source easy to find one's way in.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{code, sources};

/// Module, room, the rooms that it may use. One cycle is left: the model of the terminal holds the keymap, whose keys
/// depend on what the model shows.
const ROOMS: &[(&str, &str, &[&str])] = &[
    ("store", "db", &[]),
    ("store", "state", &["db"]),
    ("store", "journal", &["db"]),
    ("store", "play_columns", &["db"]),
    ("store", "stats", &["db", "play_columns"]),
    ("store", "catalog", &["db", "state"]),
    ("store", "playlists", &["catalog", "db", "journal", "state"]),
    ("store", "library", &["catalog", "db", "journal", "playlists", "state"]),
    ("store", "plays", &["catalog", "db", "play_columns", "state", "stats"]),
    ("store", "history", &["db", "journal", "playlists"]),
    ("store", "queries", &["db", "journal", "play_columns", "stats"]),
    ("app", "commands", &["output", "runtime"]),
    ("app", "runtime", &["output"]),
    ("app", "output", &[]),
    ("tui", "style", &[]),
    ("tui", "layout", &[]),
    ("tui", "state", &["input", "layout", "style"]),
    ("tui", "input", &["state"]),
    ("tui", "view", &["input", "layout", "state", "style"]),
    ("tui", "update", &["input", "state", "style", "view"]),
    ("tui", "runtime", &["input", "state", "style", "update", "view"]),
    ("tui", "first_run", &["input", "runtime", "state", "style", "view"]),
];

fn is_test(path: &Path) -> bool {
    let name = path.file_stem().unwrap().to_string_lossy();
    name.ends_with("tests") || path.components().any(|part| part.as_os_str() == "tests")
}

/// The code of a file without its comments and its own tests.
fn without_tests(path: &Path) -> String {
    let text = code(&fs::read_to_string(path).unwrap());
    text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned()
}

#[test]
fn rooms_use_only_the_rooms_they_may_use() {
    for (module, room, allowed) in ROOMS {
        let start = format!("crate::{module}::");
        for path in sources(&format!("{module}/{room}")).into_iter().filter(|path| !is_test(path)) {
            for rest in without_tests(&path).split(&start).skip(1) {
                let used = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
                let is_room = ROOMS.iter().any(|(of, name, _)| of == module && *name == used);
                let may = !is_room || used == *room || allowed.contains(&used);
                assert!(may, "{} must not use {start}{used}", path.display());
            }
        }
    }
}

#[test]
fn every_folder_of_the_large_modules_is_a_room() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for module in ["store", "app", "tui"] {
        for entry in fs::read_dir(src.join(module)).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
            let name = entry.file_name().into_string().unwrap();
            let is_free = ["tests", "fixtures", "snapshots"].contains(&name.as_str());
            let has_row = ROOMS.iter().any(|(of, room, _)| *of == module && *room == name);
            assert!(is_free || has_row, "{module}/{name} has no row in this table");
        }
    }
}

/// Every source file of the program and its tests.
fn all_sources() -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let modules = fs::read_dir(src).unwrap().flatten().map(|entry| entry.path());
    let mut names: Vec<String> =
        modules.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    names.sort();
    names.dedup();
    names.iter().flat_map(|name| sources(name)).collect()
}

#[test]
fn nobody_climbs_two_modules_up() {
    for path in all_sources() {
        let climbs = ["super", "super"].join("::");
        assert!(!fs::read_to_string(&path).unwrap().contains(&climbs), "{}: use crate::", path.display());
    }
}

#[test]
fn a_folder_has_at_most_fourteen_source_files() {
    let mut files: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for path in all_sources().into_iter().filter(|path| !is_test(path)) {
        *files.entry(path.parent().unwrap().to_owned()).or_default() += 1;
    }
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (folder, count) in files.into_iter().filter(|(folder, _)| *folder != src) {
        assert!(count <= 14, "{} has {count} source files", folder.display());
    }
}

/// The type that a line of a file declares for others than the file's own tests and functions. An alias for one file
/// alone is a helper of a few lines.
fn declared_type(line: &str) -> Option<&str> {
    let visible = line.strip_prefix("pub");
    let words = match visible.map(|rest| (rest.starts_with('('), rest)) {
        Some((true, rest)) => rest.split_once(") ")?.1,
        Some((false, rest)) => rest.strip_prefix(' ')?,
        None => line,
    };
    let (kind, rest) = words.split_once(' ')?;
    let is_type = ["struct", "enum", "union", "trait"].contains(&kind) || kind == "type" && visible.is_some();
    is_type.then(|| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap())
}

#[test]
fn no_two_types_have_one_name() {
    let mut places: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for path in all_sources().into_iter().filter(|path| !is_test(path)) {
        for name in without_tests(&path).lines().filter_map(declared_type) {
            places.entry(name.to_owned()).or_default().push(path.clone());
        }
    }
    assert!(places.len() > 500, "only {} types were found", places.len());
    let shared: Vec<_> = places.into_iter().filter(|(_, places)| places.len() > 1).collect();
    assert!(shared.is_empty(), "types that share a name: {shared:#?}");
}
