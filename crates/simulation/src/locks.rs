//! Locks of a run.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a lock holds. A panic elsewhere ends the run anyway.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
