//! The names passed to JavaScript match TypeScript's declarations.

use std::collections::BTreeSet;

/// The quoted words in the part of `text` from `start` to `end`.
fn quoted<'a>(text: &'a str, start: &str, end: &str) -> BTreeSet<&'a str> {
    let (_, rest) = text.split_once(start).expect(start);
    let (part, _) = rest.split_once(end).expect(end);
    part.split('"').skip(1).step_by(2).collect()
}

#[test]
fn error_codes_match_typescript() {
    let rust = quoted(
        include_str!("../../src/engine/protocol/error.rs"),
        "fn name(self)",
        "\n    }\n",
    );
    let mut typescript = quoted(
        include_str!("../../src/js/errors.ts"),
        "export type ErrorCode =",
        ";",
    );
    // `INTERNAL` is for a crashed engine, so TypeScript reports it.
    assert!(typescript.remove("INTERNAL"));
    assert!(typescript.remove("UNSUPPORTED"));
    assert_eq!(rust, typescript);
}

#[test]
fn outcomes_match_typescript() {
    let rust = quoted(
        include_str!("../../src/engine/protocol/outcome.rs"),
        "fn name(self)",
        "\n    }\n",
    );
    let typescript = quoted(
        include_str!("../../src/js/errors.ts"),
        "export type ChangeOutcome =",
        ";",
    );
    assert_eq!(rust, typescript);
}

#[test]
fn event_types_match_typescript() {
    let rust = quoted(
        include_str!("../../src/engine/trace.rs"),
        "fn name(self)",
        "\n    }\n",
    );
    let mut typescript = quoted(include_str!("../../src/js/types.ts"), "readonly type:", ";");
    // TypeScript emits these itself.
    for own in ["callback-error", "not-shared"] {
        assert!(typescript.remove(own));
    }
    assert_eq!(rust, typescript);
}
