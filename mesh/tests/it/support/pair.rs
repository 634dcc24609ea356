//! An app and those who call it.

use daptop_mesh::{MeshSettings, SidecarSettings};
use tempfile::TempDir;

use super::{App, Bed, ByHand, Node, Script, settings};

/// An app called `order-processor` with its sidecar, and two sidecars called `checkout`: one of the same process, and one
/// of another.
#[derive(Debug)]
pub(crate) struct Pair<A = App> {
    pub(crate) app: A,
    /// The process of the app's sidecar.
    pub(crate) bed: Bed,
    /// The other process.
    pub(crate) far_bed: Bed,
    pub(crate) processor: Node,
    pub(crate) checkout: Node,
    pub(crate) far: Node,
    _folder: TempDir,
}

impl Pair {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With settings that the test changes first, the same for every sidecar.
    pub(crate) async fn with(change: impl Fn(&mut SidecarSettings)) -> Self {
        let app = App::start(Script::default()).await;
        let port = app.port;
        Pair::of(app, port, MeshSettings::default(), change).await
    }
}

impl Pair<ByHand> {
    /// With an app that the test plays itself.
    pub(crate) async fn by_hand(change: impl Fn(&mut SidecarSettings)) -> Self {
        let app = ByHand::start().await;
        let port = app.port;
        let change = |settings: &mut SidecarSettings| {
            settings.skip_app_config = true;
            change(settings);
        };
        Self::of(app, port, MeshSettings::default(), change).await
    }
}

impl<A> Pair<A> {
    /// With an app at a port, and with settings of both meshes and of every sidecar.
    pub(crate) async fn of(app: A, port: u16, mesh: MeshSettings, change: impl Fn(&mut SidecarSettings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mesh = MeshSettings { directory: Some(folder.path().to_owned()), ..mesh };
        let (bed, far_bed) = (Bed::with(mesh.clone()), Bed::with(mesh));
        let changed = |id, port: Option<u16>| {
            let mut settings = settings(id, port);
            change(&mut settings);
            settings
        };
        let processor = bed.start_ready(changed("order-processor", Some(port))).await;
        let checkout = bed.start_ready(changed("checkout", None)).await;
        let far = far_bed.start_ready(changed("checkout", None)).await;
        Self { app, bed, far_bed, processor, checkout, far, _folder: folder }
    }

    /// Every way to the app: its name and the sidecar to ask.
    pub(crate) fn legs(&self) -> [(&'static str, &Node); 3] {
        [("local", &self.processor), ("remote", &self.checkout), ("remote process", &self.far)]
    }
}
