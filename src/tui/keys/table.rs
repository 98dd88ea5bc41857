//! Every key of every place.

use ratatui::crossterm::event::KeyCode;

use super::super::browse::Motion;
use super::super::screens::Screen;
use super::Place::{
    Changes, Command, Contents, Dashboard, Date, Details, Empty, Help, Library, Lines, Log, Past, Playlists,
    Plays, Question, Runs, Statistics, Typing, Version, Versions,
};
use super::{Action, Binding, Key, Place};

const fn key(code: KeyCode, name: &'static str) -> Key {
    Key { code, control: false, name }
}

const fn letter(letter: char, name: &'static str) -> Key {
    key(KeyCode::Char(letter), name)
}

const fn control(letter: char, name: &'static str) -> Key {
    Key { code: KeyCode::Char(letter), control: true, name }
}

const ESC: Key = key(KeyCode::Esc, "Esc");
const ENTER: Key = key(KeyCode::Enter, "Enter");
const QUESTION_MARK: Key = letter('?', "?");
const Q: Key = letter('q', "q");

/// Places with rows.
const LISTS: &[Place] = &[Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines];
/// Places with something that is selected.
const ROWS: &[Place] =
    &[Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines, Plays, Statistics];
/// Places in which one moves.
const READING: &[Place] = &[
    Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines, Plays, Statistics,
    Details,
];
/// The same, and the help.
const SCROLLING: &[Place] = &[
    Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines, Plays, Statistics,
    Details, Help,
];
/// What nothing lies over, and nothing is typed in.
const SCREENS: &[Place] = &[
    Dashboard, Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines, Plays,
    Statistics, Details, Empty,
];
const EVERYWHERE: &[Place] = &[
    Dashboard, Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines, Plays,
    Statistics, Details, Empty, Typing, Date, Command, Help, Question,
];

const fn line(
    places: &'static [Place],
    keys: &'static [Key],
    action: Action,
    label: &'static str,
    help: &'static str,
) -> Binding {
    Binding { places, keys, action, label, help }
}

