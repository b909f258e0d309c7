use std::path::Path;

use crate::{crates, cycles, imports};

/// The report for a crate with these files; the first one is the root.
fn report(files: &[(&str, &str)]) -> Result<String, String> {
    let read = |path: &Path| {
        let file = files.iter().find(|(name, _)| Path::new(name) == path)?;
        Some(file.1.to_owned())
    };
    let root = files.first().ok_or("no file")?.0;
    let sources = crates::Crate::read(Path::new(root), &read)?;
    Ok(cycles::describe(&imports::of(&sources)?))
}

const ROOT: (&str, &str) = ("lib.rs", "mod a;\nmod b;");

/// The report for two siblings.
fn siblings(a: &str, b: &str) -> String {
    report(&[ROOT, ("a.rs", a), ("b.rs", b)]).unwrap_or_else(|error| error)
}

/// The report for a parent with two children.
fn family(parent: &str, one: &str, two: &str) -> String {
    let parent = format!("mod one; mod two; {parent}");
    report(&[
        ("lib.rs", "mod parent;"),
        ("parent.rs", &parent),
        ("parent/one.rs", one),
        ("parent/two.rs", two),
    ])
    .unwrap_or_else(|error| error)
}

#[test]
fn names_both_places_of_a_cycle() {
    assert_eq!(
        siblings(
            "\nuse crate::b::B;\npub struct A;",
            "pub struct B;\nfn f(_: super::a::A) {}"
        ),
        "2 files import each other in a cycle:\n  \
         a.rs:2 imports b.rs: crate::b::B\n  \
         b.rs:2 imports a.rs: super::a::A\n"
    );
}

#[test]
fn accepts_one_direction() {
    assert_eq!(
        siblings(
            "use crate::b::{self, B};\nfn f() { b::g() }",
            "pub struct B; pub fn g() {}"
        ),
        ""
    );
}

#[test]
fn finds_constants_functions_macros_and_globs() {
    let uses_b = "use super::b::B; pub const A: u8 = 0;";
    for b in [
        "pub struct B; use crate::a::A;",
        "pub struct B; fn f() -> u8 { crate::a::A }",
        "pub struct B; fn f() { use crate::a::A; }",
        "pub struct B; fn f() { println!(\"{}\", crate::a::A); }",
        "pub struct B; use crate::a as other; fn f() -> u8 { other::A }",
        "pub struct B; use crate::a::*;",
        "pub struct B; mod inner { use super::super::a::A; }",
    ] {
        assert!(siblings(uses_b, b).starts_with("2 files"), "{b}");
    }
}

#[test]
fn path_counts_for_the_defining_file() {
    let parent = "pub use one::One;";
    assert_eq!(
        family(parent, "pub struct One;", "use super::One; impl One {}"),
        ""
    );
    let cycle = family(
        parent,
        "pub struct One; use super::two::Two;",
        "use super::One; pub struct Two;",
    );
    assert!(
        cycle.contains("parent/two.rs:1 imports parent/one.rs: super::One"),
        "{cycle}"
    );
}

#[test]
fn child_must_not_use_its_parents_items() {
    let cycle = family("struct Top;", "use super::Top; impl Top {}", "");
    assert!(
        cycle.contains("parent/one.rs:1 imports parent.rs: super::Top"),
        "{cycle}"
    );
    assert!(
        cycle.contains("parent.rs:1 imports parent/one.rs: mod one"),
        "{cycle}"
    );
}

#[test]
fn reports_each_group_and_longer_cycles() {
    let text = report(&[
        ("lib.rs", "mod a; mod b; mod c; mod d; mod e;"),
        ("a.rs", "use crate::b::B; pub struct A;"),
        ("b.rs", "use crate::{a::A, c::C}; pub struct B;"),
        ("c.rs", "use crate::a::A; pub struct C;"),
        ("d.rs", "use crate::{a::A, e::E}; pub struct D;"),
        ("e.rs", "use crate::d::D; pub struct E;"),
    ])
    .unwrap_or_else(|error| error);
    assert!(
        text.contains("3 files") && text.contains("in longer cycles: c.rs"),
        "{text}"
    );
    assert!(
        text.contains("2 files") && text.contains("d.rs:1 imports e.rs"),
        "{text}"
    );
}

#[test]
fn ignores_tests_visibility_and_other_crates() {
    let a = "use super::b::B; pub struct A;";
    assert_eq!(
        siblings(
            a,
            "pub struct B; #[cfg(test)] mod tests { use crate::a::A; }"
        ),
        ""
    );
    assert_eq!(siblings(a, "pub struct B; pub(in crate::a) fn f() {}"), "");
    assert_eq!(
        siblings(
            a,
            "pub struct B; use ::a::A; use b::b; use prelude::*; fn f() { C::new() }"
        ),
        ""
    );
}

#[test]
fn module_may_be_declared_twice_under_opposite_conditions() {
    let root = "#[cfg(x)] pub mod a;\n#[cfg(not(x))] mod a;";
    assert_eq!(
        report(&[("lib.rs", root), ("a/mod.rs", "")]),
        Ok(String::new())
    );
}

#[test]
fn reports_what_it_cannot_read() {
    let error = |files| report(files).err().unwrap_or_default();
    assert_eq!(
        error(&[("lib.rs", "mod a;")]),
        "lib.rs:1: no file was found for module a"
    );
    assert_eq!(
        error(&[("lib.rs", "use crate::a::A;")]),
        "lib.rs:1: no definition was found for crate::a::A"
    );
    assert!(error(&[("lib.rs", "fn")]).starts_with("lib.rs: "));
}

#[test]
fn treats_a_word_in_a_macro_call_as_a_definition() {
    let report = siblings(
        "use crate::b::Id;\npub struct Other;",
        "use crate::a::Other;\nmacro_rules! id { ($name:ident) => { pub struct $name; } }\nid! { Id }",
    );
    assert!(
        report.contains("a.rs:1 imports b.rs: crate::b::Id"),
        "{report}"
    );
}
