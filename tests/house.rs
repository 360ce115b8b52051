//! The house: a room imports only from lower floors, and neighbours never meet.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The floors from the bottom up; rooms of one floor are neighbours.
const FLOORS: [&[&str]; 8] = [
    &["error", "math"],
    &["domain"],
    &["summary", "simulate"],
    &["feature", "model"],
    &["rfm", "cluster", "cltv", "churn", "cohort", "kpi"],
    &["segment", "experiment", "action", "trust"],
    &["report"],
    &["io"],
];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// Rooms named after `crate::`, or after as many `super::` as lead out of the file's own room, in the text of
/// a file, comments and doc examples aside. `depth` is how many modules deep the file lies.
fn imports(source: &str, depth: usize) -> BTreeSet<String> {
    let code: String =
        source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let mut rooms = named_after("crate::", &code);
    let by_super = named_after(&"super::".repeat(depth), &code);
    // From a module within the file the same way leads to the file's siblings, which are no rooms.
    rooms.extend(by_super.into_iter().filter(|name| floor(name).is_some()));
    // By another name the crate's root could not be followed.
    if code.contains("crate as ") || code.contains("{self as ") {
        rooms.insert("the crate by another name".to_owned());
    }
    rooms
}

fn named_after(way: &str, code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, found) in code.match_indices(way) {
        let rest = code[at + found.len()..].trim_start_matches("super::");
        match rest.strip_prefix('{') {
            Some(group) => names.extend(first_names(group)),
            None => names.extend(name(rest)),
        }
    }
    names
}

/// How many modules deep a file lies: `rfm/mod.rs` is 1, `rfm/score.rs` 2.
fn depth(path: &str) -> usize {
    path.trim_end_matches("/mod.rs").split('/').count()
}

/// The first name of each entry of a `{...}` group, whose opening brace has been read.
fn first_names(group: &str) -> Vec<String> {
    let (mut names, mut depth, mut entry) = (Vec::new(), 0, true);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => entry = true,
            letter if letter.is_alphabetic() && entry => {
                names.extend(name(&group[at..]));
                entry = false;
            }
            _ => {}
        }
    }
    names
}

fn name(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// What is wrong with the imports of a tree: its files by path below `src`, with their text.
fn faults(tree: &BTreeMap<String, String>) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, source) in tree {
        let room = path.split(['/', '.']).next().unwrap_or_default();
        if room == "lib" || room == "guide" {
            continue;
        }
        let Some(own) = floor(room) else {
            faults.push(format!("{path}: `{room}` has no floor"));
            continue;
        };
        for import in imports(source, depth(path)) {
            let allowed = import == room
                || floor(&import).map_or(import == "Error" || import == "ErrorKind", |floor| floor < own);
            if !allowed {
                faults.push(format!("{path}: `{room}` imports `{import}`"));
            }
        }
    }
    faults
}

fn read(folder: &Path, below: &Path, tree: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, below, tree);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(below).unwrap().to_str().unwrap().replace('\\', "/");
            tree.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn imports_point_down() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut tree = BTreeMap::new();
    read(&src, &src, &mut tree);
    assert!(tree.len() > 20, "the tree was read");
    assert_eq!(faults(&tree), Vec::<String>::new());
}

#[test]
fn a_tree_with_upward_and_neighbourly_imports_is_refused() {
    let made_up = |path: &str, source: &str| faults(&BTreeMap::from([(path.to_owned(), source.to_owned())]));
    assert!(made_up("rfm/score.rs", "use crate::{Error, domain::Day, model::Assignment};").is_empty());
    assert!(made_up("rfm/score.rs", "// use crate::io::csv;\nuse crate::summary::Summaries;").is_empty());
    for (path, source, fault) in [
        ("domain/id.rs", "use crate::summary::Summaries;", "domain/id.rs: `domain` imports `summary`"),
        ("rfm/map.rs", "use crate::cluster::KMeans;", "rfm/map.rs: `rfm` imports `cluster`"),
        ("rfm/map.rs", "let x = crate::io::csv::read();", "rfm/map.rs: `rfm` imports `io`"),
        (
            "math/a.rs",
            "use crate::{error::Error, domain::{Day, Money}};",
            "math/a.rs: `math` imports `domain`",
        ),
        (
            "math/a.rs",
            "use crate::{\n    math::group,\n    rfm::{\n        Scores,\n    },\n};",
            "math/a.rs: `math` imports `rfm`",
        ),
        ("summary/a.rs", "use crate::simulate::Bakery;", "summary/a.rs: `summary` imports `simulate`"),
        ("attic/a.rs", "", "attic/a.rs: `attic` has no floor"),
        ("domain/a.rs", "use super::super::summary::Totals;", "domain/a.rs: `domain` imports `summary`"),
        (
            "rfm/map/a.rs",
            "use super::super::super::{domain::Day, io::csv};",
            "rfm/map/a.rs: `rfm` imports `io`",
        ),
        ("rfm/mod.rs", "use super::cluster::KMeans;", "rfm/mod.rs: `rfm` imports `cluster`"),
        ("rfm/a.rs", "use crate as c;", "rfm/a.rs: `rfm` imports `the crate by another name`"),
    ] {
        assert!(
            made_up(path, source).contains(&fault.to_owned()),
            "{path}: {source}: {:?}",
            made_up(path, source)
        );
    }
}
