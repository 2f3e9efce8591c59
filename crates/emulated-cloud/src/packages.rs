//! The functions as Lambda takes them: a zip each, with an executable `bootstrap`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::error::{CloudError, While};
use crate::guarded;

/// The functions of the fleet; each is a package with a binary of the same name.
pub const FUNCTIONS: [&str; 8] = [
    "api",
    "authorizer",
    "stream-trigger",
    "validate",
    "provision",
    "check-status",
    "update-status",
    "update-failed",
];

/// A folder that holds `<function>/bootstrap.zip` for every function.
#[derive(Clone, Debug)]
pub struct Packages {
    folder: PathBuf,
}

impl Packages {
    /// Packages that were made elsewhere, by `cargo lambda build --output-format zip` for example.
    ///
    /// # Errors
    /// One is not there.
    pub fn made_in(folder: &Path) -> Result<Self, CloudError> {
        let folder = fs::canonicalize(folder).or_cloud(format!("no packages in {}", folder.display()))?;
        for function in FUNCTIONS {
            let package = folder.join(function).join("bootstrap.zip");
            fs::metadata(&package).or_cloud(format!("no package {}", package.display()))?;
        }
        Ok(Self { folder })
    }

    /// Packs these binaries into a folder.
    ///
    /// # Errors
    /// A binary cannot be read, or the folder not be written.
    pub fn of_binaries<'a>(
        binaries: impl IntoIterator<Item = (&'a str, &'a Path)>,
        folder: &Path,
    ) -> Result<Self, CloudError> {
        for (function, binary) in binaries {
            pack(binary, &folder.join(function)).or_cloud(format!("{function} cannot be packed"))?;
        }
        Self::made_in(folder)
    }

    /// Builds the functions of a workspace for this machine, in the dev profile, and packs them. `beside` is a
    /// package whose features they are built with as well, so that what was compiled for it is used again.
    ///
    /// # Errors
    /// Cargo fails, and says on the terminal why; or what [`of_binaries`](Self::of_binaries) says.
    pub async fn build(workspace: &Workspace, beside: &str, folder: &Path) -> Result<Self, CloudError> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = guarded::command(cargo);
        command.args(["build", "--quiet", "--locked", "--package", beside]);
        command.args(FUNCTIONS.iter().flat_map(|function| ["--package", function]));
        let mut build = guarded::spawn(command.current_dir(&workspace.root), "cargo")?;
        let status = build.wait().await.or_cloud("cargo cannot be waited for")?;
        if !status.success() {
            return Err(CloudError::new("the functions cannot be built", status.to_string()));
        }
        let binaries = FUNCTIONS.map(|function| (function, workspace.target.join("debug").join(function)));
        Self::of_binaries(binaries.iter().map(|(function, binary)| (*function, binary.as_path())), folder)
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Debug information is nine tenths of a debug binary, and backtraces in the log are no part of what is tried
/// here; where there is no `strip`, it stays.
fn pack(binary: &Path, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let bare = folder.join("bootstrap");
    let strip =
        std::process::Command::new("strip").arg("-o").args([&bare, binary]).stderr(Stdio::null()).status();
    if !strip.is_ok_and(|status| status.success()) {
        fs::copy(binary, &bare)?;
    }
    // Written beside its place and renamed: whoever deploys at this moment finds the old package or the new one.
    let draft = folder.join("draft.zip");
    let mut zip = ZipWriter::new(File::create(&draft)?);
    // Without a time stamp, so that the same binary is the same package.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .unix_permissions(0o755);
    zip.start_file("bootstrap", options)?;
    io::copy(&mut File::open(&bare)?, &mut zip)?;
    zip.finish()?;
    fs::remove_file(&bare)?;
    fs::rename(draft, folder.join("bootstrap.zip"))
}

/// A workspace that holds the functions, and `infra/`.
#[derive(Clone, Debug)]
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// The workspace that the current folder is in, as Cargo sees it.
    ///
    /// # Errors
    /// There is none, or it is not this product's.
    pub fn here() -> Result<Self, CloudError> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let what = "the workspace of the account factory cannot be found from this folder";
        let output = std::process::Command::new(cargo)
            .args(["metadata", "--format-version", "1", "--no-deps"])
            .output()
            .or_cloud(what)?;
        if !output.status.success() {
            return Err(CloudError::new(what, String::from_utf8_lossy(&output.stderr)));
        }
        let metadata: Value = serde_json::from_slice(&output.stdout).or_cloud(what)?;
        let path = |name: &str| PathBuf::from(metadata[name].as_str().unwrap_or_default());
        let this = Self { root: path("workspace_root"), target: path("target_directory") };
        fs::metadata(this.infra()).or_cloud(what)?;
        Ok(this)
    }

    /// Its Terraform.
    pub fn infra(&self) -> PathBuf {
        self.root.join("infra")
    }

    /// Where Cargo builds.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Where its tools are installed.
    pub fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }
}
