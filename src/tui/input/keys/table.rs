//! Every key of every scope.

use ratatui::crossterm::event::KeyCode;

use super::KeyScope::{
    Changes, Command, Contents, Dashboard, Date, Details, Empty, Help, Library, Lines, Log, Past, Playlists,
    Plays, Question, Runs, Statistics, Typing, Version, Versions,
};
use super::key::KeyPress;
use super::{Action, Binding, KeyScope};
use crate::tui::state::panes::Motion;
use crate::tui::state::screens::Screen;

const fn key(code: KeyCode) -> KeyPress {
    KeyPress { code, control: false }
}

const fn letter(letter: char) -> KeyPress {
    key(KeyCode::Char(letter))
}

const fn control(letter: char) -> KeyPress {
    KeyPress { code: KeyCode::Char(letter), control: true }
}

const ESC: KeyPress = key(KeyCode::Esc);
const ENTER: KeyPress = key(KeyCode::Enter);
const QUESTION_MARK: KeyPress = letter('?');
const Q: KeyPress = letter('q');

/// Scopes with rows.
const LISTS: &[KeyScope] =
    &[Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines];
/// Scopes whose rows can be filtered.
const FILTERED: &[KeyScope] =
    &[Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines, Plays];
/// Scopes with a selected item.
const ROWS: &[KeyScope] =
    &[Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines, Plays, Statistics];
/// Scopes in which a person can move.
const READING: &[KeyScope] = &[
    Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines, Plays, Statistics,
    Details,
];
/// The same scopes and the help.
const SCROLLING: &[KeyScope] = &[
    Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines, Plays, Statistics,
    Details, Help,
];
/// Scopes without a box over them and without a text line.
const SCREENS: &[KeyScope] = &[
    Dashboard, Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines, Plays,
    Statistics, Details, Empty,
];
const EVERYWHERE: &[KeyScope] = &[
    Dashboard, Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines, Plays,
    Statistics, Details, Empty, Typing, Date, Command, Help, Question,
];

const fn line(
    name: Option<&'static str>,
    places: &'static [KeyScope],
    keys: &'static [KeyPress],
    action: Action,
    label: &'static str,
    help: &'static str,
) -> Binding {
    Binding { name, places, keys, action, label, help }
}

