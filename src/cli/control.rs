//! Commands that talk to running daptops, and small ones.

/// `daptop stop`.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct StopArgs {
    /// The app to stop
    #[arg(short = 'a', long)]
    pub(crate) app_id: Option<String>,
    /// The run file whose apps are to be stopped: a file, a folder with a dapr.yaml, or -
    #[arg(short = 'f', long, value_name = "PATH")]
    pub(crate) run_file: Option<String>,
    /// Kubernetes is not supported
    #[arg(short = 'k', long, hide = true)]
    pub(crate) kubernetes: bool,
    /// More apps to stop
    #[arg(value_name = "APP_ID")]
    pub(crate) app_ids: Vec<String>,
}

/// `daptop list`.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct ListArgs {
    /// How to print: table, json, yaml; empty for a table
    #[arg(short = 'o', long, default_value = "", hide_default_value = true)]
    pub(crate) output: String,
    /// Kubernetes is not supported
    #[arg(short = 'k', long, hide = true)]
    pub(crate) kubernetes: bool,
    /// Kubernetes is not supported
    #[arg(short = 'A', long, hide = true)]
    pub(crate) all_namespaces: bool,
    /// Kubernetes is not supported
    #[arg(short = 'n', long, hide = true)]
    pub(crate) namespace: Option<String>,
}

/// `daptop invoke`.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct InvokeArgs {
    /// The app to call
    #[arg(short = 'a', long, required = true)]
    pub(crate) app_id: String,
    /// The method to call, for example `orders`
    #[arg(short = 'm', long, required = true)]
    pub(crate) method: String,
    /// The body, as JSON
    #[arg(short = 'd', long)]
    pub(crate) data: Option<String>,
    /// A file that holds the body
    #[arg(short = 'f', long, value_name = "PATH")]
    pub(crate) data_file: Option<std::path::PathBuf>,
    /// The HTTP verb
    #[arg(short = 'v', long, default_value = "POST")]
    pub(crate) verb: String,
    /// The folder of the sidecar's Unix sockets
    #[arg(short = 'u', long, value_name = "PATH")]
    pub(crate) unix_domain_socket: Option<std::path::PathBuf>,
}

/// `daptop version`.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct VersionArgs {
    /// How to print: text where empty, or json
    #[arg(short = 'o', long, default_value = "", hide_default_value = true)]
    pub(crate) output: String,
}

/// `daptop completions`.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// `daptop calls`.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct CallsArgs {
    /// How to print: table, or json: one object a line
    ///
    /// The keys of the objects: id, pid, time, from, to, verb, path, protocol (http1, http2, grpc), leg (own,
    /// in-process, to-process, from-process, external, unresolved), outcome (pending, answered, failed, cancelled),
    /// status, grpcStatus, failure, failureText, ageMicros, waitedMicros, tries, turnMicros (how long it waited
    /// for its turn), turnLimit (how many calls may be at the app at once), requestBytes, responseBytes, traceId, spanId,
    /// replayOf, findings (what is wrong, each with title, text, advice, suspicion and see, a call that explains
    /// it). What there is not is null.
    #[arg(short = 'o', long, default_value = "", hide_default_value = true)]
    pub(crate) output: String,
    /// Go on printing calls as they end, and those that stay open for a second
    #[arg(long)]
    pub(crate) follow: bool,
    /// The calls of the daptop that runs this app
    #[arg(short = 'a', long)]
    pub(crate) app_id: Option<String>,
    /// The calls of the daptop process of this number
    #[arg(long)]
    pub(crate) pid: Option<u32>,
    /// Which calls; several words must all match
    #[arg(value_name = "FILTER")]
    pub(crate) filter: Vec<String>,
}

/// `daptop show`.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct ShowArgs {
    /// The call's number, with or without #
    #[arg(value_name = "CALL")]
    pub(crate) call: String,
    /// A call of the daptop that runs this app
    #[arg(short = 'a', long)]
    pub(crate) app_id: Option<String>,
    /// A call of the daptop process of this number
    #[arg(long)]
    pub(crate) pid: Option<u32>,
    /// Show the values of headers that carry secrets
    #[arg(long)]
    pub(crate) no_redact: bool,
}

/// `daptop restart`.
#[derive(clap::Args, Clone, PartialEq, Eq, Debug)]
pub(crate) struct RestartArgs {
    /// The app to restart
    #[arg(short = 'a', long, required = true)]
    pub(crate) app_id: String,
}
