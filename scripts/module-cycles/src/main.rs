//! `module-cycles src/lib.rs …` reads each crate from its root file and fails if the imports between its
//! files form a cycle. No file of a cycle can be read or tested alone.
//!
//! File A imports file B if A declares the module of B, or if a path in A names an item that B defines. Paths
//! count in a `use`, in a function and in a macro's arguments. A path through a re-export counts for the
//! defining file. So a parent may re-export its children's items, and a child may import a sibling through
//! the parent. A child that uses its parent's own item forms a cycle with it.
//!
//! Method calls do not count, because they name no file. Modules under `#[cfg(test)]` are ignored. Every
//! other `cfg` counts as set, so the code for all targets is read at once.

mod crates;
mod cycles;
mod imports;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let roots: Vec<String> = std::env::args().skip(1).collect();
    if roots.is_empty() {
        eprintln!("usage: module-cycles <root file of a crate> …");
        return ExitCode::FAILURE;
    }
    let mut clean = true;
    for root in roots {
        match report(Path::new(&root)) {
            Ok(text) if text.is_empty() => {}
            Ok(text) | Err(text) => {
                clean = false;
                println!("{text}");
            }
        }
    }
    if clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Describes every cycle of a crate; empty if there is none.
///
/// # Errors
///
/// A file is missing or does not parse, or the definition of a path was not found.
fn report(root: &Path) -> Result<String, String> {
    let sources = crates::Crate::read(root, &|path| std::fs::read_to_string(path).ok())?;
    Ok(cycles::describe(&imports::of(&sources)?))
}

#[cfg(test)]
mod tests;
