//! Posts a message as JSON.

use reqwest::Client;
use reqwest::redirect::Policy;
use url::{Host, Url};

use super::{ANSWERED_WITHIN, AlertMessage};

/// The URL. It may be a secret, so no error names it.
pub struct Webhook {
    url: Url,
    http: Client,
}

impl Webhook {
    /// Redirects are not followed, because they might leave https.
    pub fn new(url: Url) -> Result<Self, String> {
        let mut builder = Client::builder()
            .user_agent(concat!("phonolog/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .timeout(ANSWERED_WITHIN);
        if is_this_machine(&url) {
            // No proxy is used, so none learns the URL.
            builder = builder.no_proxy();
        }
        let http =
            builder.build().map_err(|error| format!("cannot post alerts ({})", error.without_url()))?;
        Ok(Self { url, http })
    }

    pub async fn deliver(&self, message: &AlertMessage) -> Result<(), String> {
        let sent = self.http.post(self.url.clone()).json(message.json()).send().await;
        let answer = sent.map_err(|error| error.without_url().to_string())?;
        let status = answer.status();
        if status.is_success() { Ok(()) } else { Err(format!("the server responded with {status}")) }
    }
}

/// Whether this machine serves it.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback())
        }
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("http://127.0.0.1:9/hook", true)]
    #[case("https://127.8.9.10/hook", true)]
    #[case("http://[::1]:9/", true)]
    #[case("http://[::ffff:127.0.0.1]/", true)]
    #[case("http://LOCALHOST:9/", true)]
    #[case("http://hooks.localhost./", true)]
    #[case("https://ntfy.example/secret", false)]
    #[case("https://localhost.example/", false)]
    #[case("http://192.168.1.4/", false)]
    fn what_this_machine_serves_itself_is_reached_without_a_proxy(#[case] url: &str, #[case] own: bool) {
        assert_eq!(is_this_machine(&Url::parse(url).unwrap()), own);
    }
}
