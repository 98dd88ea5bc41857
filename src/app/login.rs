//! `phonolog login`: sends the person to Spotify, takes the answer from the browser or from a pasted
//! URL, and keeps the login.

mod redirect;

use std::io::IsTerminal;
use std::sync::Arc;

use color_eyre::Result;
use secrecy::SecretString;
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};
use tokio_util::sync::CancellationToken;

use crate::cli;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::User;
use crate::spotify::{self, Ask, AuthCode, Lane, LoginAttempt, LoginError, SpotifyError, StoredToken};
use crate::store::{LockPurpose, StoreError};

use super::engine_room::{client_settings, connect as open_connection};
use super::token_file::TokenFile;
use super::{Failure, logging, out, signals};

pub use redirect::Redirects;

/// Logs in.
pub async fn connect(config: Config, args: &cli::Login) -> Result<u8> {
    if config.client_id.is_none() {
        return Err(Failure::Usage(
            "no client id is set; make a Spotify app as the README says, then set PHONOLOG_CLIENT_ID or client_id in the config file"
                .to_owned(),
        )
        .into());
    }
    let _log = logging::start(&config)?;
    let stop = signals::stop_on_signals()?;
    let attempt = begin(&config)?;
    let redirects = Redirects::listen(&config.redirect_uri).await;
    explain(&attempt, args, redirects.is_ok());
    let code = tokio::select! {
        code = wait_for_code(&attempt, redirects.ok()) => code?,
        () = stop.cancelled() => return Err(Failure::Interrupted.into()),
    };
    match finish(&config, &attempt, &code).await? {
        Some(user) => {
            let name = user.display_name.unwrap_or(user.id);
            out::say(&format!("Logged in as {}. Now run `phonolog`.", crate::domain::display_line(&name)));
        }
        None => out::say(
            "Logged in. Spotify asks for a pause just now, so the first sync will check whose account it is.",
        ),
    }
    Ok(0)
}

/// A new try to log in with the app that is set.
pub fn begin(config: &Config) -> Result<LoginAttempt, LoginError> {
    LoginAttempt::new(&client_settings(config), config.redirect_uri.as_str())
}

/// Makes a login of the code and keeps it; answers whose it is, where Spotify tells.
pub async fn finish(config: &Config, attempt: &LoginAttempt, code: &AuthCode) -> Result<Option<User>> {
    let clock = SystemClock::shared();
    let token = spotify::exchange(&client_settings(config), attempt, code, &clock).await?;
    keep(config, &token).await
}

fn explain(attempt: &LoginAttempt, args: &cli::Login, listening: bool) {
    let over_ssh = std::env::var_os("SSH_CONNECTION").is_some();
    let opened = !args.no_browser && !over_ssh && webbrowser::open(attempt.authorize_url().as_str()).is_ok();
    out::say(if opened {
        "Your browser opens this page; agree there:"
    } else {
        "Open this page in any browser and agree there:"
    });
    out::say(&format!("\n  {}\n", attempt.authorize_url()));
    if listening {
        out::say("If the browser then shows an error page, it runs on another machine: copy the");
        out::say("address of that page from its address bar and paste it here.");
    } else {
        out::say("The browser then shows an error page: copy the address of that page from its");
        out::say("address bar and paste it here.");
    }
}

/// The first valid answer, from the browser or from a pasted line; whichever comes. A person at a
/// terminal may paste again; a script gets the error.
async fn wait_for_code(attempt: &LoginAttempt, mut redirects: Option<Redirects>) -> Result<AuthCode> {
    let mut pasted = Some(BufReader::new(tokio::io::stdin()).lines());
    loop {
        let answer = tokio::select! {
            Some(target) = next_redirect(redirects.as_mut()) => target,
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
        match attempt.read_redirect(answer.trim()) {
            Ok(code) => return Ok(code),
            Err(error) if std::io::stdin().is_terminal() => out::complain(&error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// The next answer of a browser; none ever, where none is received.
pub async fn next_redirect(redirects: Option<&mut Redirects>) -> Option<String> {
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

/// Keeps the login, then holds it against the database; a stranger's login is taken back.
async fn keep(config: &Config, token: &StoredToken) -> Result<Option<User>> {
    logging::private_dir(&config.paths.data_dir)?;
    let file = TokenFile::new(config.paths.token_file());
    let before = file.read().unwrap_or_default();
    file.write(token)?;
    let told = whose(config, &file).await;
    if told.is_err() {
        match before {
            Some(before) => file.write(&before)?,
            None => drop(file.remove()?),
        }
    }
    told
}

/// Asks Spotify whose login it is and gives the database to that account; `None` while Spotify refuses.
async fn whose(config: &Config, file: &TokenFile) -> Result<Option<User>> {
    // A token from the environment would answer for another login than the one just made.
    let config = Config { access_token: None::<SecretString>, ..config.clone() };
    let connection = open_connection(&config, Arc::new(file.clone()), LockPurpose::Login).await?;
    let ask = Ask { lane: Lane::Now, patience: config.gate.wait, cancel: CancellationToken::new() };
    let told = match connection.client.me(&ask).await {
        Ok(user) => match connection.store.adopt_account(&user, connection.clock.now()).await {
            Ok(account) => Ok(Some(account.user)),
            Err(error @ StoreError::OtherAccount { .. }) => Err(Failure::failed(error.to_string()).into()),
            Err(error) => Err(error.into()),
        },
        Err(SpotifyError::Held { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    };
    connection.store.close().await;
    told
}
