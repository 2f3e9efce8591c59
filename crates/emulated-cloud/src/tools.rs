//! What has to be on the machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{ministack, mirror};

/// The programs that a cloud is made with.
#[derive(Clone, Debug)]
pub struct Tools {
    /// The Python that has MiniStack.
    pub(crate) python: PathBuf,
    /// A folder of providers, where Terraform is not to ask its registry.
    pub(crate) mirror: Option<PathBuf>,
}

/// Something has to be on the machine, and is not.
#[derive(Debug, thiserror::Error)]
#[error("{tool} is needed: {why}")]
pub struct MissingTool {
    tool: &'static str,
    why: String,
}

impl Tools {
    /// Looks for Terraform, and installs MiniStack below `folder`, unless it is there.
    ///
    /// # Errors
    /// One of them is missing.
    pub fn find(folder: &Path) -> Result<Self, MissingTool> {
        let terraform =
            Command::new("terraform").arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        match terraform {
            Ok(status) if status.success() => {}
            Ok(status) => {
                return Err(MissingTool { tool: "Terraform", why: format!("`terraform version`: {status}") });
            }
            Err(error) => {
                return Err(MissingTool { tool: "Terraform", why: format!("`terraform`: {error}") });
            }
        }
        let python = ministack::install(folder)
            .map_err(|why| MissingTool { tool: "Python 3 with venv and pip, for MiniStack", why })?;
        Ok(Self { python, mirror: mirror::find() })
    }
}
