//! Alerts: which are raised, which are undelivered, and that none appears twice.

use crate::store::tests::*;

fn alert(kind: AlertKind, subject: &str, second: i64) -> Alert {
    Alert { kind, subject: subject.to_owned(), since: at(second), text: format!("{kind}: do something") }
}

fn raised(alerts: &[Alert]) -> AlertChange {
    AlertChange { raised: alerts.to_vec(), ..AlertChange::default() }
}

fn cleared(alerts: &[Alert]) -> AlertChange {
    AlertChange { cleared: alerts.to_vec(), ..AlertChange::default() }
}

impl Bench {
    async fn undelivered(&self) -> Vec<(AlertKind, AlertTurn)> {
        let undelivered = self.stored().alerts().undelivered().await.unwrap();
        undelivered.iter().map(|one| (one.alert.kind, one.turn)).collect()
    }
}

#[tokio::test]
async fn what_stands_outlives_the_process_and_each_turn_is_told_once() {
    let bench = Bench::new().await;
    let (brake, hold) = (alert(AlertKind::Braked, "tracks", 1), alert(AlertKind::Held, "albums", 2));
    bench.stored().alerts().change(&raised(&[brake.clone(), hold.clone()]), at(2)).await.unwrap();
    assert_eq!(bench.stored().alerts().standing().await.unwrap(), [brake.clone(), hold.clone()]);
    assert_eq!(
        bench.undelivered().await,
        [(AlertKind::Braked, AlertTurn::Raised), (AlertKind::Held, AlertTurn::Raised)]
    );
    let first = bench.stored().alerts().undelivered().await.unwrap().remove(0);
    bench.stored().alerts().was_delivered(&first, at(3)).await.unwrap();
    bench.stored().alerts().change(&cleared(&[brake.clone(), hold]), at(4)).await.unwrap();
    // An alert that was raised and cleared before delivery is delivered in both turns, in order.
    assert_eq!(
        bench.undelivered().await,
        [
            (AlertKind::Held, AlertTurn::Raised),
            (AlertKind::Braked, AlertTurn::Cleared),
            (AlertKind::Held, AlertTurn::Cleared)
        ]
    );
    for alert in bench.stored().alerts().undelivered().await.unwrap() {
        bench.stored().alerts().was_delivered(&alert, at(5)).await.unwrap();
    }
    let Bench { dir, store, account, .. } = bench;
    store.close().await;
    let reader = Store::open(&url(&dir), Access::ReadOnly).await.unwrap();
    assert_eq!(reader.account(account).alerts().undelivered().await.unwrap(), []);
    assert_eq!(reader.account(account).alerts().standing().await.unwrap(), []);
}

#[tokio::test]
async fn no_alert_stands_twice_and_one_that_is_over_may_come_again() {
    let bench = Bench::new().await;
    let hold = alert(AlertKind::Held, "albums", 1);
    bench.stored().alerts().change(&raised(std::slice::from_ref(&hold)), at(1)).await.unwrap();
    let twice = bench.stored().alerts().change(&raised(std::slice::from_ref(&hold)), at(2)).await;
    assert!(twice.is_err());
    let other = alert(AlertKind::Held, "tracks", 2);
    let both = AlertChange { raised: vec![other, hold.clone()], ..AlertChange::default() };
    assert!(bench.stored().alerts().change(&both, at(2)).await.is_err());
    assert_eq!(bench.stored().alerts().standing().await.unwrap().len(), 1, "all or nothing");
    let again = AlertChange {
        cleared: vec![hold.clone()],
        raised: vec![Alert { since: at(9), ..hold.clone() }],
        ..AlertChange::default()
    };
    bench.stored().alerts().change(&again, at(9)).await.unwrap();
    let retold = Alert { text: "held: in other words".to_owned(), since: at(9), ..hold };
    let in_other_words = AlertChange { retold: vec![retold.clone()], ..AlertChange::default() };
    bench.stored().alerts().change(&in_other_words, at(10)).await.unwrap();
    assert_eq!(bench.stored().alerts().standing().await.unwrap(), [retold]);
}
