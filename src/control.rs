//! How daptop processes are found and asked: every one serves a control socket, every command is a client of it.
//!
//! There is no file of run state. A process binds `<pid>.sock` in the user's [`Directory`] once it runs; a command asks
//! every socket there at once, each with a timeout, and removes those that nobody listens on.

mod choose;
mod client;
mod convert;
mod describe;
mod directory;
mod follow;
mod messages;
mod process;
pub(crate) mod proto;
mod replay;
pub(crate) mod restore;
mod server;
mod socket;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod words;

pub(crate) use choose::{Wanted, choose};
pub(crate) use client::{ControlError, PATIENCE, Process, Survey, survey};
pub(crate) use describe::describe;
pub(crate) use directory::{Directory, DirectoryError};
pub(crate) use process::{group_runs, runs, wait_until};
pub(crate) use server::{ControlServer, RunFacts, serve};
