//! Which endpoint is asked, in which batches, and how a missing answer is handled.

use super::*;
use crate::engine::tests::kit::{Asked, Kit, Reply, asked_for, contains, held, ok, refused};
use serde_json::json;

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("id{number}")).collect()
}

async fn ask(kit: &Kit, entity: Entity, ids: &[String]) -> Contains {
    let plan = kit.plan(asked_for(&[entity])).await;
    still_there(&kit.job(&plan, entity).await, ids).await.unwrap()
}

fn answered(ids: &[&str]) -> Contains {
    Contains::Answered(ids.iter().map(|id| (*id).to_owned()).collect())
}

const NEW: &str = "me/library/contains";

#[tokio::test]
async fn as_many_are_asked_for_at_once_as_spotify_takes_and_each_answer_is_its_own() {
    let kit = Kit::new(|asked| contains(asked, "id0 id39 id40 id81")).await;
    let there = ask(&kit, Entity::Tracks, &ids(82)).await;
    assert_eq!(there, answered(&["id0", "id39", "id40", "id81"]));
    assert_eq!(kit.asked(), [NEW; 3]);
    let learned =
        kit.ctx.store.account(kit.account.id).capabilities().of(Capability::LibraryContains).await.unwrap();
    assert!(learned.unwrap().open);
}

#[tokio::test]
async fn an_app_of_before_is_asked_where_it_may_ask_and_once_a_day_whether_more_is_open() {
    let kit = Kit::new(|asked| if asked.path == NEW { refused(403) } else { contains(asked, "id20") }).await;
    assert_eq!(ask(&kit, Entity::Albums, &ids(21)).await, answered(&["id20"]));
    assert_eq!(kit.asked(), [NEW, "me/albums/contains", "me/albums/contains"]);
    kit.answers(|asked| contains(asked, ""));
    assert_eq!(ask(&kit, Entity::Artists, &ids(1)).await, answered(&[]));
    assert_eq!(kit.asked(), ["me/following/contains"]);
    kit.answers(|asked| contains(asked, ""));
    kit.clock.pass(std::time::Duration::from_hours(24));
    ask(&kit, Entity::Albums, &ids(1)).await;
    assert_eq!(kit.asked(), [NEW]);
}

#[tokio::test]
async fn an_app_that_may_ask_nowhere_says_so() {
    let kit = Kit::new(|_| refused(403)).await;
    assert_eq!(ask(&kit, Entity::Tracks, &ids(1)).await, Contains::Closed);
    assert_eq!(kit.asked(), [NEW, "me/tracks/contains"]);
    // The older endpoint knows no playlists.
    kit.answers(|_| refused(403));
    assert_eq!(ask(&kit, Entity::Playlists, &ids(1)).await, Contains::Closed);
    assert_eq!(kit.asked(), [""; 0]);
}

#[tokio::test]
async fn what_is_no_answer_is_no_consent_and_teaches_nothing() {
    let answers: [fn(&Asked) -> Reply; 4] =
        [|_| held(), |_| refused(502), |_| ok(&json!([true])), |_| ok(&json!({"no": "answers"}))];
    for answer in answers {
        // The first forty ids are answered, the others are not.
        let kit =
            Kit::new(move |asked| if asked.nth == 0 { contains(asked, "") } else { answer(asked) }).await;
        assert_eq!(ask(&kit, Entity::Tracks, &ids(45)).await, Contains::Unanswered);
        let learned = kit
            .ctx
            .store
            .account(kit.account.id)
            .capabilities()
            .of(Capability::LibraryContains)
            .await
            .unwrap();
        assert_eq!(learned, None);
    }
}
