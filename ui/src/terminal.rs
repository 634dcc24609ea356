//! The terminal: taken as a whole, given back as it was on every way out.

use std::io::{self, BufWriter, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::thread::ThreadId;

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{Command, cursor, execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};

/// The terminal is taken.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// The thread that draws.
static DRAWS: Mutex<Option<ThreadId>> = Mutex::new(None);
static HOOK: Once = Once::new();

/// Button presses and the wheel, without the motion in between, which would only cost.
struct MousePresses(bool);

impl Command for MousePresses {
    fn write_ansi(&self, f: &mut impl std::fmt::Write) -> std::fmt::Result {
        f.write_str(if self.0 { "\x1b[?1000h\x1b[?1006h" } else { "\x1b[?1006l\x1b[?1000l" })
    }
}

/// The taken terminal. Dropping it gives the terminal back.
pub(crate) struct Taken {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    mouse: bool,
}

impl Taken {
    /// Takes the terminal.
    pub(crate) fn take(mouse: bool) -> io::Result<Self> {
        HOOK.call_once(hook);
        *DRAWS.lock().unwrap_or_else(PoisonError::into_inner) = Some(std::thread::current().id());
        TAKEN.store(true, Ordering::SeqCst);
        let taken = enter(mouse).and_then(|()| {
            let writer = BufWriter::with_capacity(32 << 10, io::stdout());
            Ok(Self { terminal: Terminal::new(CrosstermBackend::new(writer))?, mouse })
        });
        if taken.is_err() {
            give_back();
        }
        taken
    }

    /// Columns and rows.
    pub(crate) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws what changed since the last time.
    pub(crate) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(draw)?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    /// Forgets what the terminal shows, so that the next drawing writes every cell.
    pub(crate) fn forget(&mut self) -> io::Result<()> {
        // Not `clear`, which asks the terminal where its cursor is and would wait for an answer that our own reader takes.
        let size = self.terminal.size()?;
        self.terminal.resize(size.into())
    }

    /// Writes a sequence of daptop's own that draws nothing.
    pub(crate) fn say(&mut self, sequence: &str) -> io::Result<()> {
        let writer = self.terminal.backend_mut();
        writer.write_all(sequence.as_bytes())?;
        Write::flush(writer)
    }

    /// Takes the mouse, or leaves it to the terminal.
    pub(crate) fn set_mouse(&mut self, mouse: bool) -> io::Result<()> {
        self.mouse = mouse;
        execute!(self.terminal.backend_mut(), MousePresses(mouse))
    }

    /// Takes it again after [`give_back`].
    pub(crate) fn enter_again(&mut self) -> io::Result<()> {
        TAKEN.store(true, Ordering::SeqCst);
        enter(self.mouse)?;
        self.forget()
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    let mut stdout = io::stdout().lock();
    execute!(stdout, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
    if mouse { execute!(stdout, MousePresses(true)) } else { Ok(()) }
}

/// Gives the terminal back, once. Every step is tried, whatever became of the one before: a terminal that is gone cannot
/// be helped, one that is there must not stay raw.
pub(crate) fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut stdout = io::stdout().lock();
    let written = execute!(
        stdout,
        EndSynchronizedUpdate,
        MousePresses(false),
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let flushed = stdout.flush();
    let cooked = disable_raw_mode();
    for result in [written, flushed, cooked] {
        if let Err(error) = result {
            tracing::debug!(%error, "the terminal could not be given back whole");
        }
    }
}

/// A panic of the drawing thread gives the terminal back before it is reported. One elsewhere must not write over the
/// screen: it becomes a line of the diagnostics.
fn hook() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let draws = *DRAWS.lock().unwrap_or_else(PoisonError::into_inner) == Some(std::thread::current().id());
        if draws {
            give_back();
        }
        if TAKEN.load(Ordering::SeqCst) {
            tracing::error!("daptop has a bug, please report it: {panic}");
        } else {
            report(panic);
        }
    }));
}
