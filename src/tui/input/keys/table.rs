//! Every key of every place.

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

/// Places with rows.
const LISTS: &[KeyScope] =
    &[Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines];
/// Places whose rows a filter leaves out.
const FILTERED: &[KeyScope] =
    &[Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines, Plays];
/// Places with something that is selected.
const ROWS: &[KeyScope] =
    &[Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines, Plays, Statistics];
/// Places in which one moves.
const READING: &[KeyScope] = &[
    Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines, Plays, Statistics,
    Details,
];
/// The same, and the help.
const SCROLLING: &[KeyScope] = &[
    Library, Playlists, Contents, Versions, Version, Changes, Past, Runs, Log, Lines, Plays, Statistics,
    Details, Help,
];
/// What nothing lies over, and nothing is typed in.
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

/// Every key of every place. The footer offers what is possible in this order, as far as there is room.
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
        "let go what the brake holds back; asks first",
    ),
    line(
        Some("pause"),
        &[Dashboard],
        &[letter('p')],
        Action::Pause,
        "pause",
        "pause or resume the library sync, never the playback",
    ),
    line(
        Some("cancel"),
        &[Dashboard],
        &[letter('c')],
        Action::Cancel,
        "cancel",
        "stop the run after the page in flight, which is kept",
    ),
    line(Some("open"), ROWS, &[ENTER], Action::Open, "open", "open what is selected"),
    line(
        Some("open"),
        &[Details],
        &[ENTER],
        Action::Open,
        "all its changes",
        "of a run: all that it changed",
    ),
    line(
        Some("date"),
        &[Plays],
        &[letter('d')],
        Action::AskDate,
        "date",
        "go to a date: 2025-12-24, or 30d for ago",
    ),
    line(
        Some("date"),
        &[Changes, Past],
        &[letter('d')],
        Action::AskDate,
        "as of",
        "the library as it was: 2026-11-01, or 7d for ago",
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
        "drop the filter, else back to the dashboard",
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
        Some("sort"),
        LISTS,
        &[letter('S'), letter('>')],
        Action::SortFurther(1),
        "sort",
        "sort by the next column",
    ),
    line(Some("sort_back"), LISTS, &[letter('<')], Action::SortFurther(-1), "", "sort by the column before"),
    line(Some("reverse"), LISTS, &[letter('I')], Action::TurnRound, "", "turn the order round"),
    line(
        Some("versions"),
        &[Playlists, Contents],
        &[letter('v')],
        Action::Versions,
        "versions",
        "every version of the playlist that was seen",
    ),
    line(
        Some("info"),
        &[Playlists],
        &[letter('i')],
        Action::Details,
        "info",
        "what is known of the playlist",
    ),
    line(
        Some("next_tab"),
        &[Library],
        &[letter(']'), letter('l'), key(KeyCode::Right)],
        Action::TabFurther(1),
        "tabs",
        "from tracks to albums to artists",
    ),
    line(
        Some("previous_tab"),
        &[Library],
        &[letter('['), letter('h'), key(KeyCode::Left)],
        Action::TabFurther(-1),
        "",
        "and the other way",
    ),
    line(
        Some("next_tab"),
        &[Past],
        &[letter(']'), letter('l'), key(KeyCode::Right)],
        Action::TabFurther(1),
        "albums, artists",
        "from tracks to albums, artists and playlists of then",
    ),
    line(
        Some("previous_tab"),
        &[Past],
        &[letter('['), letter('h'), key(KeyCode::Left)],
        Action::TabFurther(-1),
        "",
        "and the other way",
    ),
    line(
        Some("next_tab"),
        &[Runs, Log],
        &[letter(']'), letter('l'), key(KeyCode::Right)],
        Action::TabFurther(1),
        "log",
        "from the runs to the log, which follows what is written, and back",
    ),
    line(
        Some("previous_tab"),
        &[Runs, Log],
        &[letter('['), letter('h'), key(KeyCode::Left)],
        Action::TabFurther(-1),
        "",
        "and the other way",
    ),
    line(
        Some("next_figure"),
        &[Statistics],
        &[letter('t')],
        Action::TabFurther(1),
        "figure",
        "from tracks to artists, albums, genres, calendar, hours, growth",
    ),
    line(
        Some("previous_figure"),
        &[Statistics],
        &[letter('T')],
        Action::TabFurther(-1),
        "",
        "and the other way",
    ),
    line(
        Some("shorter_period"),
        &[Statistics],
        &[letter(']')],
        Action::PeriodKind(1),
        "year, month",
        "from all to a year, a month, a week",
    ),
    line(
        Some("longer_period"),
        &[Statistics],
        &[letter('[')],
        Action::PeriodKind(-1),
        "",
        "and the other way",
    ),
    line(
        Some("previous_period"),
        &[Statistics],
        &[letter('h'), key(KeyCode::Left)],
        Action::PeriodFurther(-1),
        "before",
        "the period before",
    ),
    line(
        Some("next_period"),
        &[Statistics],
        &[letter('l'), key(KeyCode::Right)],
        Action::PeriodFurther(1),
        "after",
        "the period after",
    ),
    line(Some("help"), SCREENS, &[QUESTION_MARK], Action::Help, "help", "this help"),
    line(
        Some("command"),
        SCREENS,
        &[letter(':')],
        Action::AskCommand,
        "",
        "a command by its name; Tab completes it",
    ),
    line(Some("quit"), SCREENS, &[Q], Action::Quit, "quit", "leave"),
    line(Some("copy"), READING, &[letter('y')], Action::Copy, "copy", "copy the uri of what is selected"),
    line(
        Some("browse"),
        READING,
        &[letter('o')],
        Action::Browse,
        "browse",
        "open what is selected in a browser",
    ),
    line(
        None,
        &[Typing],
        &[ENTER, key(KeyCode::Tab)],
        Action::KeepFilter,
        "keep",
        "keep the filter and go to the rows",
    ),
    line(None, &[Typing], &[ESC], Action::DropFilter, "no filter", "drop the filter"),
    line(None, &[Command], &[ENTER], Action::TakeCommand, "do it", "do what the command says"),
    line(
        None,
        &[Command],
        &[key(KeyCode::Tab)],
        Action::CompleteCommand,
        "complete",
        "go on as far as it is clear",
    ),
    line(None, &[Command], &[ESC], Action::DropCommand, "no command", "no command after all"),
    line(None, &[Date], &[ENTER], Action::TakeDate, "go", "take the date"),
    line(None, &[Date], &[ESC], Action::DropDate, "no date", "leave things as they are"),
    line(
        None,
        &[Typing, Date, Command],
        &[key(KeyCode::Backspace), control('h')],
        Action::EraseLetter,
        "",
        "take the last letter away",
    ),
    line(None, &[Typing, Date, Command], &[control('w')], Action::EraseWord, "", "take the last word away"),
    line(None, &[Typing, Date, Command], &[control('u')], Action::EraseAll, "", "take everything away"),
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
    line(Some("dashboard"), SCREENS, &[letter('1')], Action::Show(Screen::Dashboard), "", "the dashboard"),
    line(
        Some("library"),
        SCREENS,
        &[letter('2')],
        Action::Show(Screen::Library),
        "",
        "the library: what is saved and followed",
    ),
    line(
        Some("playlists"),
        SCREENS,
        &[letter('3')],
        Action::Show(Screen::Playlists),
        "",
        "playlists, their contents and versions",
    ),
    line(Some("plays"), SCREENS, &[letter('4')], Action::Show(Screen::Plays), "", "what was played"),
    line(
        Some("statistics"),
        SCREENS,
        &[letter('5')],
        Action::Show(Screen::Statistics),
        "",
        "what was played most, and when",
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
        "the screen before",
    ),
    line(None, &[Question], &[letter('y')], Action::Confirm, "yes, read everything", "yes"),
    line(None, &[Question], &[letter('n'), ESC, Q], Action::Close, "no", "no"),
    line(None, &[Help], &[ESC, QUESTION_MARK, Q], Action::Close, "close", "close the help"),
    line(None, EVERYWHERE, &[control('c')], Action::Quit, "", "leave at once"),
    line(None, EVERYWHERE, &[control('z')], Action::Suspend, "", "back to the shell; `fg` comes back"),
];
