//! What README and `docs/` say of commands, settings, messages and the source is true.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{Command, CommandFactory, Parser};
use phonolog::cli::Cli;
use phonolog::config::{Config, Flags};
use phonolog::tui::Keymap;

use super::{BORDERS, sources};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README and every page of `docs/`, with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<PathBuf> =
        docs.chain([root().join("README.md"), root().join("CONTRIBUTING.md")]).collect();
    assert!(files.len() > 10, "{files:?}");
    files.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// The fenced blocks of a page in one language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    page.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// What stands between backticks in a line of text.
fn spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The text of a page without its fenced blocks.
fn prose(page: &str) -> String {
    page.split("```").step_by(2).collect()
}

/// The words that the shell hands to the program; its pipes and redirections are left out.
fn words(command: &str) -> Vec<String> {
    let words = shlex::split(command).unwrap_or_else(|| panic!("a quote is open in `{command}`"));
    words.into_iter().take_while(|word| !["|", ">", "<"].contains(&word.as_str())).collect()
}

fn assert_parses(path: &Path, command: &str, words: &[String]) {
    if let Err(error) = Cli::try_parse_from(words) {
        assert!(!error.use_stderr(), "{}: `{command}`: {error}", path.display());
    }
}

#[test]
fn every_command_line_in_a_block_is_understood() {
    let mut commands = 0;
    for (path, text) in pages() {
        let text = text.replace("\\\n", " ");
        for line in blocks(&text, "sh").into_iter().flat_map(str::lines) {
            let line = line.replace("cargo run --locked -- ", "phonolog ");
            if line.split(' ').next() == Some("phonolog") {
                commands += 1;
                assert_parses(&path, &line, &words(&line));
            }
        }
    }
    assert!(commands > 25, "only {commands} commands were found");
}

/// Names of what a person has to fill in are replaced by something that fits; what may be left out is left out. A
/// sentence may name a command without what it needs.
#[test]
fn every_command_line_in_a_sentence_is_understood() {
    let mut commands = 0;
    for (path, text) in pages() {
        for span in prose(&text).lines().flat_map(spans).filter(|span| span.starts_with("phonolog ")) {
            commands += 1;
            let filled = span.replace("LIST", "tracks").replace("SHELL", "bash");
            let given: Vec<String> =
                words(&filled).into_iter().filter(|word| !word.starts_with('[')).collect();
            let is_named = Cli::try_parse_from(&given)
                .is_err_and(|error| error.kind() == ErrorKind::MissingRequiredArgument);
            if !is_named {
                assert_parses(&path, span, &given);
            }
        }
    }
    assert!(commands > 40, "only {commands} commands were found");
}

fn flags(command: &Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(|arg| arg.get_long());
    own.map(|long| format!("--{long}")).collect()
}

#[test]
fn a_table_of_commands_names_only_flags_that_its_commands_have() {
    let cli = Cli::command();
    let mut rows = 0;
    for (path, text) in pages() {
        let of_commands = text.lines().filter_map(|line| line.strip_prefix("| `phonolog")?.split_once(" | "));
        for (rest, does) in of_commands {
            let cell = format!("`phonolog{rest}");
            let names: Vec<&str> = spans(&cell).map(|span| span.trim_start_matches("phonolog ")).collect();
            let commands = names.iter().filter_map(|name| cli.find_subcommand(name.split(' ').next()?));
            let known: BTreeSet<String> = commands.flat_map(flags).collect();
            for flag in spans(does).filter(|span| span.starts_with("--")) {
                rows += 1;
                let flag = flag.split(' ').next().unwrap();
                assert!(known.contains(flag), "{}: {names:?} have no {flag}", path.display());
            }
        }
    }
    assert!(rows > 15, "only {rows} flags were found");
}

#[test]
fn every_setting_in_a_block_is_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    let flags = Flags { config: Some(file.display().to_string()), ..Flags::default() };
    let mut found = 0;
    for (path, text) in pages() {
        for block in blocks(&text, "toml") {
            found += 1;
            fs::write(&file, block).unwrap();
            let home = |name: &str| (name == "HOME").then(|| "/home/somebody".to_owned());
            let loaded = Config::load(&flags, &home);
            let config = loaded.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let keymap = Keymap::new(&config.keys);
            assert!(keymap.is_ok(), "{}: {}", path.display(), keymap.unwrap_err());
        }
    }
    assert!(found >= 3, "only {found} blocks were found");
}

