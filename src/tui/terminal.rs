//! Entering and leaving the terminal.
//!
//! A terminal may vanish at any instant (hang-up, closed window). A failing write of a frame is reported,
//! which ends the screen; once the terminal is given back nothing is written or reported any more, not
//! even by ratatui's own `Terminal` when it is dropped: its complaint would go to a dead standard error,
//! where printing panics, and a panic while unwinding aborts the process.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use ratatui::crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode, size,
};
use ratatui::crossterm::{Command, queue};
use ratatui::layout::Rect;
use ratatui::prelude::{Backend, CrosstermBackend};
use ratatui::{Frame, Terminal};

/// Whether the terminal is ours at the moment, so that leaving twice is leaving once.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Gives the terminal back: cooked mode, unmarked pastes, the normal screen, a visible cursor.
///
/// Does nothing where no screen is open, and nothing is said where the terminal is gone. For panic hooks.
pub fn restore() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut ansi = String::new();
    // Into a string, so these cannot fail; one write then either reaches the terminal or does not.
    let _ = EndSynchronizedUpdate.write_ansi(&mut ansi);
    let _ = DisableBracketedPaste.write_ansi(&mut ansi);
    let _ = LeaveAlternateScreen.write_ansi(&mut ansi);
    let _ = Show.write_ansi(&mut ansi);
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(ansi.as_bytes());
    let _ = stdout.flush();
    let _ = disable_raw_mode();
}

/// The columns of the terminal that standard output is; `None` where it is none, or does not tell.
#[must_use]
pub fn columns() -> Option<usize> {
    let (columns, _) = io::stdout().is_terminal().then(size)?.ok()?;
    (columns > 0).then_some(usize::from(columns))
}

/// The terminal while a screen is open; dropping it gives the terminal back.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Outlet>>,
}

impl Screen {
    /// Raw mode, the alternate screen, and pastes marked as such.
    pub fn enter() -> io::Result<Self> {
        claim()?;
        match Terminal::new(CrosstermBackend::new(Outlet::default())) {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                restore();
                Err(error)
            }
        }
    }

    /// Takes the terminal again after [`restore`], and repaints all of it.
    pub fn reenter(&mut self) -> io::Result<()> {
        claim()?;
        let size = self.terminal.size()?;
        // Not `clear`, which asks the terminal for its cursor and would wait for an answer.
        self.terminal.resize(Rect::from((ratatui::layout::Position::ORIGIN, size)))
    }

    /// Draws a frame as one write that the terminal shows at once. An error means that it is gone.
    pub fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(picture)?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        Backend::flush(self.terminal.backend_mut())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn claim() -> io::Result<()> {
    enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    let mut ansi = String::new();
    let _ = EnterAlternateScreen.write_ansi(&mut ansi);
    // So that text that is pasted by mistake is known for what it is, and no key of it does anything.
    let _ = EnableBracketedPaste.write_ansi(&mut ansi);
    let mut stdout = io::stdout().lock();
    let entered = stdout.write_all(ansi.as_bytes()).and_then(|()| stdout.flush());
    entered.inspect_err(|_| restore())
}

/// Standard output, a frame at a time, and only while the terminal is ours.
#[derive(Debug, Default)]
struct Outlet {
    pending: Vec<u8>,
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let frame = std::mem::take(&mut self.pending);
        if !ENTERED.load(Ordering::SeqCst) {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        stdout.write_all(&frame)?;
        stdout.flush()
    }
}
