//! Connections over TCP: their number is limited, and a client that has not shown the token gives
//! way to new ones.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// The most connections at once.
const ROOM: usize = 32;
/// The most of them from one address that have not shown the token.
const STRANGERS_OF_ONE_ADDRESS: usize = 8;

/// One connection, shared by its requests and the list of all connections.
#[derive(Debug, Clone)]
pub struct Guest {
    address: IpAddr,
    has_token: Arc<AtomicBool>,
    leave: CancellationToken,
}

impl Guest {
    /// A request on it has shown the token.
    pub fn has_shown_token(&self) {
        self.has_token.store(true, Ordering::Relaxed);
    }

    fn is_stranger(&self) -> bool {
        !self.has_token.load(Ordering::Relaxed)
    }

    /// Ends when the connection must give way.
    pub async fn must_leave(&self) {
        self.leave.cancelled().await;
    }
}

/// All connections over TCP, the oldest first.
#[derive(Debug, Clone, Default)]
pub struct Guests(Arc<Mutex<Vec<Guest>>>);

impl Guests {
    /// Accepts a connection from `address`. If there is no room, the oldest connection without the
    /// token is closed; it is one of the same address if that has too many. `None` if every
    /// connection has shown the token.
    pub fn take_in(&self, address: IpAddr) -> Option<Guest> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_of_them = |guest: &Guest| guest.is_stranger() && guest.address == address;
        let goes = if all.iter().filter(|guest| is_of_them(guest)).count() >= STRANGERS_OF_ONE_ADDRESS {
            Some(all.iter().position(is_of_them)?)
        } else if all.len() >= ROOM {
            Some(all.iter().position(Guest::is_stranger)?)
        } else {
            None
        };
        if let Some(goes) = goes {
            all.remove(goes).leave.cancel();
        }
        let guest = Guest { address, has_token: Arc::default(), leave: CancellationToken::new() };
        all.push(guest.clone());
        Some(guest)
    }

    /// The connection has ended.
    pub fn has_left(&self, guest: &Guest) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|other| !Arc::ptr_eq(&other.has_token, &guest.has_token));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn has_to_leave(guest: &Guest) -> bool {
        guest.leave.is_cancelled()
    }

    #[test]
    fn strangers_of_one_address_make_room_for_each_other_alone() {
        let guests = Guests::default();
        let other = guests.take_in(address(2)).unwrap();
        let all: Vec<_> = (0..100).map(|_| guests.take_in(address(1)).unwrap()).collect();
        assert_eq!(all.iter().filter(|guest| !has_to_leave(guest)).count(), STRANGERS_OF_ONE_ADDRESS);
        assert!(!has_to_leave(&other));
    }

    #[test]
    fn who_has_shown_the_token_stays_and_where_all_have_nobody_comes() {
        let guests = Guests::default();
        let known = guests.take_in(address(0)).unwrap();
        known.has_shown_token();
        for last in 1..=100 {
            assert!(guests.take_in(address(last)).is_some());
        }
        assert!(!has_to_leave(&known));

        let full = Guests::default();
        let all: Vec<_> =
            (0..ROOM).map(|_| full.take_in(address(1)).unwrap()).inspect(Guest::has_shown_token).collect();
        assert!(full.take_in(address(2)).is_none());
        full.has_left(&all[0]);
        assert!(full.take_in(address(2)).is_some());
    }
}
