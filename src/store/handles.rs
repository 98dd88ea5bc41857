//! The methods of a [`Store`], by room: `store.account(id).library()`.
//!
//! Owns: the handles, each a cheap copy of a reference. Must not know: what they do; each room
//! defines its methods in a block of its own, beside the statements.

use super::Store;
use crate::domain::AccountId;

/// The stored data of one account.
#[derive(Debug, Clone, Copy)]
pub struct AccountStore<'a> {
    store: &'a Store,
    account: AccountId,
}

macro_rules! handles_of_an_account {
    ($($(#[$doc:meta])* $name:ident, $accessor:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $name<'a> {
                pub(super) store: &'a Store,
                pub(super) account: AccountId,
            }
        )*
        impl<'a> AccountStore<'a> {
            $(
                $(#[$doc])*
                #[must_use]
                pub const fn $accessor(self) -> $name<'a> {
                    $name { store: self.store, account: self.account }
                }
            )*
        }
    };
}

macro_rules! handles_of_the_store {
    ($($(#[$doc:meta])* $name:ident, $accessor:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $name<'a> {
                pub(super) store: &'a Store,
            }
        )*
        impl Store {
            /// The stored data of one account.
            #[must_use]
            pub const fn account(&self, account: AccountId) -> AccountStore<'_> {
                AccountStore { store: self, account }
            }

            $(
                $(#[$doc])*
                #[must_use]
                pub const fn $accessor(&self) -> $name<'_> {
                    $name { store: self }
                }
            )*
        }
    };
}

handles_of_an_account! {
    /// The four lists of the library: staged page by page, compared, committed.
    LibraryStore, library;
    /// The contents of the playlists: which are due, their slots and versions.
    PlaylistStore, playlists;
    /// Which artists are to be described, and what answers say about them.
    DetailsStore, details;
    /// What was played, and for which time that is known.
    PlayStore, plays;
    /// Statistics of the plays.
    StatisticsStore, statistics;
    /// Lists and details as a screen shows them, and whole lists for an export.
    QueryStore, queries;
    /// What changed, and the library as it was.
    HistoryStore, history;
    /// The progress of each entity.
    SyncStateStore, sync_state;
    /// The runs of the sync.
    RunStore, runs;
    /// Alerts: which are raised, and which are not delivered yet.
    AlertStore, alerts;
    /// What the app of this login may request.
    CapabilityStore, capabilities;
}

handles_of_the_store! {
    /// The account of this database.
    AccountsStore, accounts;
    /// Holds, counted requests, and the largest page of each bucket.
    RateLimitStore, rate_limits;
    /// Values that phonolog stores under a name.
    SettingsStore, settings;
}
