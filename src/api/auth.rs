//! Access control for TCP: a client needs the token, and web pages are refused.
//!
//! A web page can make a browser send requests to this machine. Such a request names a foreign
//! origin, or uses a host name of the page that resolves to our address. So a request with an
//! origin, or with a host name other than `localhost`, is refused before its token is checked.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::guests::Guest;
use super::routes::{refuse, with_protocol};
use super::socket_path::{hex, user};
use super::wire::Why;
use crate::files::{self, FileError, Links};

/// Random bytes of a token.
const BYTES: usize = 32;
/// A token file has 65 bytes; a larger file is not one.
const LARGEST: u64 = 1024;

/// The token that gives access to the TCP port.
#[derive(Debug, Clone)]
pub struct ApiToken(SecretString);

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Other users can read it, so it must be treated as known.
    #[error("other users can read the API's token in {}; delete that file to get a new one", .0.display())]
    Open(PathBuf),
    /// Other users could replace it with their own.
    #[error("other users can write to the directory {folder}, so an API token would not be safe there; run `chmod go-w {folder}`", folder = .0.display())]
    OpenFolder(PathBuf),
    /// The file cannot be read or created.
    #[error("cannot read or create the API's token in {}: {why}; {next_step}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong, as a clause about the file.
        why: String,
        /// What a person does next.
        next_step: &'static str,
    },
}

impl ApiToken {
    /// The token in the file at `path`, accessible by this user only; created if it is missing or
    /// incomplete.
    pub fn open(path: &Path) -> Result<Self, TokenError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        if std::fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o022 != 0) {
            return Err(TokenError::OpenFolder(folder.to_owned()));
        }
        match Self::read(path)? {
            Some(token) => Ok(token),
            None => Self::make(path, folder),
        }
    }

    /// A file that a killed process left incomplete, or a full disk left empty, counts as missing.
    fn read(path: &Path) -> Result<Option<Self>, TokenError> {
        let unusable = |error: FileError| unusable(path, &error);
        let file = match files::open(path, OpenOptions::new().read(true), Links::Follow) {
            Ok(file) => file,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(unusable(error)),
        };
        let found = file.metadata().map_err(|error| unusable(FileError::System(error)))?;
        if found.permissions().mode() & 0o077 != 0 || found.uid() != user() {
            return Err(TokenError::Open(path.to_owned()));
        }
        let bytes = files::read_open(file, LARGEST).map_err(unusable)?;
        let text = String::from_utf8_lossy(&bytes);
        let token = text.trim();
        let is_token = token.len() >= 2 * BYTES && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        Ok(is_token.then(|| Self(token.into())))
    }

    /// Written to a temporary file and renamed, so that a kill leaves either no file or a complete
    /// one.
    fn make(path: &Path, folder: &Path) -> Result<Self, TokenError> {
        let trouble = |error: io::Error| unusable(path, &FileError::System(error));
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(|error| trouble(io::Error::other(error.to_string())))?;
        let token = hex(&bytes);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let file = tempfile::Builder::new().prefix(&format!("{name}.")).suffix(".new").tempfile_in(folder);
        let mut file = file.map_err(trouble)?;
        writeln!(file, "{token}").and_then(|()| file.as_file().sync_all()).map_err(trouble)?;
        file.persist(path).map_err(|failed| trouble(failed.error))?;
        // Without this, a power cut may restore the old file; the next start then creates another
        // token.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(Self(token.into()))
    }

    /// Whether `given` is the token. The comparison takes the same time however much of it is
    /// right.
    fn is(&self, given: &str) -> bool {
        let digest = |text: &str| Sha256::digest(text.as_bytes());
        digest(given).as_slice().ct_eq(digest(self.0.expose_secret()).as_slice()).into()
    }
}

fn unusable(path: &Path, error: &FileError) -> TokenError {
    TokenError::Unusable { path: path.to_owned(), why: error.to_string(), next_step: error.next_step() }
}

/// The router, protected by the token.
pub fn guard(router: Router, token: ApiToken) -> Router {
    let token = Arc::new(token);
    let check = move |request: Request, next: Next| {
        let token = Arc::clone(&token);
        async move {
            match let_in(request.headers(), &token) {
                Ok(()) => {
                    if let Some(guest) = request.extensions().get::<Guest>() {
                        guest.has_shown_token();
                    }
                    next.run(request).await
                }
                Err((status, why)) => refuse(status, Why::Forbidden, why),
            }
        }
    };
    router.layer(middleware::from_fn(check)).layer(middleware::map_response(with_protocol))
}

fn let_in(headers: &HeaderMap, token: &ApiToken) -> Result<(), (StatusCode, &'static str)> {
    if !headers.get(HOST).is_some_and(|host| host.to_str().is_ok_and(is_own_host)) {
        return Err((StatusCode::FORBIDDEN, "use an IP address or localhost as the host name"));
    }
    if headers.contains_key(ORIGIN) {
        return Err((StatusCode::FORBIDDEN, "web pages may not use this API"));
    }
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer "));
    if given.is_some_and(|given| token.is(given.trim())) {
        return Ok(());
    }
    Err((StatusCode::UNAUTHORIZED, "send the token of the file api-token as `Authorization: Bearer TOKEN`"))
}

fn is_own_host(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("127.0.0.1:7433", true)]
    #[case("192.168.1.5", true)]
    #[case("[::1]:7433", true)]
    #[case("localhost:7433", true)]
    #[case("LOCALHOST", true)]
    #[case("evil.example", false)]
    #[case("127.0.0.1.evil.example:7433", false)]
    #[case("localhost.evil.example", false)]
    #[case("", false)]
    #[case("a b", false)]
    fn only_addresses_and_localhost_are_own_hosts(#[case] host: &str, #[case] own: bool) {
        assert_eq!(is_own_host(host), own);
    }

    #[test]
    fn a_token_is_made_once_for_its_owner_and_refused_where_others_can_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("api-token");
        let made = ApiToken::open(&path).unwrap();
        let again = ApiToken::open(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(made.is(text.trim()) && again.is(text.trim()));
        assert!(!made.is("") && !made.is(&text.trim()[1..]));
        assert!(!format!("{made:?}").contains(text.trim()));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(ApiToken::open(&path), Err(TokenError::Open(_))));
    }

    #[test]
    fn half_a_token_opens_nothing_and_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("api-token");
        for broken in ["", "\n", "abc123", &"z".repeat(64), "\u{0}\u{0}"] {
            std::fs::write(&path, broken).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            let made = ApiToken::open(&path).unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(made.is(text.trim()) && text.len() == 2 * BYTES + 1, "{broken:?}");
            assert!(!made.is(broken) && !made.is(broken.trim()), "{broken:?}");
        }
        let names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().flatten().collect();
        assert_eq!(names.len(), 1);
    }

    #[test]
    fn no_token_is_kept_where_others_can_write_nor_read_from_a_pipe() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("api-token");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR).unwrap();
        let refused = ApiToken::open(&path).unwrap_err().to_string();
        assert!(refused.contains("it is a pipe"), "{refused}");
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o770)).unwrap();
        let refused = ApiToken::open(&path).unwrap_err();
        assert!(matches!(&refused, TokenError::OpenFolder(folder) if folder == dir.path()), "{refused}");
    }
}
