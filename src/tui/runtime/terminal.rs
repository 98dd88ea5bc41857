//! Entering and leaving the terminal.
//!
//! A terminal may vanish at any instant (hang-up, closed window). A failing write of a frame is reported,
//! which ends the screen; once the terminal is given back nothing is written or reported any more, not
//! even by ratatui's own `Terminal` when it is dropped: its complaint would go to a dead standard error,
//! where printing panics, and a panic while unwinding aborts the process.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use ratatui::crossterm::clipboard::CopyToClipboard;
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
use rustix::process::{Signal, getpid, kill_process};

use crate::tui::style::combining_marks::set_apart;

/// Buttons and the wheel, told by numbers of any size. Not what crossterm turns on, which has every move of
/// the mouse reported and would wake us for each.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// Whether the terminal is ours at the moment, so that leaving twice is leaving once.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Gives the terminal back: cooked mode, unmarked pastes, the mouse, the normal screen, a visible cursor.
///
/// Does nothing where no screen is open, and nothing is said where the terminal is gone. For panic hooks.
pub fn restore() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut ansi = String::new();
    // Into a string, so these cannot fail; one write then either reaches the terminal or does not.
    let _ = EndSynchronizedUpdate.write_ansi(&mut ansi);
    ansi.push_str(MOUSE_OFF);
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
pub struct TerminalScreen {
    terminal: Terminal<CrosstermBackend<Outlet>>,
    /// Whether the mouse is ours, too.
    mouse: bool,
}

impl TerminalScreen {
    /// Raw mode, the alternate screen, pastes marked as such and, where it is wanted, the mouse.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        claim(mouse)?;
        match Terminal::new(CrosstermBackend::new(Outlet::default())) {
            Ok(terminal) => Ok(Self { terminal, mouse }),
            Err(error) => {
                restore();
                Err(error)
            }
        }
    }

    /// Gives the terminal back, stops the process, and takes the terminal again when it goes on; the next draw
    /// repaints all of it.
    pub fn suspend(&mut self) -> io::Result<()> {
        restore();
        // The stop itself cannot be caught, so that this returns when the process goes on.
        let stopped = kill_process(getpid(), Signal::STOP);
        self.reenter()?;
        Ok(stopped?)
    }

    /// Takes the terminal again after [`restore`], and repaints all of it.
    fn reenter(&mut self) -> io::Result<()> {
        claim(self.mouse)?;
        self.repaint()
    }

    /// Has the next draw paint every cell, whatever the terminal showed.
    pub fn repaint(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        // Not `clear`, which asks the terminal for its cursor and would wait for an answer.
        self.terminal.resize(Rect::from((ratatui::layout::Position::ORIGIN, size)))
    }

    /// Its columns and rows.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Hands text to the clipboard of the machine at which the terminal is seen, as far as the terminal
    /// allows it (OSC 52).
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), CopyToClipboard::to_clipboard_from(text))?;
        Backend::flush(self.terminal.backend_mut())
    }

    /// Draws a frame as one write that the terminal shows at once. An error means that it is gone.
    pub fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| {
            picture(frame);
            set_apart(frame.buffer_mut());
        })?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        Backend::flush(self.terminal.backend_mut())
    }
}

impl Drop for TerminalScreen {
    fn drop(&mut self) {
        restore();
    }
}

fn claim(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    let mut ansi = String::new();
    let _ = EnterAlternateScreen.write_ansi(&mut ansi);
    // So that text that is pasted by mistake is known for what it is, and no key of it does anything.
    let _ = EnableBracketedPaste.write_ansi(&mut ansi);
    if mouse {
        ansi.push_str(MOUSE_ON);
    }
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
