//! The data folder: its lock, and the DynamoDB in it.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::error::{LocalError, OrLocal};

const FILE: &str = "dynamodb.db";

/// Makes the folder if it is not there, and locks it for this process as long as the returned file lives. The
/// system releases the lock when the process is killed.
pub(crate) fn lock(folder: &Path) -> Result<File, LocalError> {
    std::fs::create_dir_all(folder).or_local(format!("the folder {} cannot be made", folder.display()))?;
    let lock = File::create(folder.join("lock"))
        .or_local(format!("the folder {} cannot be written", folder.display()))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(LocalError::new(
            format!("the folder {} is in use", folder.display()),
            "another process holds it",
        )),
        Err(TryLockError::Error(error)) => {
            Err(LocalError::new(format!("the folder {} cannot be locked", folder.display()), error))
        }
    }
}

/// Opens the database of this folder.
pub(crate) fn open(folder: &Path) -> Result<Database, LocalError> {
    let file = folder.join(FILE);
    let path =
        file.to_str().ok_or_else(|| LocalError::new("the data folder's name is not UTF-8", "see --data"))?;
    let database = Database::new(path).or_local(format!("the database {path} cannot be opened"))?;
    index_stream(&file).or_local("the table's stream cannot be indexed")?;
    Ok(database)
}

/// Before each write dynoxide 3.2 looks for the last of the stream's records, and to deliver them for those
/// after a position; without this index it reads all of them for either.
fn index_stream(file: &Path) -> rusqlite::Result<()> {
    connect(file)?.execute_batch(
        "CREATE INDEX IF NOT EXISTS accounts_local_stream_records
         ON _stream_records (table_name, CAST(sequence_number AS INTEGER), shard_id)",
    )
}

/// A second connection to the database's file, which waits for the first one's locks.
fn connect(file: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let connection = rusqlite::Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

/// Serves the database to the SDK, and to whoever looks with the AWS CLI.
pub(crate) fn serve(listener: TcpListener, database: Database) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) =
            dynoxide::server::serve_with_shutdown(listener, database, std::future::pending()).await
        {
            tracing::error!(error, "the database's server stopped");
        }
    })
}

/// How often expired items are dropped. DynamoDB takes up to two days for it.
const EXPIRE_EVERY: Duration = Duration::from_secs(600);

/// Drops expired items until the task is aborted.
pub(crate) fn expire_items(database: Database) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(EXPIRE_EVERY).await;
            let database = database.clone();
            match tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::warn!(%error, "expired items were not dropped"),
                Err(crash) => tracing::warn!(%crash, "expired items were not dropped"),
            }
        }
    })
}

/// Drops the records of the stream up to and including this stored sequence number.
///
/// DynamoDB keeps stream records for 24 hours; dynoxide 3.2 keeps them for ever, so the file of a fleet that
/// runs for long would only grow. It has no call for it: this goes to its file, whose one connection waits up
/// to five seconds for such a lock.
pub(crate) fn trim_stream(folder: &Path, up_to: i64) -> Result<usize, LocalError> {
    let trim = || -> rusqlite::Result<usize> {
        connect(&folder.join(FILE))?
            .execute("DELETE FROM _stream_records WHERE CAST(sequence_number AS INTEGER) <= ?1", [up_to])
    };
    trim().or_local("the table's stream cannot be trimmed")
}
