//! The loop: waits for a key, a snapshot or the time, and draws when something changed.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use crossterm::event::EventStream;
use daptop_model::{Command, Snapshot, Stamp};
use futures_util::StreamExt;
use ratatui::Frame;
use rustix::process::{Signal, getpid, kill_process};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep_until, timeout};

use crate::action::{Action, Edit, Effects};
use crate::copy::{self, Clip};
use crate::editor::Editor;
use crate::input::Input;
use crate::keeper::Keeper;
use crate::terminal::{Taken, give_back};
use crate::theme::{Theme, ThemeName};
use crate::ui::Ui;
use crate::update::{edited, update};
use crate::{pace, view};

/// The least time between two drawings.
const FRAME: Duration = Duration::from_millis(50);
/// How long a wish for the supervisor may wait when its queue is full.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the dashboard is told at the start.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own, as on a command line")]
pub struct Options {
    /// What is run, for the title: the run file's name, or the app's id.
    pub title: String,
    /// Which colours fit the terminal.
    pub theme: ThemeName,
    /// Only ASCII characters are wanted.
    pub ascii: bool,
    /// The mouse is left to the terminal.
    pub no_mouse: bool,
    /// How the user edits a text.
    pub editor: Option<Editor>,
    /// Where a text goes that is too large for the clipboard.
    pub keeper: Option<Keeper>,
    /// The terminal is one of tmux's.
    pub tmux: bool,
    /// A call is sent again without a question, also where that may change something.
    pub replay_at_once: bool,
}

/// Runs the dashboard until the user quits or the snapshots end. Blocks; call it on a thread of its own. The terminal
/// is restored on every way out. When the user quits, [`Command::Quit`] has been sent before this returns.
///
/// # Errors
/// When the terminal cannot be taken, or is gone.
pub fn run(
    snapshots: watch::Receiver<Arc<Snapshot>>,
    commands: mpsc::Sender<Command>,
    options: Options,
) -> io::Result<()> {
    run_with(snapshots, commands, options, view)
}

/// A way of drawing.
type View = fn(&Ui, &Snapshot, &mut Frame<'_>);

/// As [`run`], with a drawing of one's own: for tests of what becomes of the terminal when drawing goes wrong.
#[doc(hidden)]
pub fn run_with(
    snapshots: watch::Receiver<Arc<Snapshot>>,
    commands: mpsc::Sender<Command>,
    options: Options,
    view: View,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async move { Dashboard::open(snapshots, commands, &options, view)?.run().await })
}

struct Dashboard {
    ui: Ui,
    view: View,
    terminal: Taken,
    input: Input,
    /// Nothing while somebody else reads the terminal.
    events: Option<EventStream>,
    editor: Option<Editor>,
    keeper: Option<Keeper>,
    /// The terminal is one of tmux's.
    tmux: bool,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    commands: mpsc::Sender<Command>,
    snapshot: Arc<Snapshot>,
    /// When the snapshot came: what the session's clock says since is reckoned from here.
    came: Instant,
    drawn: Option<Instant>,
    /// Something changed since the last drawing.
    dirty: bool,
    quit: bool,
}

impl Dashboard {
    fn open(
        mut snapshots: watch::Receiver<Arc<Snapshot>>,
        commands: mpsc::Sender<Command>,
        options: &Options,
        view: View,
    ) -> io::Result<Self> {
        let offset = jiff::Zoned::now().offset().seconds();
        let mut ui = Ui::new(&options.title, Theme::new(options.theme, options.ascii), offset, !options.no_mouse);
        if options.replay_at_once {
            ui.replay_at_once();
        }
        let snapshot = snapshots.borrow_and_update().clone();
        Ok(Self {
            terminal: Taken::take(!options.no_mouse)?,
            ui,
            view,
            input: Input::default(),
            events: Some(EventStream::new()),
            editor: options.editor.clone(),
            keeper: options.keeper.clone(),
            tmux: options.tmux,
            snapshots,
            commands,
            snapshot,
            came: Instant::now(),
            drawn: None,
            dirty: true,
            quit: false,
        })
    }

