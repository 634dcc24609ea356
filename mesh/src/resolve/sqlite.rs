//! Name resolution through a table in a file (Name resolution, sqlite). What a sidecar writes there is what Dapr's
//! own write, so that both can share a file.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::Instance;
use crate::SqliteResolution;

/// Names without a row in the file.
const NO_HOST: &str = "no host found with the given ID";

/// The resolver. The file is opened when it is needed for the first time.
#[derive(Clone, Debug)]
pub(crate) struct Sqlite(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: SqliteResolution,
    connection: Mutex<Option<Connection>>,
}

/// Why something could not be asked of the file.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("database error: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("the work was given up")]
    GivenUp,
}

impl Sqlite {
    /// A resolver that has opened nothing.
    pub(super) fn new(settings: SqliteResolution) -> Self {
        Self(Arc::new(Inner { settings, connection: Mutex::default() }))
    }

    /// One of the sidecars of an app that have been heard of lately, at random.
    pub(super) async fn find(&self, app_id: &str) -> Result<String, String> {
        let (table, fresh) = (self.0.settings.table.clone(), self.0.settings.update_interval.as_secs());
        let app_id = app_id.to_owned();
        let found = self.with(move |connection| {
            let query = format!(
                "SELECT address FROM {table} WHERE app_id = ?1 AND unixepoch() - last_update < ?2 ORDER BY RANDOM() LIMIT 1"
            );
            let fresh = i64::try_from(fresh).unwrap_or(i64::MAX);
            connection.query_row(&query, params![app_id, fresh], |row| row.get(0)).optional()
        });
        match found.await {
            Ok(Some(address)) => Ok(address),
            Ok(None) => Err(NO_HOST.to_owned()),
            Err(error) => Err(format!("failed to look up address: {error}")),
        }
    }

    /// Keeps a row of its own in the table until it is stopped.
    pub(super) async fn attend(&self, instance: &Instance, stop: CancellationToken) -> Result<(), String> {
        let settings = &self.0.settings;
        let (app_id, path) = (&instance.app_id, &settings.connection);
        let scope = "dapr.contrib";
        tracing::info!(app_id, scope, "Configuring SQLite name resolution with path {path}");
        let row = Row {
            table: settings.table.clone(),
            id: format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..)),
            address: std::net::SocketAddr::new(instance.address, instance.internal_port).to_string(),
            app_id: app_id.clone(),
        };
        self.change(&row, Row::write).await.map_err(|error| format!("failed to register host: {error}"))?;
        let mut renewals = interval(settings.update_interval.saturating_sub(settings.timeout).max(RENEW_AT_LEAST));
        renewals.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut cleanups = interval(settings.cleanup_interval.max(RENEW_AT_LEAST));
        renewals.tick().await;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = renewals.tick() => self.renew(&row).await,
                _ = cleanups.tick() => self.clean_up(&row).await,
            }
        }
        match self.change(&row, Row::delete).await {
            Ok(1..) => Ok(()),
            Ok(0) => Err("failed to unregister host: no row deleted".to_owned()),
            Err(error) => Err(format!("failed to unregister host: {error}")),
        }
    }

    async fn renew(&self, row: &Row) {
        let app_id = &row.app_id;
        let renewed = match self.change(row, Row::renew).await {
            Ok(0) => {
                // Dapr's own sidecar ends here. Others live in this process, and the row can be had back.
                tracing::error!(
                    app_id,
                    "Failed to update host registration: host registration lost; it is written again"
                );
                self.change(row, Row::write).await
            }
            renewed => renewed,
        };
        if let Err(error) = renewed {
            tracing::error!(app_id, "Failed to update host registration: {error}");
        }
    }

    async fn clean_up(&self, row: &Row) {
        let (metadata, old) = (self.0.settings.metadata_table.clone(), self.0.settings.update_interval.as_secs());
        let (table, app_id) = (row.table.clone(), &row.app_id);
        let cleaned = self.with(move |connection| {
            let old = i64::try_from(old).unwrap_or(i64::MAX);
            connection.execute(&format!("DELETE FROM {table} WHERE unixepoch() - last_update > ?1"), [old])?;
            let told = format!("REPLACE INTO {metadata} (key, value) VALUES ('nr-last-cleanup', CURRENT_TIMESTAMP)");
            connection.execute(&told, [])
        });
        if let Err(error) = cleaned.await {
            tracing::warn!(app_id, "old rows could not be removed from the table of names: {error}");
        }
    }

    async fn change(
        &self,
        row: &Row,
        change: fn(&Row, &Connection) -> rusqlite::Result<usize>,
    ) -> Result<usize, Failed> {
        let row = row.clone();
        self.with(move |connection| change(&row, connection)).await
    }

    /// Asks something of the file, on a thread where that may take its time.
    async fn with<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failed> {
        let inner = Arc::clone(&self.0);
        let asked = tokio::task::spawn_blocking(move || {
            let mut connection = inner.connection.lock().unwrap_or_else(PoisonError::into_inner);
            if connection.is_none() {
                *connection = Some(open(&inner.settings)?);
            }
            connection.as_ref().map(ask).transpose()
        });
        match tokio::time::timeout(self.0.settings.timeout, asked).await {
            Ok(Ok(answer)) => answer?.ok_or(Failed::GivenUp),
            Ok(Err(_)) | Err(_) => Err(Failed::GivenUp),
        }
    }
}

