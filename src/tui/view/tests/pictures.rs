//! Every screen, with its text and its roles stored in one file; and every appearance draws it by
//! them.

use insta::assert_snapshot;
use ratatui::buffer::Buffer;
use rstest::rstest;

use super::browsing::{SCREENS, screen};
use super::{COLOR, picture};
use crate::domain::Snapshot;
use crate::tui::fixtures::pictures::{assert_every_look, sheet};
use crate::tui::fixtures::{self, now};
use crate::tui::state::model::{Appearance, Model, Overlay};
use crate::tui::style::settings::UiSettings;

const DASHBOARD_SIZES: [(u16, u16); 3] = [(120, 36), (80, 24), (40, 12)];
const BROWSING_SIZES: [(u16, u16); 3] = [(120, 40), (80, 24), (40, 12)];

fn in_look(model: &Model, settings: UiSettings, (columns, rows): (u16, u16)) -> Buffer {
    let look = Appearance::new(settings, model.look.zone);
    picture(&Model { look, ..model.clone() }, now(), columns, rows)
}

#[rstest]
#[case::empty("empty", fixtures::empty())]
#[case::initial("initial", fixtures::initial())]
#[case::short_hold("short_hold", fixtures::short_hold())]
#[case::day_hold("day_hold", fixtures::day_hold())]
#[case::idle("idle", fixtures::idle())]
#[case::failed("failed", fixtures::failed())]
#[case::braked("braked", fixtures::braked())]
#[case::unreachable("unreachable", fixtures::unreachable())]
#[case::locked("locked", fixtures::locked())]
#[case::paused("paused", fixtures::paused())]
#[case::nasty("nasty", fixtures::nasty())]
#[case::playing("playing", fixtures::playing())]
#[case::playing_paused("playing_paused", fixtures::playing_paused())]
fn dashboard(#[case] name: &str, #[case] snapshot: Snapshot) {
    assert_dashboard(name, &fixtures::model(snapshot, COLOR));
}

#[rstest]
#[case::help("help", Overlay::Help { scroll: 0 }, fixtures::idle())]
#[case::resync("resync", Overlay::Resync, fixtures::idle())]
#[case::removals("removals", Overlay::Removals, fixtures::braked())]
fn box_over_the_dashboard(#[case] name: &str, #[case] overlay: Overlay, #[case] snapshot: Snapshot) {
    let model = fixtures::model(snapshot, COLOR);
    assert_dashboard(name, &Model { overlay: Some(overlay), ..model });
}

fn assert_dashboard(name: &str, model: &Model) {
    let kept = sheet(&DASHBOARD_SIZES, |settings, size| in_look(model, settings, size));
    assert_snapshot!(format!("dashboard_{name}"), kept);
    for size in DASHBOARD_SIZES {
        assert_every_look(&format!("{name} at {size:?}"), |settings| in_look(model, settings, size));
    }
}

const HOME_SIZES: [(u16, u16); 4] = [(200, 60), (120, 36), (80, 24), (40, 12)];

#[rstest]
#[case::idle("idle", fixtures::idle())]
#[case::initial("initial", fixtures::initial())]
#[case::day_hold("day_hold", fixtures::day_hold())]
#[case::failed("failed", fixtures::failed())]
#[case::playing("playing", fixtures::playing())]
fn home(#[case] name: &str, #[case] snapshot: Snapshot) {
    let model = |settings, size| fixtures::home(snapshot.clone(), settings, size);
    let kept = sheet(&HOME_SIZES, |settings, size| in_look(&model(settings, size), settings, size));
    assert_snapshot!(format!("home_{name}"), kept);
    for size in HOME_SIZES {
        assert_every_look(&format!("home, {name} at {size:?}"), |settings| {
            in_look(&model(settings, size), settings, size)
        });
    }
}

#[test]
fn every_screen_is_as_it_was() {
    for (name, keys) in SCREENS {
        let models = BROWSING_SIZES.map(|size| (size, screen(keys, COLOR, size)));
        let model = |size| &models.iter().find(|(of, _)| *of == size).unwrap().1;
        let kept = sheet(&BROWSING_SIZES, |settings, size| in_look(model(size), settings, size));
        assert_snapshot!(name, kept);
    }
}

#[test]
fn every_look_draws_every_screen_by_its_roles() {
    for (name, keys) in SCREENS {
        for size in BROWSING_SIZES {
            let model = screen(keys, COLOR, size);
            assert_every_look(&format!("{name} at {size:?}"), |settings| in_look(&model, settings, size));
        }
    }
}
