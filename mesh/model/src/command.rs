//! Commands: wishes of a viewer.

use crate::{AppId, Replay};

/// A wish of a viewer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Stop the app and start it again, with the same ports and the same sidecar.
    Restart(AppId),
    /// Stop the app's process; its sidecar stays.
    Stop(AppId),
    /// Start the process of an app that has ended.
    Start(AppId),
    /// Send a captured call again.
    Replay(Box<Replay>),
    /// Stop everything and end the run.
    Quit,
}
