//! Finds out what the messages of a gRPC service are: only when somebody looks at one.

mod files;
mod reflection;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use daptop_model::{AppId, Event, Schema, SchemaFailure, SchemaPlace, SchemaSource};
use prost_reflect::DescriptorPool;
use tokio::sync::OnceCell;

use crate::ProtoFile;
use crate::core::{Core, Shared};
use crate::mesh::Mesh;

/// How long an app may take to tell.
const PATIENCE: Duration = Duration::from_secs(3);

type Key = (AppId, String);

/// Who is being asked: whoever asks the same meanwhile waits for the same answer.
#[derive(Debug, Default)]
pub(crate) struct Questions(Mutex<HashMap<Key, Arc<OnceCell<Schema>>>>);

impl Questions {
    fn of(&self, key: &Key) -> Arc<OnceCell<Schema>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(key.clone()).or_default())
    }

    fn answered(&self, key: &Key, answer: &Arc<OnceCell<Schema>>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(key).is_some_and(|asked| Arc::ptr_eq(asked, answer)) {
            all.remove(key);
        }
    }
}

/// What a source told.
struct Told {
    source: SchemaSource,
    place: SchemaPlace,
    pool: DescriptorPool,
}

impl Mesh {
    /// Asks everybody who may know what the messages of a service of an app are, the best source first, and tells the store
    /// what was found: at the worst that nobody told, and why. For an app behind a sidecar of another process of this user
    /// `neighbour` asks that process, given by its number; its error is in a few words.
    pub async fn describe<F>(&self, app: AppId, service: &str, neighbour: impl Fn(u32) -> F) -> Schema
    where
        F: Future<Output = Result<Schema, String>>,
    {
        let shared = self.shared();
        let key = (app, service.to_owned());
        let question = shared.questions.of(&key);
        let answer = question.get_or_init(|| async {
            let schema = ask(shared, &key.0, service, &neighbour).await;
            shared.events.tell(Event::SchemaFound(Box::new(schema.clone()))).await;
            schema
        });
        let schema = answer.await.clone();
        shared.questions.answered(&key, &question);
        schema
    }
}

async fn ask<F>(shared: &Arc<Shared>, app: &AppId, service: &str, neighbour: &impl Fn(u32) -> F) -> Schema
where
    F: Future<Output = Result<Schema, String>>,
{
    let mut failures = Vec::new();
    let core = sidecar(shared, app);
    let told = match &core {
        Some(core) => reflection::ask(core, service, PATIENCE, &mut failures).await,
        None => match elsewhere(shared, app, neighbour, &mut failures).await {
            Some(schema) => return schema,
            None => None,
        },
    };
    let told = match told {
        Some(told) => Some(told),
        None => of_files(files(shared, core.as_deref()), service, &mut failures).await,
    };
    match told {
        Some(Told { source, place, pool }) => {
            let mut schema = Schema::new(app.clone(), service, source, pool);
            (schema.place, schema.failures) = (Some(place), failures);
            schema
        }
        None => Schema::unknown(app.clone(), service, failures),
    }
}

/// What another process tells that has a sidecar for an app.
async fn elsewhere<F>(
    shared: &Shared,
    app: &AppId,
    neighbour: &impl Fn(u32) -> F,
    failures: &mut Vec<SchemaFailure>,
) -> Option<Schema>
where
    F: Future<Output = Result<Schema, String>>,
{
    let mut failed = |reason: String| {
        failures.push(SchemaFailure { source: SchemaSource::Reflection, reason: reason.into() });
    };
    let processes = match &shared.directory {
        Some(directory) => directory.processes(bare(app)).await,
        None => Vec::new(),
    };
    if processes.is_empty() {
        failed(
            "the app is behind a sidecar of no daptop process here, and sidecars do not pass reflection on".to_owned(),
        );
    }
    for process in processes {
        match neighbour(process).await {
            Ok(mut schema) if schema.source != SchemaSource::Guess => {
                (schema.app, schema.through) = (app.clone(), Some(process));
                return Some(schema);
            }
            Ok(schema) => schema.failures.iter().for_each(|why| failed(format!("process {process}: {}", why.reason))),
            Err(reason) => failed(format!("process {process} was asked in vain: {reason}")),
        }
    }
    None
}

/// The id of an app as a caller wrote it, without a namespace.
fn bare(app: &AppId) -> &str {
    app.as_str().split('.').next().unwrap_or_default()
}

/// The sidecar of an app as a caller wrote it, a namespace included.
fn sidecar(shared: &Shared, app: &AppId) -> Option<Arc<Core>> {
    shared.find(app.as_str()).or_else(|| shared.find(bare(app)))
}

/// The files that were named: for the app itself first, then for any other of this process, which may call it.
fn files(shared: &Shared, own: Option<&Core>) -> Vec<ProtoFile> {
    let mut files = own.map(|core| core.settings.protos.clone()).unwrap_or_default();
    for file in shared.all().iter().flat_map(|core| &core.settings.protos) {
        if !files.contains(file) {
            files.push(file.clone());
        }
    }
    files
}

async fn of_files(files: Vec<ProtoFile>, service: &str, failures: &mut Vec<SchemaFailure>) -> Option<Told> {
    let mut failed = |reason: String| {
        failures.push(SchemaFailure { source: SchemaSource::Files, reason: reason.into() });
    };
    if files.is_empty() {
        failed("no proto file is named".to_owned());
    }
    for file in files {
        let name = file.path.file_name().map_or(file.path.as_path(), Path::new).display().to_string();
        let read = tokio::task::spawn_blocking(move || self::files::read(&file)).await;
        match read {
            Ok(Ok((pool, place))) if pool.get_service_by_name(service).is_some() => {
                return Some(Told { source: SchemaSource::Files, place, pool });
            }
            Ok(Ok(_)) => failed(format!("{name} does not have the service {service}")),
            Ok(Err(reason)) => failed(reason),
            // The compiler gave up in a way that it should not.
            Err(error) => failed(format!("{name} could not be compiled: {error}")),
        }
    }
    None
}
