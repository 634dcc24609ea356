//! What is typed for the app of a single run. On a terminal Ctrl-C is for daptop, so the app's group is not the one in
//! the foreground, and the system would stop an app that reads there. It gets a pipe instead.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{read, retry_on_intr};
use rustix::process::getpgrp;
use rustix::stdio::stdin;
use rustix::termios::tcgetpgrp;
use tokio::process::ChildStdin;

/// From one look to the next while another job has the terminal and something is typed for it.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 500_000_000 };

/// Passes on what is typed until the app ends, or the user ends the input. Where the keys are not for the app, its
/// input stays open and empty. Who reads nothing holds nobody up: a thread waits for it.
pub(super) fn attend(app: ChildStdin, keys: bool) {
    let attended = app.into_owned_fd().and_then(|pipe| {
        let attend = move || {
            let ended = if keys { pass_on(pipe) } else { until_closed(&pipe, None).map(drop) };
            if let Err(error) = ended {
                tracing::debug!(%error, "nothing more that is typed reaches the app");
            }
        };
        std::thread::Builder::new().name("input".to_owned()).spawn(attend)
    });
    if let Err(error) = attended {
        tracing::warn!(%error, "what is typed does not reach the app");
    }
}

fn pass_on(pipe: OwnedFd) -> io::Result<()> {
    let mut pipe = File::from(pipe);
    let mut buffer = [0; 4096];
    loop {
        let keyboard = stdin();
        let mut sources = [PollFd::new(&keyboard, PollFlags::IN), PollFd::new(&pipe, PollFlags::empty())];
        retry_on_intr(|| poll(&mut sources, None))?;
        if !sources[1].revents().is_empty() {
            return Ok(());
        }
        if tcgetpgrp(keyboard)? != getpgrp() {
            until_closed(&pipe, Some(&LOOK))?;
            continue;
        }
        let length = retry_on_intr(|| read(keyboard, &mut buffer))?;
        if length == 0 {
            return Ok(());
        }
        pipe.write_all(&buffer[..length])?;
    }
}

/// Waits until nobody can read from a pipe any more.
fn until_closed(pipe: impl AsFd, limit: Option<&Timespec>) -> io::Result<usize> {
    Ok(retry_on_intr(|| poll(&mut [PollFd::new(&pipe, PollFlags::empty())], limit))?)
}
