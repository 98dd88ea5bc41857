//! The effects of keys and news, and snapshots of the screen with its roles.

use std::cell::RefCell;

use chrono::FixedOffset;
use insta::assert_snapshot;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::Color;

use super::model::{FirstRunModel, FirstRunStage, TextField};
use super::port::{Invitation, News, Wish};
use super::run::{FirstRunExit, Start};
use super::update::{FirstRunEffect, FirstRunMsg, update};
use super::view::view;
use crate::tui::fixtures::pictures::{assert_every_look, draw, sheet};
use crate::tui::state::model::Appearance;
use crate::tui::style::settings::{ColorChoice, UiSettings};
use crate::tui::style::zone::DisplayZone;

const COLOR: UiSettings = UiSettings { color: ColorChoice::Auto, ascii: false, mouse: true, truecolor: true };
const ASCII: UiSettings = UiSettings { color: ColorChoice::None, ascii: true, mouse: true, truecolor: false };

const ID: &str = "0123456789abcdef0123456789abcdef";
const ANSWER: &str = "http://127.0.0.1:8888/callback?code=AQDqs0&state=1VrYzPa4";

fn invitation() -> Invitation {
    // As long as a real one.
    let url = format!(
        "https://accounts.spotify.com/authorize?response_type=code&client_id={ID}&redirect_uri=http%3A%2F%2F127.0.0.1%3A8888%2Fcallback&scope=user-library-read+user-follow-read+playlist-read-private+playlist-read-collaborative+user-read-recently-played+user-read-currently-playing+user-read-playback-state&state=1VrYzPa4OGTrcw1xOFd8dX7Y3jGqCWvbRVfiQeH6fJ4&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
    Invitation { url, is_awaited: true }
}

fn at_first(settings: UiSettings) -> FirstRunModel {
    let start = Start {
        knows_app: false,
        redirect_uri: "http://127.0.0.1:8888/callback".to_owned(),
        has_record: false,
    };
    FirstRunModel::new(start, (80, 24), look(settings))
}

fn look(settings: UiSettings) -> Appearance {
    Appearance::new(settings, DisplayZone(|_| FixedOffset::east_opt(3600).unwrap()))
}

fn after(settings: UiSettings, messages: impl IntoIterator<Item = FirstRunMsg>) -> FirstRunModel {
    let mut model = at_first(settings);
    for msg in messages {
        update(&mut model, msg);
    }
    model
}

fn key(code: KeyCode) -> FirstRunMsg {
    FirstRunMsg::Key(KeyEvent::from(code))
}

fn typed(text: &str) -> impl Iterator<Item = FirstRunMsg> + '_ {
    text.chars().map(|letter| key(KeyCode::Char(letter)))
}

fn invited() -> FirstRunMsg {
    FirstRunMsg::News(News::Invited(invitation()))
}

fn pasted(text: &str) -> FirstRunMsg {
    FirstRunMsg::Pasted(text.to_owned())
}

fn press(model: &mut FirstRunModel, code: KeyCode) -> Option<FirstRunEffect> {
    update(model, key(code))
}

fn note(model: &FirstRunModel) -> &str {
    model.note.as_ref().map_or("", |(_, text)| text.as_str())
}

#[test]
fn a_client_id_is_typed_and_wished_for() {
    let mut model = after(COLOR, [key(KeyCode::Enter)].into_iter().chain(typed(ID)));
    assert_eq!(model.field.text, ID, "letters that are keys elsewhere are letters here");
    let wish = press(&mut model, KeyCode::Enter);
    assert_eq!(wish, Some(FirstRunEffect::Wish(Wish::UseApp(ID.parse().unwrap()))));
    assert_eq!(model.stage, FirstRunStage::Preparing);
    assert_eq!(press(&mut model, KeyCode::Enter), None, "it is wished for once");
    update(&mut model, invited());
    assert_eq!((&model.stage, model.field), (&FirstRunStage::Agree(invitation()), TextField::default()));
}

