//! The dashboard without a terminal: facts and keys in, whole screens out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

#[path = "../../examples/gallery/again.rs"]
mod again;
mod apps;
#[path = "../../examples/gallery/bodies.rs"]
mod bodies_told;
#[path = "../../examples/gallery/crowd.rs"]
mod crowd;
mod findings;
mod graph;
#[path = "../../examples/gallery/greeter.rs"]
mod greeter;
mod grpc;
mod inspector;
mod keys;
mod logs;
mod manners;
mod properties;
mod replay;
mod screen;
#[path = "../../examples/gallery/session.rs"]
mod session;
mod set;
mod snapshots;
mod speed;
mod states;
#[path = "../../examples/gallery/story.rs"]
mod story;
mod terminal;
#[path = "../../examples/gallery/town.rs"]
mod town;
mod traces;
