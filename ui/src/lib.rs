//! The dashboard: shows snapshots, turns keys into actions, sends commands. It sees only `daptop-model`.
//!
//! [`update`] changes the [`Ui`], [`view`] draws it; drawing cannot change anything. [`run`] ties the two to a terminal.

mod action;
mod ansi;
mod calls;
mod copy;
mod count;
mod diagnostics;
mod editor;
mod findings;
mod format;
mod graph;
mod input;
mod inspector;
mod keeper;
mod keys;
mod layout;
mod list;
mod logs;
mod matched;
mod pace;
mod palette;
mod prompt;
mod replay;
mod row;
mod run;
mod scope;
mod sheet;
mod terminal;
mod text;
mod theme;
mod traces;
mod ui;
mod update;
mod view;
mod waterfall;

pub use action::{
    Action, AppsAction, CallsAction, CopyAs, DiffAction, Edit, Effects, FindingsAction, FormAction, GraphAction,
    InspectAction, LogsAction, PromptAction, ReplayAction, Step, TracesAction,
};
pub use copy::Clip;
pub use diagnostics::diagnostics_layer;
pub use editor::{Editor, Saved};
pub use keeper::Keeper;
pub use keys::{Binding, Chord, Key, Place, actions as actions_of, key_list, table as key_table};
#[doc(hidden)]
pub use run::run_with;
pub use run::{Options, run};
pub use theme::{Theme, ThemeName};
pub use ui::{Pane, Screen, Ui};
pub use update::{edited, update};
pub use view::view;
