use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Each module, by its path below the crate (the crate itself has none), with the modules it names.
type Imports = BTreeMap<String, BTreeSet<String>>;

fn sources(folder: &Path, parent: &str, found: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let module = match (parent, name) {
            ("", "lib") => String::new(),
            ("", name) => name.to_owned(),
            (parent, name) => format!("{parent}::{name}"),
        };
        if path.is_dir() && name != "tests" {
            sources(&path, &module, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && module != "tests" {
            found.insert(module, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// The module that a path below the crate leads into.
fn module_of(path: &str, modules: &BTreeMap<String, String>) -> String {
    let mut path = path;
    while !modules.contains_key(path) {
        path = path.rsplit_once("::").map_or("", |(parent, _)| parent);
    }
    path.to_owned()
}

fn imports(modules: &BTreeMap<String, String>) -> Imports {
    let part_of_path = |c: char| c.is_alphanumeric() || "_:".contains(c);
    let mut imports = Imports::new();
    for (module, source) in modules {
        let code: String =
            source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        let named = imports.entry(module.clone()).or_default();
        for rest in code.split("crate::").skip(1) {
            let group = rest.strip_prefix('{').and_then(|rest| rest.split('}').next());
            for path in group.unwrap_or(rest.split(|c| !part_of_path(c)).next().unwrap()).split(',') {
                named.insert(module_of(path.trim().trim_end_matches("::"), modules));
            }
        }
        let children = modules.keys().filter(|other| {
            let parent = other.rsplit_once("::").map_or("", |(parent, _)| parent);
            !other.is_empty() && parent == module
        });
        named.extend(children.cloned());
        named.remove(module);
    }
    imports
}

#[test]
fn no_module_imports_one_that_imports_it() {
    let mut modules = BTreeMap::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut modules);
    let mut left = imports(&modules);
    assert!(left["wire"].contains("store") && left["store"].contains("completion"), "{left:?}");
    while !left.is_empty() {
        let before = left.len();
        let leaves: Vec<String> =
            left.iter().filter(|(_, named)| named.is_empty()).map(|(module, _)| module.clone()).collect();
        for leaf in &leaves {
            left.remove(leaf);
            for named in left.values_mut() {
                named.remove(leaf);
            }
        }
        assert!(left.len() < before, "these import each other in a circle: {left:#?}");
    }
}
