//! `daptop sidecar`: what it logs, how it ends, what its flags do, and how it finds others.

mod bed;
mod commands;
mod endings;
mod flags;
mod lines;
mod neighbours;