#[test]
fn a_wrong_client_id_is_told_and_the_next_paste_takes_its_place() {
    let mut model = after(COLOR, [pasted(&ID[1..])]);
    assert_eq!(press(&mut model, KeyCode::Enter), None);
    assert_eq!(model.stage, FirstRunStage::App);
    assert!(note(&model).contains("has 32 characters, but this has 31"), "{}", note(&model));
    update(&mut model, pasted(&format!("  {ID}\r\n")));
    assert_eq!((model.field.text.as_str(), note(&model)), (ID, ""));
    assert!(press(&mut model, KeyCode::Enter).is_some());
}

#[test]
fn a_client_id_that_cannot_be_kept_is_still_there_to_be_corrected() {
    let mut model = after(COLOR, [pasted(ID), key(KeyCode::Enter)]);
    update(&mut model, FirstRunMsg::News(News::Refused("the disk is full".to_owned())));
    assert_eq!((&model.stage, model.field.text.as_str()), (&FirstRunStage::App, ID));
    assert_eq!(note(&model), "the disk is full");
}

#[test]
fn the_address_of_the_browser_is_pasted_and_sent_and_a_refusal_comes_back_to_it() {
    let mut model = after(COLOR, [invited(), pasted(ANSWER)]);
    let wish = press(&mut model, KeyCode::Enter);
    assert_eq!(wish, Some(FirstRunEffect::Wish(Wish::Redirected(ANSWER.to_owned()))));
    assert_eq!(model.stage, FirstRunStage::Checking(invitation()));
    update(&mut model, FirstRunMsg::News(News::Checking));
    update(&mut model, FirstRunMsg::News(News::Refused("no".to_owned())));
    assert_eq!((&model.stage, note(&model)), (&FirstRunStage::Agree(invitation()), "no"));
    assert_eq!(
        update(&mut model, FirstRunMsg::News(News::Connected)),
        Some(FirstRunEffect::Leave(FirstRunExit::Dashboard))
    );
}

#[test]
fn a_browser_that_answers_by_itself_needs_no_key() {
    let mut model = after(COLOR, [invited(), FirstRunMsg::News(News::Checking)]);
    assert_eq!(model.stage, FirstRunStage::Checking(invitation()));
    assert_eq!(press(&mut model, KeyCode::Enter), None);
    assert_eq!(
        update(&mut model, FirstRunMsg::News(News::Connected)),
        Some(FirstRunEffect::Leave(FirstRunExit::Dashboard))
    );
}

#[test]
fn an_empty_answer_is_asked_for_again() {
    let mut model = after(COLOR, [invited(), key(KeyCode::Enter)]);
    assert_eq!(press(&mut model, KeyCode::Enter), None);
    assert_eq!(model.stage, FirstRunStage::Agree(invitation()));
    assert!(note(&model).contains("paste the address"));
}

#[test]
fn the_address_is_copied_and_opened() {
    let mut model = after(COLOR, [invited()]);
    assert_eq!(press(&mut model, KeyCode::Char('y')), Some(FirstRunEffect::Copy(invitation().url)));
    assert!(note(&model).contains("address copied"));
    assert_eq!(press(&mut model, KeyCode::Char('o')), Some(FirstRunEffect::Open(invitation().url)));
    update(&mut model, FirstRunMsg::Opened(Err("there is no browser here".to_owned())));
    assert_eq!(note(&model), "there is no browser here");
    press(&mut model, KeyCode::Char('c'));
    assert_eq!(model.stage, FirstRunStage::App, "another app after all");
    assert_eq!(press(&mut model, KeyCode::Char('y')), None, "there is nothing to copy");
}

