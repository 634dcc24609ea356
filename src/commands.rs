//! What the commands do, one module each.

pub(crate) mod calls;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod invoke;
pub(crate) mod list;
pub(crate) mod replay;
pub(crate) mod restart;
pub(crate) mod run;
pub(crate) mod show;
pub(crate) mod sidecar;
pub(crate) mod stop;
mod streams;
mod text;
pub(crate) mod version;
