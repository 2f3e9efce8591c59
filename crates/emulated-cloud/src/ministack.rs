//! MiniStack: AWS on one machine, a plain Python program from PyPI.

mod install;
mod server;

pub use install::{VERSION, install};
pub use server::{Environment, MiniStack};