/// Every key of every scope. The footer shows the available ones in this order, as far as there is
/// room.
pub const TABLE: &[Binding] = &[
    line(
        Some("sync"),
        &[Dashboard],
        &[letter('s')],
        Action::SyncNow,
        "sync",
        "sync now: read what has changed",
    ),
    line(
        Some("resync"),
        &[Dashboard],
        &[letter('R')],
        Action::AskResync,
        "resync",
        "read everything again; shows the cost and asks first",
    ),
    line(
        Some("removals"),
        &[Dashboard],
        &[letter('A')],
        Action::AskRemovals,
        "allow removals",
        "allow the removals that the brake stopped; asks first",
    ),
    line(
        Some("pause"),
        &[Dashboard],
        &[letter('p')],
        Action::Pause,
        "pause",
        "pause or resume the library sync; plays are still recorded",
    ),
    line(
        Some("cancel"),
        &[Dashboard],
        &[letter('c')],
        Action::Cancel,
        "cancel",
        "stop the run after its current page",
    ),
    line(Some("open"), ROWS, &[ENTER], Action::Open, "open", "open the selected row"),
    line(Some("open"), &[Details], &[ENTER], Action::Open, "all its changes", "all changes of a run"),
    line(
        Some("date"),
        &[Plays],
        &[letter('d')],
        Action::AskDate,
        "date",
        "go to a date: 2025-12-24, or 30d ago",
    ),
    line(
        Some("date"),
        &[Changes, Past],
        &[letter('d')],
        Action::AskDate,
        "as of",
        "show the library at a date: 2026-11-01, or 7d ago",
    ),
    line(
        Some("back"),
        &[Contents, Versions, Version, Past, Lines, Details],
        &[ESC],
        Action::Back,
        "back",
        "back to where you came from",
    ),
    line(
        Some("back"),
        &[Library, Playlists, Plays, Statistics, Changes, Runs, Log, Empty],
        &[ESC],
        Action::Back,
        "",
        "clear the filter",
    ),
    line(
        Some("filter"),
        FILTERED,
        &[letter('/')],
        Action::Filter,
        "filter",
        "filter as you type: words, artist: album: year: added:",
    ),
    line(
        Some("search"),
        SCREENS,
        &[letter('F'), control('p')],
        Action::Search,
        "search",
        "search everything: words, artist: year: plays:>10 saved:no gone:yes kind:album",
    ),
    line(
        Some("sort"),
        LISTS,
        &[letter('S'), letter('>')],
        Action::SortFurther(1),
        "sort",
        "sort by the next column",
    ),
    line(
        Some("sort_back"),
        LISTS,
        &[letter('<')],
        Action::SortFurther(-1),
        "",
        "sort by the previous column",
    ),
    line(Some("reverse"), LISTS, &[letter('I')], Action::TurnRound, "", "reverse the order"),
    line(
        Some("versions"),
        &[Playlists, Contents],
        &[letter('v')],
        Action::Versions,
        "versions",
        "show every known version of the playlist",
    ),
    line(
        Some("info"),
        &[Playlists],
        &[letter('i')],
        Action::Details,
        "info",
        "show the details of the playlist",
    ),
    line(
        Some("next_tab"),
        &[Library],
        &[letter(']'), letter('l'), key(KeyCode::Right)],
        Action::TabFurther(1),
        "tabs",
        "switch to the next list",
    ),
    line(
        Some("previous_tab"),
        &[Library],
        &[letter('['), letter('h'), key(KeyCode::Left)],
        Action::TabFurther(-1),
        "",
        "switch to the previous list",
    ),
    line(
        Some("next_tab"),
        &[Past],
        &[letter(']'), letter('l'), key(KeyCode::Right)],
        Action::TabFurther(1),
        "albums, artists",
        "switch between tracks, albums, artists and playlists",
    ),
    line(
        Some("previous_tab"),
        &[Past],
        &[letter('['), letter('h'), key(KeyCode::Left)],
        Action::TabFurther(-1),
        "",
        "previous of tracks, albums, artists and playlists",
    ),
    line(
        Some("next_tab"),
        &[Runs, Log],
        &[letter(']'), letter('l'), key(KeyCode::Right)],
        Action::TabFurther(1),
        "log",
        "switch between the runs and the log",
    ),
    line(
        Some("previous_tab"),
        &[Runs, Log],
        &[letter('['), letter('h'), key(KeyCode::Left)],
        Action::TabFurther(-1),
        "",
        "switch between the runs and the log",
    ),
    line(
        Some("next_figure"),
        &[Statistics],
        &[letter(']'), letter('t')],
        Action::TabFurther(1),
        "figure",
        "next statistic: tracks, artists, albums, genres, calendar, hours, growth",
    ),
    line(
        Some("previous_figure"),
        &[Statistics],
        &[letter('[')],
        Action::TabFurther(-1),
        "",
        "previous statistic",
    ),
    line(
        Some("shorter_period"),
        &[Statistics],
        &[letter('+')],
        Action::PeriodKind(1),
        "year, month",
        "shorter period: all, year, month, week",
    ),
    line(Some("longer_period"), &[Statistics], &[letter('-')], Action::PeriodKind(-1), "", "longer period"),
    line(
        Some("previous_period"),
        &[Statistics],
        &[letter('h'), key(KeyCode::Left)],
        Action::PeriodFurther(-1),
        "before",
        "the previous period",
    ),
    line(
        Some("next_period"),
        &[Statistics],
        &[letter('l'), key(KeyCode::Right)],
        Action::PeriodFurther(1),
        "after",
        "the next period",
    ),
    line(
        Some("report"),
        &[Statistics],
        &[letter('R')],
        Action::Report(None),
        "report",
        "the report of this period; :report 2026 or :report 2026-03 is that of another one",
    ),
    line(Some("help"), SCREENS, &[QUESTION_MARK], Action::Help, "help", "this help"),
    line(
        Some("theme"),
        SCREENS,
        &[letter('T')],
        Action::Theme(None),
        "",
        "another theme, on a terminal with 24-bit colours; :theme nord shows that one",
    ),
    line(
        Some("command"),
        SCREENS,
        &[letter(':')],
        Action::AskCommand,
        "",
        "run a command by name; Tab completes it",
    ),
    line(Some("quit"), SCREENS, &[Q], Action::Quit, "quit", "quit"),
    line(Some("copy"), READING, &[letter('y')], Action::Copy, "copy", "copy the uri of the selected row"),
    line(
        Some("browse"),
        READING,
        &[letter('o')],
        Action::Browse,
        "browse",
        "open the selected row in a browser",
    ),
    line(
        None,
        &[Typing],
        &[ENTER, key(KeyCode::Tab)],
        Action::KeepFilter,
        "keep",
        "keep the filter and go to the rows",
    ),
    line(None, &[Typing], &[ESC], Action::DropFilter, "no filter", "clear the filter"),
    line(None, &[Command], &[ENTER], Action::TakeCommand, "do it", "run the command"),
    line(None, &[Command], &[key(KeyCode::Tab)], Action::CompleteCommand, "complete", "complete the name"),
    line(None, &[Command], &[ESC], Action::DropCommand, "no command", "close without running a command"),
    line(None, &[Date], &[ENTER], Action::TakeDate, "go", "go to the date"),
    line(None, &[Date], &[ESC], Action::DropDate, "no date", "cancel"),
    line(
        None,
        &[Typing, Date, Command],
        &[key(KeyCode::Backspace), control('h')],
        Action::EraseLetter,
        "",
        "delete the last letter",
    ),
    line(None, &[Typing, Date, Command], &[control('w')], Action::EraseWord, "", "delete the last word"),
    line(None, &[Typing, Date, Command], &[control('u')], Action::EraseAll, "", "delete everything"),
    line(None, &[Typing], &[key(KeyCode::Down)], Action::Go(Motion::Down), "", "down in the rows"),
    line(None, &[Typing], &[key(KeyCode::Up)], Action::Go(Motion::Up), "", "up in the rows"),
    line(Some("down"), SCROLLING, &[letter('j'), key(KeyCode::Down)], Action::Go(Motion::Down), "", "down"),
    line(Some("up"), SCROLLING, &[letter('k'), key(KeyCode::Up)], Action::Go(Motion::Up), "", "up"),
    line(
        Some("half_page_down"),
        SCROLLING,
        &[control('d')],
        Action::Go(Motion::HalfDown),
        "",
        "half a page down",
    ),
    line(Some("half_page_up"), SCROLLING, &[control('u')], Action::Go(Motion::HalfUp), "", "half a page up"),
    line(
        Some("page_down"),
        SCROLLING,
        &[key(KeyCode::PageDown), control('f')],
        Action::Go(Motion::PageDown),
        "",
        "a page down",
    ),
    line(
        Some("page_up"),
        SCROLLING,
        &[key(KeyCode::PageUp), control('b')],
        Action::Go(Motion::PageUp),
        "",
        "a page up",
    ),
    line(
        Some("top"),
        SCROLLING,
        &[letter('g'), key(KeyCode::Home)],
        Action::Go(Motion::Top),
        "",
        "to the top",
    ),
    line(
        Some("bottom"),
        SCROLLING,
        &[letter('G'), key(KeyCode::End)],
        Action::Go(Motion::Bottom),
        "",
        "to the end",
    ),
    line(Some("refresh"), READING, &[letter('r')], Action::Refresh, "", "read the record again"),
    line(
        Some("dashboard"),
        SCREENS,
        &[letter('1')],
        Action::Show(Screen::Dashboard),
        "",
        "home; press again for the engine room, with requests and limits",
    ),
    line(
        Some("library"),
        SCREENS,
        &[letter('2')],
        Action::Show(Screen::Library),
        "",
        "library: saved tracks, albums and followed artists",
    ),
    line(
        Some("playlists"),
        SCREENS,
        &[letter('3')],
        Action::Show(Screen::Playlists),
        "",
        "playlists, their contents and versions",
    ),
    line(Some("plays"), SCREENS, &[letter('4')], Action::Show(Screen::Plays), "", "plays"),
    line(
        Some("statistics"),
        SCREENS,
        &[letter('5')],
        Action::Show(Screen::Statistics),
        "",
        "listening statistics",
    ),
    line(
        Some("changes"),
        SCREENS,
        &[letter('6')],
        Action::Show(Screen::Changes),
        "",
        "what changed in the library",
    ),
    line(Some("runs"), SCREENS, &[letter('7')], Action::Show(Screen::Runs), "", "every sync"),
    line(Some("next_screen"), SCREENS, &[key(KeyCode::Tab)], Action::ShowFurther(1), "", "the next screen"),
    line(
        Some("previous_screen"),
        SCREENS,
        &[key(KeyCode::BackTab)],
        Action::ShowFurther(-1),
        "",
        "the previous screen",
    ),
    line(None, &[Question], &[letter('y')], Action::Confirm, "yes, read everything", "yes"),
    line(None, &[Question], &[letter('n'), ESC, Q], Action::Close, "no", "no"),
    line(None, &[Help], &[ESC, QUESTION_MARK, Q], Action::Close, "close", "close the help"),
    line(None, EVERYWHERE, &[control('c')], Action::Quit, "", "quit at once"),
    line(None, EVERYWHERE, &[control('z')], Action::Suspend, "", "suspend to the shell; `fg` returns"),
];
