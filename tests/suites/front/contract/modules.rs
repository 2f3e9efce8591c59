//! No modules of a crate import each other in a circle.
//!
//! An edge leads from a module to each that it names by `crate::…`. A name that the crate's root, or a module on the
//! way, takes from one of its modules (`pub use`) leads to that module. What a module says of its own children, and
//! they of it by `super::`, is one unit that is read together, and no edge.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::root;

/// The source of each module, without its comments and tests; by its path below the crate, which is empty for the root.
type Modules = BTreeMap<String, String>;

fn collect(folder: &Path, parent: &str, found: &mut Modules) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_str().expect("a name");
        let module = match (parent, name) {
            (parent, "lib" | "main" | "mod") => parent.to_owned(),
            ("", name) => name.to_owned(),
            (parent, name) => format!("{parent}::{name}"),
        };
        if path.is_dir() && name != "tests" {
            collect(&path, &module, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && name != "tests" {
            let source = std::fs::read_to_string(&path).expect("a source");
            let product = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let lines = product.lines().filter(|line| !line.trim_start().starts_with("//"));
            found.entry(module).or_default().extend(lines.flat_map(|line| [line, "\n"]));
        }
    }
}

/// Every path that a `use` of this text names, groups taken apart: `a::{b, c::{d}}` is `a::b` and `a::c::d`.
fn spread(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((prefix, group)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default().trim();
        return vec![path.trim_end_matches("::self").to_owned()];
    };
    let group = group.trim_end().strip_suffix('}').unwrap_or(group);
    let (mut depth, mut start, mut parts) = (0_u32, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[start..]);
    let nested = parts.into_iter().filter(|part| !part.trim().is_empty()).flat_map(spread);
    nested.map(|path| format!("{}{path}", prefix.trim())).collect()
}

/// The paths behind `crate::` in a source: in its `use` declarations, and where it names one on the spot.
fn named(source: &str) -> Vec<String> {
    let part_of_path = |c: char| c.is_alphanumeric() || "_:".contains(c);
    let mut paths = Vec::new();
    for rest in source.split("crate::").skip(1) {
        let end = rest.find(|c: char| !part_of_path(c)).unwrap_or(rest.len());
        if rest[end..].starts_with('{') {
            let (mut depth, mut close) = (0_u32, rest.len());
            for (at, c) in rest.char_indices().skip(end) {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 1 => {
                        close = at + 1;
                        break;
                    }
                    '}' => depth -= 1,
                    _ => {}
                }
            }
            paths.extend(spread(&rest[..close]));
        } else {
            paths.push(rest[..end].trim_end_matches("::").to_owned());
        }
    }
    paths
}

/// The names that a module takes from its own modules, each with the path below the crate that it stands for.
fn taken(module: &str, source: &str, modules: &Modules) -> BTreeMap<String, String> {
    let below = |path: &str| if module.is_empty() { path.to_owned() } else { format!("{module}::{path}") };
    let declarations = source.split("use ").skip(1).filter_map(|rest| rest.split(';').next());
    declarations
        .flat_map(spread)
        .map(|path| path.trim_start_matches("self::").trim_start_matches("crate::").to_owned())
        .filter(|path| path.split("::").next().is_some_and(|first| modules.contains_key(&below(first))))
        .filter_map(|path| Some((path.rsplit("::").next()?.to_owned(), below(&path))))
        .collect()
}

/// The module in which what this path names is defined.
fn module_of(path: &str, modules: &Modules, depth: u32) -> String {
    let mut module = String::new();
    let mut parts = path.split("::").peekable();
    while let Some(part) = parts.peek() {
        let below = if module.is_empty() { (*part).to_owned() } else { format!("{module}::{part}") };
        if !modules.contains_key(&below) {
            break;
        }
        module = below;
        parts.next();
    }
    let name = parts.next().unwrap_or_default();
    match taken(&module, modules.get(&module).map_or("", String::as_str), modules).get(name) {
        Some(elsewhere) if depth > 0 => module_of(elsewhere, modules, depth - 1),
        _ => module,
    }
}

/// Each module with those that it imports. A parent and its children are read together.
fn imports(modules: &Modules) -> BTreeMap<String, BTreeSet<String>> {
    let related = |a: &str, b: &str| a.is_empty() || b.is_empty() || a.starts_with(&format!("{b}::"));
    modules
        .iter()
        .map(|(module, source)| {
            let edges = named(source).into_iter().map(|path| module_of(&path, modules, 4));
            let edges =
                edges.filter(|other| other != module && !related(module, other) && !related(other, module));
            (module.clone(), edges.collect())
        })
        .collect()
}

/// What is left of the edges once every module is taken away that imports none, over and over.
fn circle(modules: &Modules) -> BTreeMap<String, BTreeSet<String>> {
    let mut left = imports(modules);
    loop {
        let leaves: Vec<_> =
            left.iter().filter(|(_, named)| named.is_empty()).map(|(module, _)| module.clone()).collect();
        if leaves.is_empty() {
            return left;
        }
        for leaf in &leaves {
            left.remove(leaf);
            left.values_mut().for_each(|named| {
                named.remove(leaf);
            });
        }
    }
}

fn modules_of(crate_name: &str) -> Modules {
    let mut modules = Modules::new();
    collect(&root().join("crates").join(crate_name).join("src"), "", &mut modules);
    modules
}

#[test]
fn no_modules_of_a_crate_import_each_other_in_a_circle() {
    let mut crates = 0;
    for entry in std::fs::read_dir(root().join("crates")).expect("a folder") {
        let name = entry.expect("an entry").file_name().to_str().expect("a name").to_owned();
        let circle = circle(&modules_of(&name));
        assert!(circle.is_empty(), "in crates/{name} these import each other in a circle: {circle:#?}");
        crates += 1;
    }
    assert!(crates >= 15, "only {crates} crates were found");
}

#[test]
fn imports_are_followed_to_the_module_that_defines_the_name() {
    let core = imports(&modules_of("core"));
    assert!(core["account"].contains("details") && core["operation"].contains("request"), "{core:#?}");
    assert!(core["transition::end"].contains("operation"), "{core:#?}");
    let modules = Modules::from(
        [
            ("", "mod a;\nmod b;\nmod c;\npub use a::A;\npub use b::{B, C as D};"),
            ("a", "use crate::{B, c::{self, E}};"),
            ("b", "fn f() -> crate::A { crate::c::g() }"),
            ("c", "use std::fmt;"),
        ]
        .map(|(module, source)| (module.to_owned(), source.to_owned())),
    );
    let circle = circle(&modules);
    assert_eq!(circle.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert!(imports(&modules)["a"].contains("c"));
}