/// The shortest time from one renewal to the next.
const RENEW_AT_LEAST: Duration = Duration::from_millis(100);

/// A sidecar's own row.
#[derive(Clone, Debug)]
struct Row {
    table: String,
    id: String,
    address: String,
    app_id: String,
}

impl Row {
    /// Takes over the address from whoever had it before.
    fn write(&self, connection: &Connection) -> rusqlite::Result<usize> {
        let columns = "registration_id, address, app_id, namespace, last_update";
        let write = format!("REPLACE INTO {} ({columns}) VALUES (?1, ?2, ?3, '', unixepoch())", self.table);
        connection.execute(&write, params![self.id, self.address, self.app_id])
    }

    fn renew(&self, connection: &Connection) -> rusqlite::Result<usize> {
        let own = "registration_id = ?1 AND address = ?2";
        let renew = format!("UPDATE {} SET last_update = unixepoch() WHERE {own}", self.table);
        connection.execute(&renew, params![self.id, self.address])
    }

    fn delete(&self, connection: &Connection) -> rusqlite::Result<usize> {
        let delete = format!("DELETE FROM {} WHERE registration_id = ?1 AND address = ?2", self.table);
        connection.execute(&delete, params![self.id, self.address])
    }
}

fn open(settings: &SqliteResolution) -> rusqlite::Result<Connection> {
    let SqliteResolution { connection, table, metadata_table, .. } = settings;
    let (path, options) = connection.split_once('?').unwrap_or((connection, ""));
    // What begins with an underscore is for the library that Dapr uses.
    let options: Vec<_> = options.split('&').filter(|option| !option.is_empty() && !option.starts_with('_')).collect();
    let scheme = if path.starts_with("file:") { "" } else { "file:" };
    let uri = format!("{scheme}{path}?{}", options.join("&"));
    let opened = Connection::open_with_flags(Path::new(&uri), OpenFlags::default() | OpenFlags::SQLITE_OPEN_URI)?;
    opened.busy_timeout(settings.busy_timeout)?;
    if settings.write_ahead {
        // A pragma answers with the mode that it became, which in memory is another.
        opened.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    }
    opened.execute_batch(&format!(
        "BEGIN IMMEDIATE;
         CREATE TABLE IF NOT EXISTS {metadata_table} (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
         CREATE TABLE IF NOT EXISTS {table} (
             registration_id TEXT NOT NULL PRIMARY KEY,
             address TEXT NOT NULL,
             app_id TEXT NOT NULL,
             namespace TEXT NOT NULL,
             last_update INTEGER NOT NULL
         );
         CREATE UNIQUE INDEX IF NOT EXISTS {table}_address_idx ON {table} (address);
         CREATE INDEX IF NOT EXISTS {table}_app_id_idx ON {table} (app_id);
         CREATE INDEX IF NOT EXISTS {table}_last_update_idx ON {table} (last_update);
         INSERT OR IGNORE INTO {metadata_table} (key, value) VALUES ('nr-migrations', '1');
         COMMIT;"
    ))?;
    Ok(opened)
}
