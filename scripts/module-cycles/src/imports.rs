//! Which files of a crate import which.

use std::collections::BTreeMap;
use std::path::PathBuf;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

use crate::crates::{Crate, Import, flatten, stays_in_crate};

/// The imports of each file, each with its first place.
pub(crate) type Imports = BTreeMap<PathBuf, BTreeMap<PathBuf, Place>>;

/// Where and how a file imports another file.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) code: String,
}

/// Finds the imports of every file.
///
/// # Errors
///
/// The definition of a path in the crate was not found.
pub(crate) fn of(sources: &Crate) -> Result<Imports, String> {
    let mut imports = Imports::new();
    for (id, module) in sources.modules() {
        let of_file = imports.entry(module.file.clone()).or_default();
        for &(line, child) in &module.declared {
            if let Some(file) = sources.file(child) {
                let name = file
                    .file_stem()
                    .map(|it| it.to_string_lossy())
                    .unwrap_or_default();
                add(
                    of_file,
                    file.to_owned(),
                    Place {
                        line,
                        code: format!("mod {name}"),
                    },
                );
            }
        }
        let mut paths = Paths::default();
        for item in &module.items {
            paths.visit_item(item);
        }
        for Path { segments, line } in paths.found {
            let files = sources.resolve(id, &segments);
            let code = segments.join("::");
            if files.is_empty() && segments.first().is_some_and(|it| stays_in_crate(it)) {
                return Err(format!(
                    "{}:{line}: no definition was found for {code}",
                    module.file.display()
                ));
            }
            for file in files.into_iter().filter(|it| **it != module.file) {
                add(
                    of_file,
                    file.to_owned(),
                    Place {
                        line,
                        code: code.clone(),
                    },
                );
            }
        }
    }
    Ok(imports)
}

fn add(imports: &mut BTreeMap<PathBuf, Place>, file: PathBuf, place: Place) {
    imports.entry(file).or_insert(place);
}

struct Path {
    segments: Vec<String>,
    line: usize,
}

/// Collects every path with at least two segments. A shorter path needs an import, which is collected.
#[derive(Default)]
struct Paths {
    found: Vec<Path>,
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_some() {
            return;
        }
        let mut imports = Vec::new();
        flatten(&item.tree, &[], &mut imports);
        self.found
            .extend(imports.into_iter().map(|Import { path, line, .. }| Path {
                segments: path,
                line,
            }));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            let line = path
                .segments
                .first()
                .map_or(0, |it| it.ident.span().start().line);
            let segments = path
                .segments
                .iter()
                .map(|it| it.ident.to_string())
                .collect();
            self.found.push(Path { segments, line });
        }
        visit::visit_path(self, path);
    }

    // The parser returns a macro's arguments as tokens.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.visit_tokens(call.tokens.clone());
    }

    // `pub(in crate::a)` does not import `a`.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    // An attribute's arguments belong to the macro or lint that it names.
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

impl Paths {
    fn visit_tokens(&mut self, tokens: TokenStream) {
        let mut path = Path {
            segments: Vec::new(),
            line: 0,
        };
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(it) if it.as_char() == ':' => {
                    colons = u8::saturating_add(colons, 1);
                    continue;
                }
                TokenTree::Ident(it) => {
                    if colons != 2 || path.segments.is_empty() {
                        self.keep(&mut path);
                        path.line = it.span().start().line;
                    }
                    // `::a::b` names another crate.
                    if colons != 2 || !path.segments.is_empty() {
                        path.segments.push(it.to_string());
                    }
                }
                TokenTree::Group(it) => {
                    self.keep(&mut path);
                    self.visit_tokens(it.stream());
                }
                _ => self.keep(&mut path),
            }
            colons = 0;
        }
        self.keep(&mut path);
    }

    fn keep(&mut self, path: &mut Path) {
        let segments = std::mem::take(&mut path.segments);
        if segments.len() > 1 {
            self.found.push(Path {
                segments,
                line: path.line,
            });
        }
    }
}
