//! Commands about the engine and what it did.

use clap::Args;

/// `phonolog daemon`
#[derive(Debug, Args)]
pub struct Daemon {
    /// Log to standard error instead of the rolling file.
    #[arg(long)]
    pub stderr: bool,
    /// Write the unit file of a systemd user service and print the next steps.
    #[arg(long, conflicts_with_all = ["uninstall", "stderr"])]
    pub install: bool,
    /// Remove that unit file.
    #[arg(long, conflicts_with = "stderr")]
    pub uninstall: bool,
}

/// A command that prints facts and takes nothing else.
#[derive(Debug, Args)]
pub struct Facts {
    /// Print JSON, one object per line.
    #[arg(long)]
    pub json: bool,
}

/// `phonolog runs`
#[derive(Debug, Args)]
pub struct Runs {
    /// Number of syncs to show.
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// Print one JSON object per line.
    #[arg(long)]
    pub json: bool,
}

/// `phonolog logs`
#[derive(Debug, Args)]
pub struct Logs {
    /// Number of lines to show.
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 50)]
    pub lines: usize,
    /// Print new lines as they are written, until Ctrl-C.
    #[arg(long, short)]
    pub follow: bool,
}
