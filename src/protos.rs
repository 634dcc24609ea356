//! The files that tell what the messages of gRPC services are, as a command line or a run file names them. What they say
//! is read when somebody looks at a message.

use std::path::{Path, PathBuf};

use daptop_mesh::{ProtoFile, ProtoForm};

use crate::cli::ProtoArgs;
use crate::paths;

/// Those that flags name. Imports are looked for up to the folder `root`.
pub(crate) fn of_flags(args: &ProtoArgs, root: &Path, resolve: impl Fn(&str) -> PathBuf) -> Vec<ProtoFile> {
    let named = |names: &[String], form| {
        let file = |name: &String| ProtoFile { path: resolve(name), form, root: root.to_owned() };
        names.iter().map(file).collect::<Vec<_>>()
    };
    [named(&args.proto, ProtoForm::Source), named(&args.descriptor_set, ProtoForm::DescriptorSet)].concat()
}

/// One that the key `protos` names: what is written in the language of Protocol Buffers ends in `.proto`.
pub(crate) fn of_key(path: PathBuf, root: &Path) -> ProtoFile {
    let is_source = path.extension().is_some_and(|extension| extension == "proto");
    let form = if is_source { ProtoForm::Source } else { ProtoForm::DescriptorSet };
    ProtoFile { path, form, root: root.to_owned() }
}

/// Checks that a file can be read; the error is in Go's words, as those of other paths.
pub(crate) fn check(path: &Path) -> Result<(), String> {
    if paths::stat(path)?.is_dir() {
        return Err(format!("read {}: is a directory", path.display()));
    }
    let opened = std::fs::File::open(path);
    opened.map(drop).map_err(|error| format!("open {}: {}", path.display(), paths::reason(&error)))
}