/// Every key of every place. The footer offers what is possible in this order, as far as there is room.
pub const TABLE: &[Binding] = &[
    line(&[Dashboard], &[letter('s', "s")], Action::SyncNow, "sync", "sync now: read what has changed"),
    line(
        &[Dashboard],
        &[letter('R', "R")],
        Action::AskResync,
        "resync",
        "read everything again; shows the cost and asks first",
    ),
    line(
        &[Dashboard],
        &[letter('A', "A")],
        Action::AskRemovals,
        "allow removals",
        "let go what the brake holds back; asks first",
    ),
    line(
        &[Dashboard],
        &[letter('p', "p")],
        Action::Pause,
        "pause",
        "pause or resume the library sync, never the playback",
    ),
    line(
        &[Dashboard],
        &[letter('c', "c")],
        Action::Cancel,
        "cancel",
        "stop the run after the page in flight, which is kept",
    ),
    line(ROWS, &[ENTER], Action::Open, "open", "open what is selected"),
    line(&[Details], &[ENTER], Action::Open, "all its changes", "of a run: all that it changed"),
    line(&[Plays], &[letter('d', "d")], Action::AskDate, "date", "go to a date: 2025-12-24, or 30d for ago"),
    line(
        &[Changes, Past],
        &[letter('d', "d")],
        Action::AskDate,
        "as of",
        "the library as it was: 2026-11-01, or 7d for ago",
    ),
    line(
        &[Contents, Versions, Version, Past, Lines, Details],
        &[ESC],
        Action::Back,
        "back",
        "back to where you came from",
    ),
    line(
        &[Library, Playlists, Plays, Statistics, Changes, Runs, Log, Empty],
        &[ESC],
        Action::Back,
        "",
        "drop the filter, else back to the dashboard",
    ),
    line(
        LISTS,
        &[letter('/', "/")],
        Action::Filter,
        "filter",
        "filter as you type: words, artist: album: year: added:",
    ),
    line(
        LISTS,
        &[letter('S', "S"), letter('>', ">")],
        Action::SortFurther(1),
        "sort",
        "sort by the next column",
    ),
    line(LISTS, &[letter('<', "<")], Action::SortFurther(-1), "", "sort by the column before"),
    line(LISTS, &[letter('I', "I")], Action::TurnRound, "", "turn the order round"),
    line(
        &[Playlists, Contents],
        &[letter('v', "v")],
        Action::Versions,
        "versions",
        "every version of the playlist that was seen",
    ),
    line(&[Playlists], &[letter('i', "i")], Action::Details, "info", "what is known of the playlist"),
    line(
        &[Library],
        &[letter(']', "]"), letter('l', "l"), key(KeyCode::Right, "Right")],
        Action::TabFurther(1),
        "tabs",
        "from tracks to albums to artists",
    ),
    line(
        &[Library],
        &[letter('[', "["), letter('h', "h"), key(KeyCode::Left, "Left")],
        Action::TabFurther(-1),
        "",
        "and the other way",
    ),
    line(
        &[Past],
        &[letter(']', "]"), letter('l', "l"), key(KeyCode::Right, "Right")],
        Action::TabFurther(1),
        "albums, artists",
        "from tracks to albums, artists and playlists of then",
    ),
    line(
        &[Past],
        &[letter('[', "["), letter('h', "h"), key(KeyCode::Left, "Left")],
        Action::TabFurther(-1),
        "",
        "and the other way",
    ),
    line(
        &[Runs, Log],
        &[
            letter(']', "]"),
            letter('l', "l"),
            key(KeyCode::Right, "Right"),
            letter('[', "["),
            letter('h', "h"),
            key(KeyCode::Left, "Left"),
        ],
        Action::TabFurther(1),
        "log",
        "from the runs to the log, which follows what is written, and back",
    ),
    line(
        &[Statistics],
        &[letter('t', "t")],
        Action::TabFurther(1),
        "figure",
        "from tracks to artists, albums, genres, calendar, hours, growth",
    ),
    line(&[Statistics], &[letter('T', "T")], Action::TabFurther(-1), "", "and the other way"),
    line(
        &[Statistics],
        &[letter(']', "]")],
        Action::PeriodKind(1),
        "year, month",
        "from all to a year, a month, a week",
    ),
    line(&[Statistics], &[letter('[', "[")], Action::PeriodKind(-1), "", "and the other way"),
    line(
        &[Statistics],
        &[letter('h', "h"), key(KeyCode::Left, "Left")],
        Action::PeriodFurther(-1),
        "before",
        "the period before",
    ),
    line(
        &[Statistics],
        &[letter('l', "l"), key(KeyCode::Right, "Right")],
        Action::PeriodFurther(1),
        "after",
        "the period after",
    ),
    line(SCREENS, &[QUESTION_MARK], Action::Help, "help", "this help"),
    line(SCREENS, &[letter(':', ":")], Action::AskCommand, "", "a command by its name; Tab completes it"),
    line(SCREENS, &[Q], Action::Quit, "quit", "leave"),
    line(READING, &[letter('y', "y")], Action::Copy, "copy", "copy the uri of what is selected"),
    line(READING, &[letter('o', "o")], Action::Browse, "browse", "open what is selected in a browser"),
    line(
        &[Typing],
        &[ENTER, key(KeyCode::Tab, "Tab")],
        Action::KeepFilter,
        "keep",
        "keep the filter and go to the rows",
    ),
    line(&[Typing], &[ESC], Action::DropFilter, "no filter", "drop the filter"),
    line(&[Command], &[ENTER], Action::TakeCommand, "do it", "do what the command says"),
    line(
        &[Command],
        &[key(KeyCode::Tab, "Tab")],
        Action::CompleteCommand,
        "complete",
        "go on as far as it is clear",
    ),
    line(&[Command], &[ESC], Action::DropCommand, "no command", "no command after all"),
    line(&[Date], &[ENTER], Action::TakeDate, "go", "take the date"),
    line(&[Date], &[ESC], Action::DropDate, "no date", "leave things as they are"),
    line(
        &[Typing, Date, Command],
        &[key(KeyCode::Backspace, "Backspace"), control('h', "Ctrl-H")],
        Action::EraseLetter,
        "",
        "take the last letter away",
    ),
    line(
        &[Typing, Date, Command],
        &[control('w', "Ctrl-W")],
        Action::EraseWord,
        "",
        "take the last word away",
    ),
    line(&[Typing, Date, Command], &[control('u', "Ctrl-U")], Action::EraseAll, "", "take everything away"),
    line(&[Typing], &[key(KeyCode::Down, "Down")], Action::Go(Motion::Down), "", "down in the rows"),
    line(&[Typing], &[key(KeyCode::Up, "Up")], Action::Go(Motion::Up), "", "up in the rows"),
    line(SCROLLING, &[letter('j', "j"), key(KeyCode::Down, "Down")], Action::Go(Motion::Down), "", "down"),
    line(SCROLLING, &[letter('k', "k"), key(KeyCode::Up, "Up")], Action::Go(Motion::Up), "", "up"),
    line(SCROLLING, &[control('d', "Ctrl-D")], Action::Go(Motion::HalfDown), "", "half a page down"),
    line(SCROLLING, &[control('u', "Ctrl-U")], Action::Go(Motion::HalfUp), "", "half a page up"),
    line(
        SCROLLING,
        &[key(KeyCode::PageDown, "PgDn"), control('f', "Ctrl-F")],
        Action::Go(Motion::PageDown),
        "",
        "a page down",
    ),
    line(
        SCROLLING,
        &[key(KeyCode::PageUp, "PgUp"), control('b', "Ctrl-B")],
        Action::Go(Motion::PageUp),
        "",
        "a page up",
    ),
    line(
        SCROLLING,
        &[letter('g', "g"), key(KeyCode::Home, "Home")],
        Action::Go(Motion::Top),
        "",
        "to the top",
    ),
    line(
        SCROLLING,
        &[letter('G', "G"), key(KeyCode::End, "End")],
        Action::Go(Motion::Bottom),
        "",
        "to the end",
    ),
    line(READING, &[letter('r', "r")], Action::Refresh, "", "read the record again"),
    line(SCREENS, &[letter('1', "1")], Action::Show(Screen::Dashboard), "", "the dashboard"),
    line(
        SCREENS,
        &[letter('2', "2")],
        Action::Show(Screen::Library),
        "",
        "the library: what is saved and followed",
    ),
    line(
        SCREENS,
        &[letter('3', "3")],
        Action::Show(Screen::Playlists),
        "",
        "playlists, their contents and versions",
    ),
    line(SCREENS, &[letter('4', "4")], Action::Show(Screen::Plays), "", "what was played"),
    line(
        SCREENS,
        &[letter('5', "5")],
        Action::Show(Screen::Statistics),
        "",
        "what was played most, and when",
    ),
    line(SCREENS, &[letter('6', "6")], Action::Show(Screen::Changes), "", "what changed in the library"),
    line(SCREENS, &[letter('7', "7")], Action::Show(Screen::Runs), "", "every sync"),
    line(SCREENS, &[key(KeyCode::Tab, "Tab")], Action::ShowFurther(1), "", "the next screen"),
    line(SCREENS, &[key(KeyCode::BackTab, "Shift-Tab")], Action::ShowFurther(-1), "", "the screen before"),
    line(&[Question], &[letter('y', "y")], Action::Confirm, "yes, read everything", "yes"),
    line(&[Question], &[letter('n', "n"), ESC, Q], Action::Close, "no", "no"),
    line(&[Help], &[ESC, QUESTION_MARK, Q], Action::Close, "close", "close the help"),
    line(EVERYWHERE, &[control('c', "Ctrl-C")], Action::Quit, "", "leave at once"),
    line(EVERYWHERE, &[control('z', "Ctrl-Z")], Action::Suspend, "", "back to the shell; `fg` comes back"),
];
