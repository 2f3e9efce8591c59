//! The fleet's own Terraform, applied to an emulator of AWS on this machine: MiniStack for everything that it
//! has, the project's landing zone for Organizations and Service Catalog, which no emulator has.

mod cloud;
mod emulator;
mod error;
mod front;
mod guarded;
mod identity;
mod leftovers;
mod mending;
pub mod ministack;
mod mirror;
mod packages;
mod passing;
mod processes;
mod served;
mod simulator;
mod terraform;
mod tools;
mod waiting;

pub use cloud::{Cloud, CloudSettings};
pub use emulator::{Emulator, Service};
pub use error::CloudError;
pub use identity::Identity;
pub use packages::{FUNCTIONS, Packages, Workspace};
pub use processes::can_be_told_apart;
pub use simulator::{Hold, Simulator};
pub use tools::{MissingTool, Tools};
pub use waiting::{Seen, until};
