//! The screen before the first dashboard, on which a person without a login gets one.

use std::sync::Arc;

use color_eyre::{Report, Result};

use crate::api::AttachError;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::ClientId;
use crate::spotify::{AuthCode, LoginAttempt, LoginError};
use crate::tui::{
    self, ExitReason, FirstRunExit, Invitation, LoginEnd, LoginPort, News, Start, TerminalSignals, Wish,
};

use super::login::{self, Redirects};
use crate::app::Loaded;
use crate::app::commands::engine::dashboard;
use crate::app::runtime::token_file::TokenFile;
use crate::app::runtime::{connect, logging, web_browser};

/// What comes after it.
pub enum Passed {
    /// The dashboard; if there was a screen before it, with the signals that it watched.
    On(Box<Loaded>, Option<TerminalSignals>),
    /// The demo.
    Demo(TerminalSignals),
    /// The end of the program.
    Left(ExitReason),
}

/// Shows the screen if there is neither a login nor a running engine; otherwise goes on at once.
pub async fn pass(loaded: Loaded) -> Result<Passed> {
    if !is_first(&loaded.config).await {
        return Ok(Passed::On(Box::new(loaded), None));
    }
    let (port, end) = LoginPort::pair();
    let config = loaded.config.clone();
    let start = Start {
        knows_app: config.client_id.is_some(),
        redirect_uri: config.redirect_uri.to_string(),
        has_record: config.paths.database.exists(),
    };
    let look = dashboard::look(&config);
    let mut signals = TerminalSignals::watch()?;
    let desk = tokio::spawn(serve(config, end));
    let way =
        tui::welcome(port, Arc::new(web_browser::open), start, SystemClock::shared(), look, &mut signals)
            .await;
    desk.abort();
    Ok(match way? {
        // The client id may have changed.
        FirstRunExit::Dashboard => {
            let config = crate::app::settings(&loaded.flags)?;
            Passed::On(Box::new(Loaded { config, flags: loaded.flags }), Some(signals))
        }
        FirstRunExit::Demo => Passed::Demo(signals),
        FirstRunExit::Left(left) => Passed::Left(left),
    })
}

/// Whether a dashboard would be useless. The dashboard itself shows what is wrong with a login or
/// an engine.
async fn is_first(config: &Config) -> bool {
    let has_login = config.access_token.is_some()
        || !matches!(TokenFile::new(config.paths.token_file()).read(), Ok(None));
    !has_login && matches!(connect::attach(config).await, Err(AttachError::Nobody))
}

/// Executes the screen's wishes until it ends. The browser's answer is handled like a pasted one.
async fn serve(config: Config, end: LoginEnd) {
    let LoginEnd { mut wishes, news } = end;
    let mut redirects = Redirects::listen(&config.redirect_uri).await.ok();
    let mut desk = LoginDesk { is_awaited: redirects.is_some(), config, attempt: None };
    let mut told = desk.config.client_id.is_some().then(|| desk.invite());
    loop {
        // It fails only if the screen has ended.
        if let Some(told) = told.take()
            && news.send(told).await.is_err()
        {
            return;
        }
        let wish = tokio::select! {
            wish = wishes.recv() => match wish {
                Some(wish) => wish,
                None => return,
            },
            Some(redirect) = login::next_redirect(redirects.as_mut()) => {
                // A request that is no answer to this attempt is ignored: any web page can send
                // one.
                if let Some(answer) = desk.attempt.as_ref().and_then(|attempt| redirect.answer(attempt)) {
                    let _ = news.send(News::Checking).await;
                    told = Some(desk.finish(answer).await);
                }
                continue;
            }
        };
        told = Some(match wish {
            Wish::UseApp(id) => desk.use_app(&id),
            Wish::Redirected(answer) => {
                let _ = news.send(News::Checking).await;
                desk.answer(&answer).await
            }
        });
    }
}

/// The state of one login.
struct LoginDesk {
    config: Config,
    /// Whether a browser on this machine can answer directly.
    is_awaited: bool,
    /// The current attempt with the configured app. Its address may be opened repeatedly.
    attempt: Option<LoginAttempt>,
}

impl LoginDesk {
    fn invite(&mut self) -> News {
        match login::begin(&self.config) {
            Ok(attempt) => {
                let url = attempt.authorize_url().to_string();
                self.attempt = Some(attempt);
                News::Invited(Invitation { url, is_awaited: self.is_awaited })
            }
            Err(error) => News::Refused(error.to_string()),
        }
    }

    fn use_app(&mut self, id: &ClientId) -> News {
        let id_as_set = std::env::var("PHONOLOG_CLIENT_ID").ok().filter(|set| !set.is_empty());
        if id_as_set.is_some_and(|set| set != id.to_string()) {
            return News::Refused(
                "PHONOLOG_CLIENT_ID names another app and overrides the config file; correct it and start phonolog again"
                    .to_owned(),
            );
        }
        if let Err(failure) =
            crate::app::commands::inspect::config::keep_client_id(&self.config.paths.config_file, id)
        {
            return News::Refused(failure.to_string());
        }
        self.config.client_id = Some(id.to_string());
        self.invite()
    }

    async fn answer(&self, answer: &str) -> News {
        match &self.attempt {
            Some(attempt) => self.finish(attempt.read_redirect(answer.trim())).await,
            None => News::Refused("no login has been started; enter the client id first".to_owned()),
        }
    }

    async fn finish(&self, answer: Result<AuthCode, LoginError>) -> News {
        match self.log_in(answer).await {
            Ok(()) => News::Connected,
            Err(error) => News::Refused(in_words(&error)),
        }
    }

    async fn log_in(&self, answer: Result<AuthCode, LoginError>) -> Result<()> {
        let code = answer?;
        let attempt = self.attempt.as_ref().ok_or(LoginError::NoCode)?;
        // Nothing is logged before the dashboard, so that a short visit leaves no files behind.
        logging::write_privately();
        login::finish(&self.config, attempt, &code).await?;
        Ok(())
    }
}

/// Why there is no login yet. The next step differs from that of the command line.
fn in_words(error: &Report) -> String {
    match error.downcast_ref::<LoginError>() {
        Some(LoginError::Denied) => {
            "the login was declined at Spotify; open the address again to allow it".to_owned()
        }
        Some(LoginError::Refused(said)) => {
            format!("Spotify ended the login with `{said}`; open the address again")
        }
        Some(LoginError::CodeRefused(said)) => {
            format!(
                "Spotify no longer accepts this code ({said}); a code is valid for ten minutes and once: open the address again"
            )
        }
        Some(LoginError::UnknownClient(id)) => {
            format!(
                "Spotify does not know the client id `{id}`; compare it with your app's page, then press c"
            )
        }
        Some(LoginError::NoRefreshToken) => {
            "Spotify sent no refresh token, so the login would last only an hour; open the address again"
                .to_owned()
        }
        _ => error.to_string(),
    }
}
