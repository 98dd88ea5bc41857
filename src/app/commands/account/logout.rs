//! `phonolog logout`: deletes the login and keeps all recorded data.

use color_eyre::Result;

use crate::config::Config;

use crate::app::output::print;
use crate::app::runtime::token_file::TokenFile;

/// Removes the token file.
pub fn forget_login(config: &Config) -> Result<u8> {
    let file = TokenFile::new(config.paths.token_file());
    if file.remove()? {
        print::line(
            "Logged out. The record is kept. To withdraw the consent at Spotify, visit https://www.spotify.com/account/apps/",
        );
    } else {
        print::line("You were not logged in.");
    }
    Ok(0)
}
