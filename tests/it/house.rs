//! The rooms of `src`: which imports which, and that no two files need each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::sources::{Source, sources};

/// The rooms from the top down, in the order of `src/lib.rs`.
fn rooms() -> Vec<String> {
    let map = sources("src").into_iter().find(|source| source.file == "src/lib.rs").expect("a map");
    let rooms = map.text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.split(';').next());
    rooms.map(str::to_owned).collect()
}

#[test]
fn a_room_imports_those_below_it_and_none_above() {
    let rooms = rooms();
    assert!(rooms.len() >= 12, "{rooms:?}");
    let place = |room: &str| rooms.iter().position(|known| known == room);
    for source in sources("src").iter().filter(|source| !source.module.is_empty()) {
        let own = &source.module[0];
        for other in source.names().filter(|other| other.first() != Some(own)) {
            let [room, ..] = other.as_slice() else { continue };
            let is_below = place(own) < place(room) && place(room).is_some();
            let is_apart = own == "sandbox" || (own == "http" && room == "policy");
            assert!(is_below && !is_apart, "{}: {own} must not import {}", source.file, other.join("::"));
        }
    }
}

/// What a pure file may use of the standard library: no file, socket, thread, clock or environment.
#[rustfmt::skip]
const PURE_STD: [&str; 19] = [
    "borrow", "cell", "cmp", "collections", "convert", "fmt", "future", "hash", "iter", "mem", "num", "ops", "path",
    "pin", "slice", "str", "string", "sync", "task",
];
/// The packages that a pure file may use.
#[rustfmt::skip]
const PURE_PACKAGES: [&str; 14] = [
    "anstyle", "base64", "bytes", "foldhash", "futures_core", "itoa", "memchr", "multer", "serde", "serde_json", "shlex", "smallvec",
    "toml", "wide",
];

#[test]
fn what_is_pure_imports_what_is_pure() {
    let others = ["crate", "self", "super", "std"];
    let is_test = |source: &Source| source.module.iter().any(|part| part == "tests");
    for source in sources("src/protocol").into_iter().filter(|source| !is_test(source)) {
        for path in source.imports() {
            let root = path[0].as_str();
            let is_own = source.declares(root) || root.starts_with(char::is_uppercase);
            let is_known = others.contains(&root) || PURE_PACKAGES.contains(&root) || is_own;
            assert!(is_known, "{}: is {} pure?", source.file, path.join("::"));
        }
        for path in source.paths("std::") {
            let is_span = path == ["time", "Duration"];
            assert!(
                is_span || PURE_STD.contains(&path[0].as_str()),
                "{}: std::{}",
                source.file,
                path.join("::")
            );
        }
        let strangers = source.names().find(|path| path.first().is_some_and(|room| room != "protocol"));
        assert_eq!(strangers, None, "{}", source.file);
    }
}

/// For each file, the files that it needs.
type Needs<'s> = BTreeMap<&'s [String], BTreeSet<&'s [String]>>;

#[test]
fn no_two_files_need_each_other() {
    for folder in ["src", "bench/src"] {
        let all = sources(folder);
        let files: BTreeMap<&[String], &Source> =
            all.iter().map(|source| (&source.module[..], source)).collect();
        let mut needs = Needs::new();
        for source in &all {
            let to = source.names().filter_map(|path| {
                let module =
                    (0..=path.len()).rev().find_map(|length| files.get_key_value(&path[..length]))?;
                // A module and what is below it count as one: neither needs the other.
                (!source.module.starts_with(module.0)).then_some(*module.0)
            });
            needs.insert(&source.module, to.collect());
        }
        // Drops files that need none of those left, or that none of them needs; those that stay need each other.
        let is_free = |needs: &Needs, file: &[String]| {
            needs[file].iter().all(|to| !needs.contains_key(to))
                || needs.values().all(|to| !to.contains(file))
        };
        while let Some(free) = needs.keys().copied().find(|file| is_free(&needs, file)) {
            needs.remove(free);
        }
        let left: Vec<String> = needs
            .iter()
            .map(|(from, to)| {
                let to = to.iter().filter(|to| needs.contains_key(*to)).map(|to| to.join("::"));
                format!("{} needs {}", from.join("::"), to.collect::<Vec<_>>().join(", "))
            })
            .collect();
        assert!(left.is_empty(), "in {folder} somebody needs who needs him:\n{}", left.join("\n"));
    }
}
