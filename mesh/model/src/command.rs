//! Commands: wishes of a viewer.

use std::sync::Arc;

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
    /// Find out what the messages of a gRPC service of an app are.
    Describe {
        /// The app.
        app: AppId,
        /// The full name of the service: `helloworld.Greeter`.
        service: Arc<str>,
    },
    /// Stop everything and end the run.
    Quit,
}
