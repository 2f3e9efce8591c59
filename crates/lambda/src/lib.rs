//! What every function shares with the Lambda runtime: settings from the environment, the log, metrics, the routes
//! of the API, and how an error of the domain becomes the error of an invocation.

mod boundary;
mod clock;
pub mod log;
mod metrics;
pub mod routes;
mod settings;
mod shared_settings;
mod subject_hash;

pub use boundary::{diagnose, into_lambda_result, serve};
pub use clock::now;
pub use lambda_runtime::{Diagnostic, Error};
pub use metrics::{Metrics, Output, PoolGauges};
pub use settings::{SettingError, Settings};
pub use subject_hash::subject_hash;
