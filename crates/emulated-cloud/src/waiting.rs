//! Waiting for what will be.

use std::fmt::Display;
use std::time::{Duration, Instant};

use crate::error::CloudError;

/// Between two looks.
const PACE: Duration = Duration::from_millis(100);

/// Looks until there is something to see, and hands it over; or says after `bound` what it saw instead.
///
/// # Errors
/// The bound is reached; or a look fails, which ends the waiting at once.
pub async fn until<T>(
    what: impl Display,
    bound: Duration,
    mut look: impl AsyncFnMut() -> Result<Seen<T>, CloudError>,
) -> Result<T, CloudError> {
    let deadline = Instant::now() + bound;
    loop {
        match look().await? {
            Seen::Yes(value) => return Ok(value),
            Seen::NotYet(instead) if Instant::now() >= deadline => {
                let instead = format!("after {} s there is: {instead}", bound.as_secs());
                return Err(CloudError::new(format!("{what}: waited in vain"), instead));
            }
            Seen::NotYet(_) => tokio::time::sleep(PACE).await,
        }
    }
}

/// What a look saw.
#[derive(Debug)]
pub enum Seen<T> {
    /// What was waited for.
    Yes(T),
    /// Something else, in words for whoever reads of a wait in vain.
    NotYet(String),
}
