//! A message posted as JSON.

use reqwest::Client;
use reqwest::redirect::Policy;
use url::Url;

use super::{ANSWERED_WITHIN, Message};

/// Where to. The URL itself may be a secret, so that no error names it.
pub struct Webhook {
    url: Url,
    http: Client,
}

impl Webhook {
    /// Follows nobody elsewhere: what was https might go on without.
    pub fn new(url: Url) -> Result<Self, String> {
        let client = Client::builder()
            .user_agent(concat!("phonolog/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .timeout(ANSWERED_WITHIN)
            .build();
        let http = client.map_err(|error| format!("alerts cannot be posted ({})", error.without_url()))?;
        Ok(Self { url, http })
    }

    pub async fn tell(&self, message: &Message) -> Result<(), String> {
        let sent = self.http.post(self.url.clone()).json(message.json()).send().await;
        let answer = sent.map_err(|error| error.without_url().to_string())?;
        let status = answer.status();
        if status.is_success() { Ok(()) } else { Err(format!("it was answered with {status}")) }
    }
}
