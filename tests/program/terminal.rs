//! A terminal with a program in it: a pty, what a person would see of it, and keys.
//!
//! Whole frames only: between the two marks of a synchronized update the screen is not looked at. The
//! master's descriptor is closed on exec, so that programs started meanwhile by other threads do not keep
//! a closed terminal open.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::fd::AsFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Pts, Pty};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, tcgetattr};
use vt100::{Callbacks, MouseProtocolMode, Parser, Screen};

/// Longer than anything takes that is waited for, on a machine that is busy with other tests.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A program in a terminal; ended with it.
pub struct Terminal {
    /// The master; `None` once closed.
    pty: Option<Arc<Pty>>,
    display: Arc<Display>,
    reader: Option<JoinHandle<()>>,
    pid: Pid,
    end: mpsc::Receiver<ExitStatus>,
    has_ended: bool,
}

/// What the program has drawn so far.
struct Display {
    state: Mutex<State>,
    changed: Condvar,
    /// The master is to be closed with the next thing that is drawn.
    closing: AtomicBool,
}

struct State {
    parser: Parser<Frames>,
    /// Nobody can draw any more.
    has_ended: bool,
}

/// Whether a frame is under way.
#[derive(Default)]
struct Frames {
    in_frame: bool,
}

impl Callbacks for Frames {
    fn unhandled_csi(
        &mut self,
        _: &mut Screen,
        intermediate: Option<u8>,
        _: Option<u8>,
        params: &[&[u16]],
        c: char,
    ) {
        if intermediate == Some(b'?') && params == [[2026]] {
            self.in_frame = c == 'h';
        }
    }
}

impl Terminal {
    /// Starts a program in a terminal of its own, which is the program's controlling one.
    pub fn open(command: Command, columns: u16, rows: u16) -> Self {
        let (pty, pts) = terminal(columns, rows);
        let child = pty_process::blocking::Command::from(command).spawn(pts).unwrap();
        Self::around(pty, child, columns, rows)
    }

    /// The same for a screen, and goes from home to the engine room, where every gauge is told.
    pub fn open_engine_room(command: Command, columns: u16, rows: u16) -> Self {
        let terminal = Self::open(command, columns, rows);
        terminal.enter_engine_room();
        terminal
    }

    /// Goes from home to the engine room, once home is shown.
    pub fn enter_engine_room(&self) {
        self.wait_for("[1 Home]");
        self.press("1");
    }

    /// Starts a program whose input and output are a terminal that delivers no signals to it.
    pub fn open_uncontrolling(mut command: Command, columns: u16, rows: u16) -> Self {
        let (pty, pts) = terminal(columns, rows);
        let end = || Stdio::from(pts.as_fd().try_clone_to_owned().unwrap());
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        Self::around(pty, child, columns, rows)
    }

    fn around(pty: Pty, mut child: Child, columns: u16, rows: u16) -> Self {
        let pid = Pid::from_child(&child);
        let pty = Arc::new(pty);
        let [columns, rows] = [columns, rows].map(|cells| NonZeroU16::new(cells).unwrap());
        let display = Arc::new(Display {
            state: Mutex::new(State {
                parser: Parser::new_with_callbacks(rows, columns, 0, Frames::default()),
                has_ended: false,
            }),
            changed: Condvar::new(),
            closing: AtomicBool::new(false),
        });
        let reader = std::thread::spawn({
            let (pty, display) = (Arc::clone(&pty), Arc::clone(&display));
            move || display.follow(&pty)
        });
        let (ended, end) = mpsc::channel();
        std::thread::spawn(move || ended.send(child.wait().unwrap()));
        Self { pty: Some(pty), display, reader: Some(reader), pid, end, has_ended: false }
    }

    fn pty(&self) -> &Pty {
        self.pty.as_deref().unwrap()
    }

    /// Waits for a screen of which `seen` answers something; `what` says what is waited for.
    pub fn wait_until<T>(&self, what: &str, mut seen: impl FnMut(&Screen) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.display.state.lock().unwrap();
        loop {
            let screen = state.parser.screen();
            if !state.parser.callbacks().in_frame
                && let Some(answer) = seen(screen)
            {
                return answer;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && !state.has_ended,
                "{what} was waited for in vain; the screen:\n{}",
                screen.contents()
            );
            state = self.display.changed.wait_timeout(state, left).unwrap().0;
        }
    }

