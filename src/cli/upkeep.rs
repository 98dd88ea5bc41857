//! Commands about the account, the files, the settings and the program itself.

use clap::Args;

/// `phonolog login`
#[derive(Debug, Args)]
pub struct Login {
    /// Open no browser: print the URL and read the redirected one from standard input.
    #[arg(long)]
    pub no_browser: bool,
}

/// `phonolog backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write.
    #[arg(value_name = "FILE")]
    pub file: std::path::PathBuf,
    /// Replace the file if it is there already.
    #[arg(long)]
    pub force: bool,
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `phonolog restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// A file that phonolog backup wrote.
    #[arg(value_name = "FILE")]
    pub file: std::path::PathBuf,
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `phonolog forget`
#[derive(Debug, Args)]
pub struct Forget {
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
}

/// `phonolog config`
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// Only say whether the settings are valid.
    #[arg(long, conflicts_with_all = ["sample", "write"])]
    pub check: bool,
    /// Print every key with its default, as a file.
    #[arg(long, conflicts_with = "write")]
    pub sample: bool,
    /// Put the sample in place, if there is no config file yet.
    #[arg(long)]
    pub write: bool,
}

/// `phonolog completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// For which shell.
    pub shell: clap_complete::Shell,
}

/// `phonolog man`
#[derive(Debug, Args)]
pub struct Man {
    /// Write a page for each command into this folder.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<std::path::PathBuf>,
}