#[test]
fn keys_leave_where_nothing_is_typed_and_are_letters_where_something_is() {
    let mut model = at_first(COLOR);
    for digit in "4d2b".chars() {
        assert_eq!(press(&mut model, KeyCode::Char(digit)), None);
    }
    assert_eq!(model.field.text, "4d2b", "a client id is typed at once");
    let control = |letter| FirstRunMsg::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL));
    assert_eq!(update(&mut model, control('d')), Some(FirstRunEffect::Leave(FirstRunExit::Demo)));
    assert_eq!(update(&mut model, control('u')), None);
    press(&mut model, KeyCode::Esc);
    assert_eq!(press(&mut model, KeyCode::Char('d')), Some(FirstRunEffect::Leave(FirstRunExit::Demo)));
    assert_eq!(press(&mut model, KeyCode::Char('q')), Some(FirstRunEffect::Leave(FirstRunExit::QUIT)));
    assert_eq!(press(&mut model, KeyCode::Char('b')), None, "nothing is stored");
    model.start.has_record = true;
    assert_eq!(press(&mut model, KeyCode::Char('b')), Some(FirstRunEffect::Leave(FirstRunExit::Dashboard)));
    press(&mut model, KeyCode::Enter);
    for letter in ['d', 'q', 'b', 'x'] {
        assert_eq!(press(&mut model, KeyCode::Char(letter)), None);
    }
    press(&mut model, KeyCode::Backspace);
    assert_eq!(model.field.text, "dqb");
    assert_eq!(update(&mut model, control('z')), Some(FirstRunEffect::Suspend));
    assert_eq!(update(&mut model, control('c')), Some(FirstRunEffect::Leave(FirstRunExit::QUIT)));
    assert_eq!(update(&mut model, control('u')), None);
    assert_eq!(model.field.text, "");
    press(&mut model, KeyCode::Esc);
    assert_eq!(press(&mut model, KeyCode::Char('q')), Some(FirstRunEffect::Leave(FirstRunExit::QUIT)));
}

#[test]
fn what_is_pasted_cannot_steer_the_terminal_nor_grow_without_end() {
    let model = after(COLOR, [pasted("\u{1b}[31ma\u{9b}\u{202e}b\nc")]);
    assert_eq!(model.field.text, "[31mabc");
    let model = after(COLOR, [pasted(&"x".repeat(1_000_000)), key(KeyCode::Char('x'))]);
    assert_eq!(model.field.text.len(), 4096);
    let model = after(COLOR, [pasted(ID), key(KeyCode::Enter), pasted("late")]);
    assert_eq!(model.field.text, ID, "nothing is wanted while the app is kept");
}

fn picture(model: &FirstRunModel, columns: u16, rows: u16) -> Buffer {
    draw((columns, rows), |frame| view(frame, model))
}

fn rows(buffer: &Buffer) -> Vec<String> {
    let row = |y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
    (0..buffer.area.height).map(row).collect()
}

/// Every situation of the screen.
fn situations(settings: UiSettings) -> Vec<(&'static str, FirstRunModel)> {
    let refused = "Spotify no longer takes this code (Invalid authorization code); it lives ten minutes and works once: open the address again";
    let mut pasting = after(settings, [invited(), pasted(&ANSWER.repeat(4))]);
    pasting.start.has_record = true;
    vec![
        ("steps", at_first(settings)),
        ("typing", after(settings, [pasted("0123456789"), key(KeyCode::Enter)])),
        ("preparing", after(settings, [pasted(ID), key(KeyCode::Enter)])),
        ("agree", after(settings, [invited()])),
        ("pasting", pasting),
        ("checking", after(settings, [invited(), pasted(ANSWER), key(KeyCode::Enter)])),
        ("refused", after(settings, [invited(), FirstRunMsg::News(News::Refused(refused.to_owned()))])),
    ]
}

const SIZES: [(u16, u16); 3] = [(120, 40), (80, 24), (40, 12)];

#[test]
fn first_run_as_it_looks() {
    for (name, model) in situations(COLOR) {
        // One model for all appearances, because each QR code takes a while.
        let model = RefCell::new(model);
        let in_look = |settings, (columns, rows)| {
            model.borrow_mut().look = look(settings);
            picture(&model.borrow(), columns, rows)
        };
        assert_snapshot!(name, sheet(&SIZES, in_look));
        for size in SIZES {
            assert_every_look(&format!("{name} at {size:?}"), |settings| in_look(settings, size));
        }
    }
}

