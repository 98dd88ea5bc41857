//! `phonolog login`: sends the person to Spotify, receives the answer from the browser or from a
//! pasted URL, and stores the login.

mod new_login;
mod redirect;

use std::io::IsTerminal;

use color_eyre::Result;
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};

use crate::cli;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::display_line;
use crate::spotify::{self, AuthCode, LoginAttempt, LoginError, StoredToken};

use crate::app::Failure;
use crate::app::output::print;
use crate::app::runtime::engine_host::client_settings;
use crate::app::runtime::token_file::TokenFile;
use crate::app::runtime::{logging, signals};

pub use new_login::LoginOwner;
use new_login::NewLogin;
pub use redirect::{Redirect, Redirects};

/// Logs in.
pub async fn connect(config: Config, args: &cli::Login) -> Result<u8> {
    if config.client_id.is_none() {
        return Err(Failure::Usage(
            "no client id is set; create a Spotify app as described in the README, then set PHONOLOG_CLIENT_ID or client_id in the config file"
                .to_owned(),
        )
        .into());
    }
    let _log = logging::start(&config)?;
    // A problem with the login file should be known before a person logs in.
    TokenFile::new(config.paths.token_file()).check_folder()?;
    let stop = signals::stop_on_signals()?;
    let attempt = begin(&config)?;
    let redirects = Redirects::listen(&config.redirect_uri).await;
    explain(&attempt, args, redirects.is_ok());
    let code = tokio::select! {
        code = wait_for_code(&attempt, redirects.ok()) => code?,
        () = stop.cancelled() => return Err(Failure::Interrupted.into()),
    };
    match finish(&config, &attempt, &code).await? {
        LoginOwner::Known(user) => {
            let name = user.display_name.unwrap_or(user.id);
            print::line(&format!("Logged in as {}. Now run `phonolog`.", display_line(&name)));
        }
        LoginOwner::Unknown(why) => print::line(&format!(
            "Logged in. {}, so the first sync will check which account it is.",
            display_line(why.trim_end_matches('.'))
        )),
    }
    Ok(0)
}

/// A new login attempt with the configured app.
pub fn begin(config: &Config) -> Result<LoginAttempt, LoginError> {
    LoginAttempt::new(&client_settings(config), config.redirect_uri.as_str())
}

/// Exchanges the code for a login and stores it; returns its owner, if Spotify names one.
pub async fn finish(config: &Config, attempt: &LoginAttempt, code: &AuthCode) -> Result<LoginOwner> {
    let clock = SystemClock::shared();
    let token = spotify::exchange(&client_settings(config), attempt, code, &clock).await?;
    keep(config, token).await
}

fn explain(attempt: &LoginAttempt, args: &cli::Login, listening: bool) {
    let over_ssh = std::env::var_os("SSH_CONNECTION").is_some();
    let opened = !args.no_browser && !over_ssh && webbrowser::open(attempt.authorize_url().as_str()).is_ok();
    print::line(if opened {
        "Your browser opens this page. Agree there:"
    } else {
        "Open this page in any browser and agree there:"
    });
    print::line(&format!("\n  {}\n", attempt.authorize_url()));
    if listening {
        print::line("If the browser then shows an error page, it runs on another machine: copy the");
        print::line("address of that page from its address bar and paste it here.");
    } else {
        print::line("The browser then shows an error page: copy the address of that page from its");
        print::line("address bar and paste it here.");
    }
}

/// The first valid answer, from the browser or from a pasted line. A browser request that is no
/// answer to this attempt is ignored, because any web page can send one. A person at a terminal may
/// paste again; a script gets the error.
async fn wait_for_code(attempt: &LoginAttempt, mut redirects: Option<Redirects>) -> Result<AuthCode> {
    let mut pasted = Some(BufReader::new(tokio::io::stdin()).lines());
    loop {
        let pasted = tokio::select! {
            Some(redirect) = next_redirect(redirects.as_mut()) => match redirect.answer(attempt) {
                Some(answer) => {
                    if let Some(redirects) = redirects {
                        redirects.close().await;
                    }
                    return Ok(answer?);
                }
                None => continue,
            },
            line = next_line(pasted.as_mut()) => match line {
                Some(line) if line.trim().is_empty() => continue,
                Some(line) => line,
                // Standard input has ended: only the browser can still answer.
                None if redirects.is_some() && std::io::stdin().is_terminal() => {
                    pasted = None;
                    continue;
                }
                None => return Err(Failure::failed("no address was pasted; run `phonolog login` again").into()),
            },
        };
        match attempt.read_redirect(pasted.trim()) {
            Ok(code) => return Ok(code),
            Err(error) if std::io::stdin().is_terminal() => print::error(&error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// The next answer of a browser; never ends if none can be received.
pub async fn next_redirect(redirects: Option<&mut Redirects>) -> Option<Redirect> {
    match redirects {
        Some(redirects) => redirects.next().await,
        None => std::future::pending().await,
    }
}

async fn next_line(pasted: Option<&mut Lines<BufReader<Stdin>>>) -> Option<String> {
    match pasted {
        Some(lines) => lines.next_line().await.unwrap_or(None),
        None => std::future::pending().await,
    }
}

/// Compares the login with the database, then stores it. If it belongs to another person, or
/// Spotify rejects it, the old login is kept. If Spotify cannot be asked now, the user of the login
/// asks first.
async fn keep(config: &Config, token: StoredToken) -> Result<LoginOwner> {
    logging::private_dir(&config.paths.data_dir)?;
    let login = NewLogin::new(token);
    let owner = login.owner(config).await?;
    TokenFile::new(config.paths.token_file()).write(&login.token())?;
    Ok(owner)
}
