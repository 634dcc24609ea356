//! `daptop replay`.

use super::values;

/// `daptop replay`.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct ReplayArgs {
    /// The number of the call to send again, with or without #
    #[arg(value_name = "CALL", required_unless_present = "filter", conflicts_with = "filter")]
    pub(crate) call: Option<String>,
    /// Send all calls again that a filter takes, oldest first, as in: --filter status:503
    ///
    /// Replays are sent again only where the filter has the word replay. At the end it is said how many were answered the same,
    /// otherwise or not at all.
    #[arg(long)]
    pub(crate) filter: Option<String>,
    /// Give a header this value, in place of those that it had; may be given several times
    #[arg(short = 'H', long, value_name = "NAME=VALUE", action = clap::ArgAction::Append)]
    pub(crate) set_header: Vec<String>,
    /// Send another body: text, @FILE, or @- for standard input
    #[arg(short = 'd', long, value_name = "TEXT|@FILE")]
    pub(crate) data: Option<String>,
    /// Use another verb
    #[arg(short = 'm', long, value_name = "VERB")]
    pub(crate) method: Option<String>,
    /// Ask for another path at the called app; one that begins with /v1.0/ is the sidecar's
    #[arg(long)]
    pub(crate) path: Option<String>,
    /// Send it so often, each time when the one before has ended
    #[arg(short = 'n', long, default_value = "1", value_parser = values::integer)]
    pub(crate) times: i64,
    /// Tell what differs between the call and its replay
    #[arg(long)]
    pub(crate) diff: bool,
    /// Show the values of headers that carry secrets
    #[arg(long)]
    pub(crate) no_redact: bool,
    /// How to print: table, or json: one object a line
    ///
    /// The objects are those of `daptop calls`. With --diff they have the keys differences and notComparable as well: a
    /// list of objects with part, name, before and after, and a list of sentences.
    #[arg(short = 'o', long, default_value = "", hide_default_value = true)]
    pub(crate) output: String,
    /// A call of the daptop that runs this app
    #[arg(short = 'a', long)]
    pub(crate) app_id: Option<String>,
    /// A call of the daptop process of this number
    #[arg(long)]
    pub(crate) pid: Option<u32>,
}
