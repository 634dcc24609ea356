//! `daptop run`: what it prints, how it ends, and that nothing outlives it.

pub(crate) mod daptop;
mod endings;
mod multi;
mod single;
mod terminal;
