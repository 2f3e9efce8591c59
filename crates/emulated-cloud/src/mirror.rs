//! Finds a copy of Terraform's AWS provider on this machine, where its registry cannot be reached.

use std::collections::VecDeque;
use std::env;
use std::path::{Path, PathBuf};

/// Where the files of the provider lie in a mirror: `HOST/NAMESPACE/TYPE/VERSION/TARGET/`.
const PROVIDER: &str = "registry.terraform.io/hashicorp/aws";

/// What a file of it is called, before its version.
const FILE: &str = "terraform-provider-aws_v";

/// What `infra/` asks for at least.
const OLDEST: (u32, u32) = (5, 100);

/// How deep a mirror may lie in one of the usual places, and how many entries of one are looked at.
const DEEPEST: usize = 9;
const MOST_ENTRIES: usize = 20_000;

/// The folder to hand to `terraform init -plugin-dir`, or none: Terraform then asks its registry.
pub(crate) fn find() -> Option<PathBuf> {
    usual_places().iter().find_map(|place| mirror_below(place))
}

/// Where Terraform itself would look, where its configuration points, and where packages put such things.
fn usual_places() -> Vec<PathBuf> {
    let home = env::home_dir().unwrap_or_default();
    let mut places: Vec<PathBuf> =
        env::var_os("TF_PLUGIN_CACHE_DIR").map(PathBuf::from).into_iter().collect();
    let config = env::var_os("TF_CLI_CONFIG_FILE").map_or_else(|| home.join(".terraformrc"), PathBuf::from);
    places.extend(folders_named_in(&std::fs::read_to_string(config).unwrap_or_default()));
    places.extend([
        home.join(".terraform.d"),
        home.join(".local/share/terraform"),
        home.join("Library/Application Support/io.terraform"),
    ]);
    places.extend(
        ["/usr/share/terraform", "/usr/local/share/terraform", "/usr/lib/terraform", "/opt"]
            .map(PathBuf::from),
    );
    places
}

/// The folders in a CLI configuration: `path` of a `filesystem_mirror`, and `plugin_cache_dir`.
fn folders_named_in(config: &str) -> Vec<PathBuf> {
    let named = |line: &str| {
        let (name, value) = line.split_once('=')?;
        let known = ["path", "plugin_cache_dir"].contains(&name.trim());
        known.then(|| PathBuf::from(value.trim().trim_matches('"')))
    };
    config.lines().filter_map(named).collect()
}

/// Looks through a folder, the shallow before the deep, without following links.
fn mirror_below(place: &Path) -> Option<PathBuf> {
    let mut folders = VecDeque::from([(place.to_owned(), 0)]);
    let mut seen = 0;
    while let Some((folder, depth)) = folders.pop_front() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            seen += 1;
            if seen > MOST_ENTRIES {
                return None;
            }
            if entry.file_name().to_string_lossy().starts_with(FILE) {
                if let Some(mirror) = mirror_of(&folder) {
                    return Some(mirror);
                }
            } else if depth < DEEPEST && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push_back((entry.path(), depth + 1));
            }
        }
    }
    None
}

/// The mirror that this folder of the provider's files belongs to, if they are of use here.
fn mirror_of(folder: &Path) -> Option<PathBuf> {
    let target = folder.file_name()?.to_str()?;
    let version = folder.parent()?;
    let provider = version.parent()?;
    let mut numbers = version.file_name()?.to_str()?.split('.').map_while(|part| part.parse().ok());
    let is_new_enough = (numbers.next()?, numbers.next()?) >= OLDEST;
    if !provider.ends_with(PROVIDER) || target != this_target() || !is_new_enough {
        return None;
    }
    provider.ancestors().nth(Path::new(PROVIDER).components().count()).map(Path::to_owned)
}

/// This machine, as Terraform names it.
fn this_target() -> String {
    let system = match env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let processor = match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{system}_{processor}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_file(path: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "").unwrap();
        folder
    }

    #[test]
    fn the_mirror_is_the_folder_that_holds_the_registry() {
        let path =
            format!("some/where/{PROVIDER}/5.100.0/{}/terraform-provider-aws_v5.100.0_x5", this_target());
        let folder = with_file(&path);
        assert_eq!(mirror_below(folder.path()), Some(folder.path().join("some/where")));
    }

    #[test]
    fn a_provider_that_is_too_old_or_for_another_machine_is_passed_over() {
        for (version, target) in
            [("4.67.0", this_target()), ("5.99.9", this_target()), ("6.2.0", "plan9_arm".into())]
        {
            let folder = with_file(&format!("{PROVIDER}/{version}/{target}/terraform-provider-aws_v1"));
            assert_eq!(mirror_below(folder.path()), None, "{version} {target}");
        }
    }

    #[test]
    fn a_configuration_names_its_folders() {
        let config = "plugin_cache_dir = \"/one\"\nprovider_installation {\n  filesystem_mirror {\n    path    = \"/two\"\n    include = [\"*/*/*\"]\n  }\n}\n";
        assert_eq!(folders_named_in(config), [PathBuf::from("/one"), PathBuf::from("/two")]);
    }
}
