//! `phonolog completions` and `man`: generated from the command line's own description.

use clap::CommandFactory;
use color_eyre::Result;

use crate::cli::{self, Cli};

use crate::app::Failure;
use crate::app::output::print;
use crate::app::output::print::Lines;

/// Completions for a shell, on standard output.
pub fn completions(args: &cli::Completions) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "phonolog", &mut script);
    print(&script)
}

/// The manual page on standard output, or a page for each command in a folder.
pub fn man(args: &cli::Man) -> Result<u8> {
    let command = Cli::command();
    let Some(dir) = &args.dir else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        return print(&page);
    };
    let trouble = |error: std::io::Error| {
        Failure::failed(format!(
            "the pages cannot be written to {} ({error}); check the folder",
            dir.display()
        ))
    };
    std::fs::create_dir_all(dir).map_err(trouble)?;
    clap_mangen::generate_to(command, dir).map_err(trouble)?;
    print::line(&format!("Wrote a page for each command to {}.", dir.display()));
    Ok(0)
}

fn print(text: &[u8]) -> Result<u8> {
    let mut lines = Lines::new();
    let told = String::from_utf8_lossy(text).lines().try_for_each(|line| lines.line(line));
    told.and_then(|()| lines.flush()).map(|()| 0)
}
