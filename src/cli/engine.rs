//! Commands about the engine and what it did.

use clap::Args;

/// `phonolog daemon`
#[derive(Debug, Args)]
pub struct Daemon {
    /// Log to standard error instead of the rolling file.
    #[arg(long)]
    pub stderr: bool,
    /// Write the unit for systemd's user manager, and say what to do next.
    #[arg(long, conflicts_with_all = ["uninstall", "stderr"])]
    pub install: bool,
    /// Remove that unit.
    #[arg(long, conflicts_with = "stderr")]
    pub uninstall: bool,
}

/// A command that prints facts and takes nothing else.
#[derive(Debug, Args)]
pub struct Facts {
    /// As JSON, one object a line.
    #[arg(long)]
    pub json: bool,
}

/// `phonolog runs`
#[derive(Debug, Args)]
pub struct Runs {
    /// How many.
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// One JSON object per line.
    #[arg(long)]
    pub json: bool,
}

/// `phonolog logs`
#[derive(Debug, Args)]
pub struct Logs {
    /// How many lines.
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 50)]
    pub lines: usize,
    /// Go on with what comes, until Ctrl-C.
    #[arg(long, short)]
    pub follow: bool,
}