#[test]
fn every_size_draws_and_shows_where_to_type_and_how_to_leave() {
    for settings in [COLOR, ASCII] {
        for (name, model) in situations(settings) {
            for columns in (0..=200).step_by(13).chain([39, 40, 41, 42, 78, 80, 149, 150]) {
                for rows_ in (0..=60).step_by(7).chain([9, 10, 11, 12, 17, 18, 45, 46]) {
                    let drawn = rows(&picture(&model, columns, rows_)).join("\n");
                    assert!(settings != ASCII || drawn.is_ascii(), "{name} at {columns}x{rows_}: {drawn}");
                    if columns < 40 || rows_ < 10 {
                        continue;
                    }
                    let leave = if model.field.is_open { "Enter go on" } else { "q quit" };
                    assert!(drawn.contains(leave), "{name} at {columns}x{rows_}: {drawn}");
                    let field = match model.stage {
                        FirstRunStage::App => "Client ID: ",
                        FirstRunStage::Agree(_) => "Address: ",
                        FirstRunStage::Preparing => "one moment",
                        FirstRunStage::Checking(_) => "requesting the login",
                    };
                    assert!(drawn.contains(field), "{name} at {columns}x{rows_}: {drawn}");
                }
            }
        }
    }
}

#[test]
fn the_whole_address_stands_there_without_a_blank_where_there_is_room_and_else_says_how_to_get_it() {
    let model = after(COLOR, [invited()]);
    for (columns, rows_) in [(80, 24), (120, 40), (60, 22), (200, 60)] {
        let drawn: Vec<String> = rows(&picture(&model, columns, rows_));
        let begin = drawn.iter().position(|row| row.starts_with("https://")).unwrap();
        let kept: String = drawn[begin..]
            .iter()
            .take_while(|row| !row.starts_with(' '))
            .fold(String::new(), |all, row| all + row.split(' ').next().unwrap());
        assert_eq!(kept, invitation().url, "{columns}x{rows_}");
    }
    let small = rows(&picture(&model, 40, 12)).join("\n");
    assert!(
        small.contains("https://accounts.spotify.com") && small.contains("… y copies all of it"),
        "{small}"
    );
}

/// Read back from the screen as a camera would, module by module.
#[test]
fn the_code_is_the_address_at_its_full_size_with_its_quiet_margin_or_is_not_there() {
    let model = after(COLOR, [invited()]);
    let code = qrcode::QrCode::with_error_correction_level(invitation().url, qrcode::EcLevel::L).unwrap();
    let side = code.width() + 8;
    let modules = code.to_colors();
    let has_code = |columns, rows_| rows(&picture(&model, columns, rows_)).join("").contains('█');
    let (columns, rows_) = (u16::try_from(side).unwrap() + 60, u16::try_from(side.div_ceil(2)).unwrap() + 1);
    assert!(has_code(columns, rows_) && !has_code(columns - 1, rows_) && !has_code(columns, rows_ - 1));
    assert!(!has_code(120, 40) && !has_code(80, 24));

    let drawn = picture(&model, columns, rows_);
    for y in 0..side {
        for x in 0..side {
            let cell = &drawn[(60 + u16::try_from(x).unwrap(), u16::try_from(y / 2).unwrap())];
            let upper = matches!(cell.symbol(), "█" | "▀");
            let lower = matches!(cell.symbol(), "█" | "▄");
            let is_light = if y % 2 == 0 { upper } else { lower };
            assert_eq!((cell.fg, cell.bg), (Color::White, Color::Black));
            let is_margin = x < 4 || y < 4 || x >= side - 4 || y >= side - 4;
            let expected = is_margin || modules[(y - 4) * code.width() + x - 4] == qrcode::Color::Light;
            assert_eq!(is_light, expected, "at {x}, {y}");
        }
    }
}