    /// Waits until `text` stands on the screen.
    pub fn wait_for(&self, text: &str) {
        self.wait_until(text, |screen| screen.contents().contains(text).then_some(()));
    }

    /// Waits until `text` stands on the screen no more.
    pub fn wait_for_no(&self, text: &str) {
        let what = format!("no {text}");
        self.wait_until(&what, |screen| (!screen.contents().contains(text)).then_some(()));
    }

    /// What is on the screen.
    pub fn text(&self) -> String {
        self.wait_until("a whole frame", |screen| Some(screen.contents()))
    }

    /// Types.
    pub fn press(&self, keys: &str) {
        self.pty().write_all(keys.as_bytes()).unwrap();
    }

    /// Gives the window another size.
    pub fn resize(&self, columns: u16, rows: u16) {
        let [wide, high] = [columns, rows].map(|cells| NonZeroU16::new(cells).unwrap());
        self.display.state.lock().unwrap().parser.set_size(high, wide);
        self.pty().resize(Size::new(rows, columns)).unwrap();
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    /// Waits until the program stands still, as after Ctrl-Z.
    pub fn wait_until_stopped(&self) {
        let deadline = Instant::now() + PATIENCE;
        let is_stopped = || {
            let told = Command::new("ps")
                .args(["-o", "state=", "-p", &self.pid.as_raw_nonzero().to_string()])
                .output()
                .unwrap();
            String::from_utf8_lossy(&told.stdout).trim_start().starts_with('T')
        };
        while !is_stopped() {
            assert!(Instant::now() < deadline, "the program does not stand still");
        }
    }

    /// Closes the terminal as a closed window or a lost connection does.
    pub fn close(mut self) -> Closed {
        // The reader waits for output; the answer to a key is some.
        self.display.closing.store(true, Ordering::SeqCst);
        self.press("?");
        self.reader.take().unwrap().join().unwrap();
        self.pty = None;
        Closed(self)
    }

    /// Waits for the program to end, and for the last of what it said.
    pub fn ended(&mut self) -> ExitStatus {
        let status = self.end.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            let screen = self.display.state.lock().unwrap().parser.screen().contents();
            panic!("the program did not end; the screen:\n{screen}")
        });
        self.has_ended = true;
        self.reader.take().into_iter().for_each(|reader| reader.join().unwrap());
        status
    }

    /// Asserts that the terminal is as a shell left it: the normal screen, a cursor, line by line, echoing.
    pub fn assert_restored(&self) {
        let state = self.display.state.lock().unwrap();
        let screen = state.parser.screen();
        assert!(!screen.alternate_screen(), "the alternate screen was not left");
        assert!(!screen.hide_cursor(), "the cursor is hidden");
        assert!(!screen.bracketed_paste(), "pastes are marked");
        assert_eq!(screen.mouse_protocol_mode(), MouseProtocolMode::None, "the mouse is taken");
        let modes = tcgetattr(self.pty().as_fd()).unwrap().local_modes;
        assert!(modes.contains(LocalModes::ICANON | LocalModes::ECHO), "raw: {modes:?}");
    }
}

/// A program whose terminal is gone.
pub struct Closed(Terminal);

impl Closed {
    /// Waits for the program to end.
    pub fn ended(&mut self) -> ExitStatus {
        self.0.ended()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if !self.has_ended && self.end.try_recv().is_err() {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

impl Display {
    /// Shows what comes out of the program, until nothing can any more.
    fn follow(&self, mut pty: &Pty) {
        let mut bytes = [0; 4096];
        // Once nobody holds the other end, Linux answers with an error, macOS with an end of file.
        while let Ok(count @ 1..) = pty.read(&mut bytes) {
            if self.closing.load(Ordering::SeqCst) {
                return;
            }
            self.state.lock().unwrap().parser.process(&bytes[..count]);
            self.changed.notify_all();
        }
        self.state.lock().unwrap().has_ended = true;
        self.changed.notify_all();
    }
}

fn terminal(columns: u16, rows: u16) -> (Pty, Pts) {
    let (pty, pts) = pty_process::blocking::open().unwrap();
    pty.resize(Size::new(rows, columns)).unwrap();
    (pty, pts)
}
