//! The app of a sidecar that is a process of its own, as the store and the commands see it.

use daptop_mesh::{Events, Readiness};
use daptop_model::{App, AppId, AppPorts, AppState, AppTimes, Event, InstanceId};

/// What is told of the app. Who started it, and how, is not known.
#[derive(Debug)]
pub(super) struct Told {
    app: App,
    restarts: u32,
    events: Events,
}

impl Told {
    /// An app of which nothing has been told.
    pub(super) fn new(app_id: &str, events: Events) -> Self {
        let folder = std::env::current_dir().unwrap_or_default().to_string_lossy().into();
        let app = App {
            instance: InstanceId(0),
            id: AppId::new(app_id),
            state: AppState::Waiting,
            ports: AppPorts::default(),
            pid: None,
            command: "".into(),
            folder,
            log_file: None,
            env: [].into(),
            restarts: 0,
            times: AppTimes::default(),
            cpu_percent: None,
            memory: None,
            listens_on: None,
        };
        Self { app, restarts: 0, events }
    }

    /// The sidecar is about to listen.
    pub(super) async fn listens(&mut self, ports: AppPorts) {
        self.app.ports = ports;
        self.app.times = AppTimes::default();
        self.tell(AppState::Waiting).await;
    }

    /// What the sidecar, which listens, knows of the app.
    pub(super) async fn readiness(&mut self, readiness: Readiness) {
        let now = self.events.now();
        // Not before: who asked for the restart waits for this number.
        self.app.restarts = self.restarts;
        if readiness != Readiness::Waiting {
            self.app.times.port_open.get_or_insert(now);
        }
        if readiness == Readiness::Ready {
            self.app.times.ready.get_or_insert(now);
        }
        self.tell(match readiness {
            Readiness::Waiting => AppState::Starting,
            Readiness::Ready => AppState::Ready,
            Readiness::Unhealthy => AppState::Unhealthy,
        })
        .await;
    }

    /// The sidecar ends.
    pub(super) async fn stopping(&mut self) {
        self.tell(AppState::Stopping).await;
    }

    /// The sidecar has ended, and starts again.
    pub(super) fn restarts(&mut self) {
        self.restarts += 1;
    }

    async fn tell(&mut self, state: AppState) {
        self.app.state = state;
        self.events.tell(Event::AppChanged(Box::new(self.app.clone()))).await;
    }
}