#[test]
fn the_messages_that_the_pages_explain_are_the_program_s_own() {
    let source: String = BORDERS
        .iter()
        .map(|(module, ..)| *module)
        .chain(["app"])
        .flat_map(sources)
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let page = page("docs/troubleshooting.md");
    let quoted = page.lines().filter_map(|line| line.strip_prefix("| *")?.split_once('*'));
    let fragments: Vec<&str> = quoted.flat_map(|(message, _)| message.split("...")).map(str::trim).collect();
    assert!(fragments.len() > 15, "the table of messages was not found");
    for fragment in fragments {
        assert!(source.contains(fragment), "no message says `{fragment}`");
    }
}

/// The place in a page that a heading is reached by.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let letters = |heading: &str| heading.trim_start_matches('#').trim().to_lowercase();
    let kept = |c: &char| c.is_alphanumeric() || [' ', '-', '_'].contains(c);
    headings.map(|line| letters(line).chars().filter(kept).collect::<String>().replace(' ', "-")).collect()
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    for (path, text) in pages() {
        let prose = prose(&text);
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.starts_with("http")) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(file.exists(), "{}: {target} does not exist", path.display());
            let is_there = anchor.is_empty() || anchors(&fs::read_to_string(&file).unwrap()).contains(anchor);
            assert!(is_there, "{}: {target} is no heading", path.display());
        }
    }
}

#[test]
fn the_readme_is_short_and_links_every_page() {
    let readme = page("README.md");
    assert!(readme.lines().count() <= 200, "{} lines", readme.lines().count());
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(readme.contains(&format!("](docs/{name})")), "README.md does not link docs/{name}");
    }
}

/// A name with a slash is a file or folder of `src` or of the repository.
#[test]
fn the_files_that_the_pages_about_the_code_name_exist() {
    for name in ["docs/architecture.md", "docs/glossary.md", "docs/simulation.md", "CONTRIBUTING.md"] {
        let text = page(name);
        let is_path = |span: &&str| {
            span.contains('/') && span.chars().all(|c| c.is_ascii_lowercase() || "/_.-".contains(c))
        };
        for span in prose(&text).lines().flat_map(spans).filter(is_path) {
            let is_elsewhere = ["target/", "snapshots/", "/"].iter().any(|start| span.starts_with(start));
            let exists = root().join(span).exists() || root().join("src").join(span).exists();
            assert!(is_elsewhere || exists, "{name}: {span} does not exist");
        }
    }
}

/// The table of modules says the same as [`BORDERS`].
#[test]
fn the_page_about_the_architecture_draws_the_borders_as_they_are() {
    let page = page("docs/architecture.md");
    for (module, allowed, _) in BORDERS {
        let start = format!("| `{module}` |");
        let row = page.lines().find(|line| line.starts_with(&start) && line.matches('|').count() == 4);
        let row = row.unwrap_or_else(|| panic!("{module} is not in the table"));
        let said: BTreeSet<&str> = spans(row.rsplit('|').nth(1).unwrap()).collect();
        let true_ones: BTreeSet<&str> = allowed.iter().copied().filter(|name| name != module).collect();
        assert_eq!(said, true_ones, "{module}");
    }
}

/// The texts of the files that a row of a table names; a bare name lies beside the row's first file, or at the top.
fn sources_of(row: &str) -> Vec<String> {
    let src = root().join("src");
    let paths: Vec<&str> =
        spans(row).filter(|span| Path::new(span).extension().is_some_and(|ext| ext == "rs")).collect();
    let folder = src.join(paths.first().and_then(|first| Path::new(first).parent()).unwrap_or(Path::new("")));
    let beside = |path: &&str| fs::read_to_string(folder.join(path)).ok();
    let text = |path: &&str| fs::read_to_string(src.join(path)).ok().or_else(|| beside(path));
    paths.iter().map(|path| text(path).unwrap_or_else(|| panic!("{path} does not exist"))).collect()
}

#[test]
fn the_functions_of_the_first_journey_are_in_the_files_of_their_row() {
    let text = page("docs/architecture.md");
    let journey =
        text.split("from HTTP to the gauge").nth(1).unwrap().split("**A saved track,").next().unwrap();
    let mut functions = 0;
    for row in journey.lines().filter(|line| line.starts_with("| `")) {
        let sources = sources_of(row);
        let is_name = |span: &&str| span.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        for name in spans(row).filter(is_name) {
            functions += 1;
            let is_there = |source: &String| {
                source.contains(&format!("fn {name}(")) || source.contains(&format!("fn {name}<"))
            };
            assert!(sources.iter().any(is_there), "`{name}` is in none of the files of {row}");
        }
    }
    assert!(functions > 15, "only {functions} functions were found");
}
