//! Commands about the account, the files, the settings and the program itself.

use clap::Args;

/// `phonolog login`
#[derive(Debug, Args)]
pub struct Login {
    /// Do not open a browser; print the URL and read the redirected one from standard input.
    #[arg(long)]
    pub no_browser: bool,
}

/// `phonolog backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// File to write.
    #[arg(value_name = "FILE")]
    pub file: std::path::PathBuf,
    /// Overwrite the file if it exists.
    #[arg(long)]
    pub force: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `phonolog restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// File that phonolog backup wrote.
    #[arg(value_name = "FILE")]
    pub file: std::path::PathBuf,
    /// Do not ask for confirmation.
    #[arg(long)]
    pub yes: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `phonolog forget`
#[derive(Debug, Args)]
pub struct Forget {
    /// Do not ask for confirmation.
    #[arg(long)]
    pub yes: bool,
}

/// `phonolog config`
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// Only check the config file.
    #[arg(long, conflicts_with_all = ["sample", "write"])]
    pub check: bool,
    /// Print a config file with every key and its default.
    #[arg(long, conflicts_with = "write")]
    pub sample: bool,
    /// Create such a file, if there is none yet.
    #[arg(long)]
    pub write: bool,
}

/// `phonolog completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// Shell to print completions for.
    pub shell: clap_complete::Shell,
}

/// `phonolog man`
#[derive(Debug, Args)]
pub struct Man {
    /// Write one page per command into this directory.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<std::path::PathBuf>,
}
