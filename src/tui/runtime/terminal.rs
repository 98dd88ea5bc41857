//! Entering and restoring the terminal.
//!
//! A terminal may vanish at any time (hang-up, closed window). A failed write of a frame is
//! reported and ends the screen. After the terminal is restored, nothing is written or reported any
//! more, not even by ratatui's own `Terminal` when it is dropped: its message would go to a dead
//! standard error, where printing panics, and a panic while unwinding aborts the process.

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

/// Buttons and the wheel, with coordinates of any size. It is not the mode that crossterm enables,
/// which reports every move of the mouse and would wake us for each.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// Whether the terminal is entered at the moment, so that it is restored only once.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Restores the terminal: cooked mode, no bracketed paste, the mouse, the normal screen, a visible
/// cursor.
///
/// Does nothing if no screen is open, and reports nothing if the terminal is gone. For panic hooks.
pub fn restore() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut ansi = String::new();
    // Writing into a string cannot fail; the single write then either reaches the terminal or does
    // not.
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

/// The columns of the terminal on standard output; `None` if that is no terminal, or does not
/// report its size.
#[must_use]
pub fn columns() -> Option<usize> {
    let (columns, _) = io::stdout().is_terminal().then(size)?.ok()?;
    (columns > 0).then_some(usize::from(columns))
}

/// The terminal while a screen is open; dropping it restores the terminal.
pub struct TerminalScreen {
    terminal: Terminal<CrosstermBackend<Outlet>>,
    /// Whether the mouse is captured.
    mouse: bool,
}

impl TerminalScreen {
    /// Enables raw mode, the alternate screen, bracketed paste and, if requested, the mouse.
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

    /// Restores the terminal, stops the process, and enters the terminal again when the process
    /// continues; the next draw repaints everything.
    pub fn suspend(&mut self) -> io::Result<()> {
        restore();
        // The stop itself cannot be caught, so this returns when the process continues.
        let stopped = kill_process(getpid(), Signal::STOP);
        self.reenter()?;
        Ok(stopped?)
    }

    /// Enters the terminal again after [`restore`], and repaints everything.
    fn reenter(&mut self) -> io::Result<()> {
        claim(self.mouse)?;
        self.repaint()
    }

    /// Makes the next draw paint every cell, whatever the terminal shows.
    pub fn repaint(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        // Not `clear`, which asks the terminal for its cursor position and would wait for the
        // answer.
        self.terminal.resize(Rect::from((ratatui::layout::Position::ORIGIN, size)))
    }

    /// Its columns and rows.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Copies text to the clipboard of the machine that displays the terminal, if the terminal
    /// allows it (OSC 52).
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), CopyToClipboard::to_clipboard_from(text))?;
        Backend::flush(self.terminal.backend_mut())
    }

    /// Draws a frame as one write that the terminal shows at once. An error means that the terminal
    /// is gone.
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
    // So that text that is pasted by mistake is recognised, and none of its letters acts as a key.
    let _ = EnableBracketedPaste.write_ansi(&mut ansi);
    if mouse {
        ansi.push_str(MOUSE_ON);
    }
    let mut stdout = io::stdout().lock();
    let entered = stdout.write_all(ansi.as_bytes()).and_then(|()| stdout.flush());
    entered.inspect_err(|_| restore())
}

/// Standard output, one frame at a time, and only while the terminal is entered.
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
