//! A fleet in this process, in a folder of its own.

use std::ops::Deref;
use std::path::Path;

use accounts_local::{Fleet, Group, LandingZone, Serve};
use tempfile::TempDir;

use crate::Client;

/// How fast a fleet works.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How long the landing zone takes for an account.
    pub provision_seconds: f64,
    /// The workflow's wait between two looks.
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
    _folder: TempDir,
}

impl LocalFleet {
    /// Starts a fleet on free ports.
    pub async fn start(pace: Pace) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let fleet = Fleet::start(settings(folder.path(), pace)).await.expect("a fleet");
        let token = fleet.token(Group::Administrators).expect("a token");
        Self { client: Client::new(fleet.address(), token), fleet, _folder: folder }
    }

    /// The fleet.
    pub const fn fleet(&self) -> &Fleet {
        &self.fleet
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
        max_operations: 5,
        state_machine: None,
        landing_zone: LandingZone {
            data: folder.to_owned(),
            provision_seconds: pace.provision_seconds,
            organization: None,
        },
    }
}
