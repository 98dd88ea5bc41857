//! Where files are, and whether other users can read them.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::config::Config;

use super::Finding;
use crate::app::runtime::connect;
use crate::app::runtime::token_file::leftovers_of;
use crate::store::leftover_files;

/// Every folder and file with private contents.
pub fn look(config: &Config) -> Vec<Finding> {
    let paths = &config.paths;
    let places = [
        ("data", paths.data_dir.clone()),
        ("database file", paths.database.clone()),
        ("login file", paths.token_file()),
        ("api token", paths.api_token_file()),
        ("logs", paths.log_dir()),
        ("socket", connect::own_place(config).socket().to_owned()),
    ];
    let mut findings: Vec<_> = places.iter().filter_map(|(name, path)| place(name, path)).collect();
    findings.extend(leftover_files(&paths.database).iter().map(|path| leftover(path)));
    findings.extend(leftovers_of(&paths.token_file()).iter().map(|path| login_leftover(path)));
    findings
}

fn leftover(path: &Path) -> Finding {
    let path = path.display();
    Finding::warning(
        "leftover",
        format!("{path} was left by a phonolog that was killed; the next start removes it"),
    )
}

/// It contains secrets, and perhaps the only good copy of a login.
fn login_leftover(path: &Path) -> Finding {
    let path = path.display();
    Finding::warning(
        "leftover",
        format!(
            "{path} was left by a phonolog that was killed and may hold a login; the next start uses or removes it, `phonolog logout` removes it"
        ),
    )
}

/// A missing file is not reported, except the data folder.
fn place(check: &'static str, path: &Path) -> Option<Finding> {
    let found = match std::fs::metadata(path) {
        Ok(found) => found,
        Err(_) if check != "data" => return None,
        Err(_) => {
            return Some(Finding::ok(
                check,
                format!("{} does not exist yet; the first sync creates it", path.display()),
            ));
        }
    };
    let mode = found.permissions().mode() & 0o777;
    let told = format!("{} (mode {mode:03o})", path.display());
    let wanted = if found.is_dir() { "700" } else { "600" };
    Some(if found.uid() != rustix::process::geteuid().as_raw() {
        Finding::bad(check, format!("{told} belongs to another user; run phonolog as its owner"))
    } else if mode & 0o077 != 0 {
        let path = path.display();
        Finding::bad(check, format!("other users can access {told}; run `chmod {wanted} {path}`"))
    } else {
        Finding::ok(check, told)
    })
}