    async fn run(mut self) -> io::Result<()> {
        self.act(Action::Refresh).await?;
        while !self.quit {
            if self.dirty && self.next_frame() <= Instant::now() {
                self.draw().await?;
            }
            let wake = self.wake();
            tokio::select! {
                biased;
                event = next(&mut self.events) => {
                    let event = event.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))??;
                    self.read(&event).await?;
                }
                changed = self.snapshots.changed(), if !self.dirty => {
                    if changed.is_err() {
                        break;
                    }
                    self.refresh().await?;
                }
                () = sleep_until(wake.into()) => self.tick().await?,
            }
        }
        Ok(())
    }

    /// The moment from which on a drawing is allowed.
    fn next_frame(&self) -> Instant {
        self.drawn.map_or_else(Instant::now, |drawn| drawn + FRAME)
    }

    fn wake(&self) -> Instant {
        let frame = if self.dirty { Some(self.next_frame()) } else { None };
        frame.unwrap_or_else(|| Instant::now() + pace::next_tick(&self.ui, &self.snapshot))
    }

    /// Keys that wait already are taken together with the first.
    async fn read(&mut self, event: &crossterm::event::Event) -> io::Result<()> {
        // How soon after another a key comes may matter.
        self.tick().await?;
        let mut actions = self.input.actions(&self.ui, event);
        loop {
            for action in actions {
                self.act(action).await?;
            }
            match waiting(&mut self.events).await {
                Some(event) if !self.quit => actions = self.input.actions(&self.ui, &event?),
                _ => break,
            }
        }
        Ok(())
    }

    async fn refresh(&mut self) -> io::Result<()> {
        self.snapshot = self.snapshots.borrow_and_update().clone();
        self.came = Instant::now();
        self.act(Action::Refresh).await
    }

    async fn tick(&mut self) -> io::Result<()> {
        let now = self.now();
        self.act(Action::Tick(now)).await
    }

    fn now(&self) -> Stamp {
        self.snapshot.taken.plus(self.came.elapsed())
    }

    async fn act(&mut self, action: Action) -> io::Result<()> {
        self.dirty = true;
        let Effects { commands, quit, suspend, redraw, edit, copy, mouse } =
            update(&mut self.ui, action, &self.snapshot);
        for command in commands {
            self.send(command).await;
        }
        self.quit |= quit;
        if let Some(mouse) = mouse {
            self.terminal.set_mouse(mouse)?;
        }
        if redraw {
            self.terminal.forget()?;
        }
        if let Some(clip) = copy {
            self.copy(&clip)?;
        }
        if let Some(edit) = edit {
            self.edit(edit).await?;
        }
        if suspend { self.suspend().await } else { Ok(()) }
    }

    /// Puts a text into the terminal's clipboard; what is too large for it into a file.
    fn copy(&mut self, clip: &Clip) -> io::Result<()> {
        let size = crate::format::bytes(clip.text.len() as u64);
        if clip.text.len() <= copy::MOST {
            self.terminal.say(&copy::sequence(&clip.text, self.tmux))?;
            let how = if self.tmux { "OSC 52, through tmux: its option set-clipboard must be on" } else { "OSC 52" };
            self.ui.say(format!("copied {} ({size}, {how})", clip.what));
            return Ok(());
        }
        let kept = self.keeper.as_ref().map(|keeper| keeper.keep(&clip.text));
        self.ui.say(match kept {
            Some(Ok(path)) => format!("{} is too large for the clipboard ({size}): it is in {path}", clip.what),
            Some(Err(error)) => format!("{} is too large for the clipboard ({size}), and no file: {error}", clip.what),
            None => format!("{} is too large for the clipboard ({size})", clip.what),
        });
        Ok(())
    }

    /// Lets the user edit a text on the terminal, which is given back meanwhile.
    async fn edit(&mut self, edit: Edit) -> io::Result<()> {
        let Some(editor) = self.editor.clone() else {
            self.ui.say("there is no editor here".to_owned());
            return Ok(());
        };
        // A new stream can only be had when the old one's thread no longer reads: the keys are the editor's now.
        self.events = None;
        let events = EventStream::new();
        give_back();
        let saved = tokio::select! {
            saved = editor.open(edit) => saved,
            () = over(&mut self.snapshots) => {
                self.quit = true;
                return Ok(());
            }
        };
        self.events = Some(events);
        self.terminal.enter_again()?;
        edited(&mut self.ui, saved, &self.snapshot);
        Ok(())
    }

    async fn send(&mut self, command: Command) {
        match timeout(PATIENCE, self.commands.send(command)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => self.ui.say("daptop is ending already".to_owned()),
            Err(_) => self.ui.say("daptop is busy: try again".to_owned()),
        }
    }

    /// Draws what is true now. What the news bring about is carried out as after a key.
    async fn draw(&mut self) -> io::Result<()> {
        if self.snapshots.has_changed().unwrap_or(false) {
            self.refresh().await?;
        }
        self.tick().await?;
        let size = self.terminal.size()?;
        self.act(Action::Resize(size.0, size.1)).await?;
        let (ui, snapshot, view) = (&self.ui, &self.snapshot, self.view);
        self.terminal.draw(|frame| view(ui, snapshot, frame))?;
        self.drawn = Some(Instant::now());
        self.dirty = false;
        Ok(())
    }

    /// Ctrl-Z: gives the terminal back, stops the process as the terminal would have, and comes back after `fg`.
    async fn suspend(&mut self) -> io::Result<()> {
        let mut resumed = signal(SignalKind::from_raw(Signal::CONT.as_raw()))?;
        give_back();
        kill_process(getpid(), Signal::TSTP)?;
        // The signal may take effect a moment later than the call returns. Where nobody could bring the process back it
        // has no effect at all; then this goes on by itself.
        drop(timeout(PATIENCE, resumed.recv()).await);
        self.terminal.enter_again()
    }
}

/// The next event, once the terminal is read.
async fn next(events: &mut Option<EventStream>) -> Option<io::Result<crossterm::event::Event>> {
    match events {
        Some(events) => events.next().await,
        None => std::future::pending().await,
    }
}

/// The event that waits already, where one does. It is asked for in the name of the loop: the stream wakes whoever asked it
/// first, and in nobody's name the next key would wait until something else happens.
async fn waiting(events: &mut Option<EventStream>) -> Option<io::Result<crossterm::event::Event>> {
    let events = events.as_mut()?;
    poll_fn(|context| match events.poll_next_unpin(context) {
        Poll::Ready(event) => Poll::Ready(event),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// The end of the session.
async fn over(snapshots: &mut watch::Receiver<Arc<Snapshot>>) {
    while snapshots.changed().await.is_ok() {}
}
