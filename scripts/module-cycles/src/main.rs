//! `module-cycles src/lib.rs …` reads each crate from its root file and fails when the imports between
//! its files form a circle. A circle means that none of its files can be read or tested alone.
//!
//! File A imports file B when A declares the module of B, or when a path in A names something that B
//! defines. Paths count wherever they stand: in a `use`, in a function, in the arguments of a macro. A
//! path through a re-export counts for the file of the definition. So a parent may re-export what its
//! child modules define, and a child may import a sibling through the parent, but a child that uses a
//! definition of its parent is in a circle with it.
//!
//! Calls of methods name no file and do not count. Modules under `#[cfg(test)]` are left out; every
//! other `cfg` is taken as set, so that the code for all targets is read at once.

mod circles;
mod crates;
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

/// Every circle of one crate as text, empty when there is none.
///
/// # Errors
///
/// A file is missing or does not parse, or the definition of a path cannot be found.
fn report(root: &Path) -> Result<String, String> {
    let sources = crates::Crate::read(root, &|path| std::fs::read_to_string(path).ok())?;
    Ok(circles::describe(&imports::of(&sources)?))
}

#[cfg(test)]
mod tests;
