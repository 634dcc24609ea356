//! Who calls whom, as a picture: nodes in layers, callers left of whom they call, and lines between them.
//!
//! A [`Topology`](topology::Topology) says what there is. A [`Structure`](picture::Structure) says in which order it
//! stands, a [`Picture`](picture::Picture) in which cells, and [`Looks`](look::Looks) what is said about it. Only the
//! looks change with the calls: nothing moves while the same apps call each other.

#![expect(
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "cells are counted with a sign, as a picture may begin left of what is seen; there are far fewer than 2^31"
)]

mod canvas;
mod draw;
mod facts;
mod fold;
mod look;
mod narrowed;
mod order;
mod pane;
mod picture;
mod place;
mod structure;
mod topology;
mod tracks;
mod walk;

#[cfg(test)]
mod tests;

pub(crate) use draw::draw;
pub(crate) use facts::{Facts, SLOW};
pub(crate) use look::{LinkLook, Looks, NodeLook, Part, Tone};
pub(crate) use pane::{GraphPane, Room, Spot, Target};
pub(crate) use picture::Frame;
pub(crate) use place::Detail;
pub(crate) use topology::{Kind, Link, Node};
pub(crate) use walk::Way;
