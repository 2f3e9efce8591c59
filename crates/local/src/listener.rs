//! Listens on loopback, and waits for the signal to stop.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::error::{LocalError, OrLocal};

/// A listener on 127.0.0.1; port 0 takes a free one.
pub(crate) async fn bind(port: u16) -> Result<(TcpListener, SocketAddr), LocalError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .or_local(format!("port {port} of 127.0.0.1 cannot be listened on"))?;
    let address = listener.local_addr().or_local("the listener has no address")?;
    Ok((listener, address))
}

/// Serves until the task is aborted.
pub(crate) fn serve(listener: TcpListener, router: Router) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "a server stopped");
        }
    })
}

/// Waits for Ctrl-C or, where there is one, SIGTERM.
pub(crate) async fn stop_signal() {
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be listened for");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        result = tokio::signal::ctrl_c() => {
            if let Err(error) = result {
                tracing::warn!(%error, "Ctrl-C cannot be listened for");
                std::future::pending::<()>().await;
            }
        }
        () = terminated => {}
    }
}
