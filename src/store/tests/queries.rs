//! What a screen shows.

mod browse;
mod listening;
mod plays_of;
