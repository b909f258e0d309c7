//! Cycles in a graph of imports.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::imports::Imports;

/// Describes every group of files that import each other, by its shortest cycle. Empty if there is none.
pub(crate) fn describe(imports: &Imports) -> String {
    let mut text = String::new();
    for group in groups(imports) {
        let cycles = group
            .iter()
            .filter_map(|file| shortest_cycle(imports, file));
        let Some(cycle) = cycles.min_by_key(Vec::len) else {
            continue;
        };
        let _ = writeln!(text, "{} files import each other in a cycle:", group.len());
        for (from, to) in cycle.iter().zip(cycle.iter().cycle().skip(1)) {
            if let Some(place) = imports.get(*from).and_then(|it| it.get(*to)) {
                let (from, to) = (from.display(), to.display());
                let _ = writeln!(text, "  {from}:{} imports {to}: {}", place.line, place.code);
            }
        }
        let rest: Vec<_> = group.iter().filter(|it| !cycle.contains(*it)).collect();
        if !rest.is_empty() {
            let rest: Vec<_> = rest.iter().map(|it| it.display().to_string()).collect();
            let _ = writeln!(text, "  in longer cycles: {}", rest.join(", "));
        }
    }
    text
}

/// The largest sets of files in which each file reaches every other.
fn groups(imports: &Imports) -> Vec<BTreeSet<&Path>> {
    let reached: BTreeMap<&Path, BTreeSet<&Path>> = imports
        .keys()
        .map(|file| (file.as_path(), reachable(imports, file)))
        .collect();
    let reaches = |from: &Path, to: &Path| reached.get(from).is_some_and(|it| it.contains(to));
    let mut groups: Vec<BTreeSet<&Path>> = Vec::new();
    for &file in reached.keys() {
        if reaches(file, file) && !groups.iter().any(|group| group.contains(file)) {
            let group = reached
                .keys()
                .copied()
                .filter(|it| reaches(file, it) && reaches(it, file));
            groups.push(group.collect());
        }
    }
    groups
}

fn reachable<'a>(imports: &'a Imports, from: &Path) -> BTreeSet<&'a Path> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&Path> = targets(imports, from).collect();
    while let Some(file) = next.pop() {
        if reached.insert(file) {
            next.extend(targets(imports, file));
        }
    }
    reached
}

/// The files on the shortest path from a file back to itself, each once.
fn shortest_cycle<'a>(imports: &'a Imports, start: &'a Path) -> Option<Vec<&'a Path>> {
    let mut reached_from: BTreeMap<&Path, &Path> = BTreeMap::new();
    let mut next = VecDeque::from([start]);
    while let Some(file) = next.pop_front() {
        for target in targets(imports, file) {
            if target == start {
                let mut cycle = vec![file];
                while let Some(&before) = cycle.last().and_then(|it| reached_from.get(it)) {
                    cycle.push(before);
                }
                cycle.reverse();
                return Some(cycle);
            }
            if !reached_from.contains_key(target) {
                reached_from.insert(target, file);
                next.push_back(target);
            }
        }
    }
    None
}

fn targets<'a>(imports: &'a Imports, from: &Path) -> impl Iterator<Item = &'a Path> {
    imports
        .get(from)
        .into_iter()
        .flat_map(BTreeMap::keys)
        .map(PathBuf::as_path)
}
