//! A fleet in this process, in a folder of its own.

use std::ops::Deref;
use std::path::Path;
use std::sync::OnceLock;

use accounts_local::{Fleet, Group, LandingZone, Serve};
use tempfile::TempDir;

use crate::{Client, Table};

/// Where a fleet keeps the key that it signs tokens with, in its folder.
const SIGNING_KEY_FILE: &str = "signing-key.der";

/// How fast a fleet works.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How long the landing zone takes for an account.
    pub provision_seconds: f64,
    /// The workflow's wait between two polls.
    pub poll_seconds: f64,
}

impl Pace {
    /// As fast as a test can use.
    pub const FAST: Self = Self { provision_seconds: 0.2, poll_seconds: 0.05 };
}

/// A fleet, with a client that is an administrator. Its folder is gone when it is dropped.
pub struct LocalFleet {
    client: Client,
    fleet: Fleet,
    folder: TempDir,
}

impl LocalFleet {
    /// Starts a fleet on free ports.
    pub async fn start(pace: Pace) -> Self {
        Self::start_with(pace, |_| ()).await
    }

    /// The same, with some settings changed. All fleets of a test binary have one signing key: making it is most of
    /// what a start costs.
    pub async fn start_with(pace: Pace, change: impl FnOnce(&mut Serve)) -> Self {
        static SIGNING_KEY: OnceLock<Vec<u8>> = OnceLock::new();
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(SIGNING_KEY_FILE);
        if let Some(key) = SIGNING_KEY.get() {
            std::fs::write(&file, key).expect("the key is written");
        }
        let mut serve = settings(folder.path(), pace);
        change(&mut serve);
        let fleet = Self::start_in(folder, serve).await;
        SIGNING_KEY.get_or_init(|| std::fs::read(&file).expect("the key is read"));
        fleet
    }

    /// Starts a fleet with a signing key of its own.
    pub async fn start_apart(pace: Pace) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let serve = settings(folder.path(), pace);
        Self::start_in(folder, serve).await
    }

    async fn start_in(folder: TempDir, serve: Serve) -> Self {
        let fleet = Fleet::start(serve).await.expect("a fleet");
        let token = fleet.token(Group::Administrators).expect("a token");
        Self { client: Client::new(fleet.address(), token), fleet, folder }
    }

    /// The fleet.
    pub const fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// The key that it signs tokens with.
    pub fn signing_key(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join(SIGNING_KEY_FILE)).expect("the key is read")
    }

    /// The table, as it is stored.
    pub fn table(&self) -> Table {
        Table::at(&self.fleet.endpoints().dynamodb)
    }

    /// Every key of the table, in order, as `partition|record`: accounts, requests, claims, whatever is there.
    pub async fn keys(&self) -> Vec<String> {
        self.table().keys().await
    }

    /// A client of another group.
    pub fn client_of(&self, group: Group) -> Client {
        Client::new(self.fleet.address(), self.fleet.token(group).expect("a token"))
    }
}

impl Deref for LocalFleet {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// What a fleet in this folder is started with.
pub fn settings(folder: &Path, pace: Pace) -> Serve {
    Serve {
        port: 0,
        poll_seconds: pace.poll_seconds,
        first_poll_seconds: None,
        slots: 5,
        reconcile_seconds: None,
        attempt_expiry_seconds: 30.0,
        state_machine: None,
        landing_zone: LandingZone {
            data: folder.to_owned(),
            provision_seconds: pace.provision_seconds,
            organization: None,
        },
    }
}
