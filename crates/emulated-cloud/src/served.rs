//! Servers of this process, on loopback.

use std::net::Ipv4Addr;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::error::{CloudError, While};

/// A server. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Served {
    address: String,
    _server: JoinSet<()>,
}

impl Served {
    /// Serves on a port of 127.0.0.1; 0 takes a free one.
    pub(crate) async fn start(port: u16, router: Router) -> Result<Self, CloudError> {
        let cannot = format!("port {port} of 127.0.0.1 cannot be listened on");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.or_cloud(cannot.clone())?;
        let address = format!("http://{}", listener.local_addr().or_cloud(cannot)?);
        let mut server = JoinSet::new();
        server.spawn(async move {
            // It ends with an error only where the listener breaks; callers then see that nobody answers.
            let _ended = axum::serve(listener, router).await;
        });
        Ok(Self { address, _server: server })
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}
