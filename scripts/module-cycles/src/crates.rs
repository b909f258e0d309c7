//! The modules of a crate, and the files that define their names.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use proc_macro2::TokenTree;
use syn::{ForeignItem, Item, ItemMod, UseTree};

/// The index of a module in [`Crate::modules`]; the crate's root is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ModuleId(usize);

/// A parsed crate.
pub(crate) struct Crate {
    modules: Vec<Module>,
}

/// A module in its own file, or an inline module.
pub(crate) struct Module {
    /// The module's file.
    pub(crate) file: PathBuf,
    /// The module's own items, without those of inline modules.
    pub(crate) items: Vec<Item>,
    /// The lines that declare modules in their own files.
    pub(crate) declared: Vec<(usize, ModuleId)>,
    parent: Option<ModuleId>,
    /// The folder of child modules.
    folder: PathBuf,
    names: HashMap<String, Vec<Name>>,
    globs: Vec<Vec<String>>,
}

#[derive(Debug)]
enum Name {
    Definition,
    Module(ModuleId),
    Import(Vec<String>),
}

/// Reads a file; `None` if it does not exist.
pub(crate) type ReadFile<'a> = &'a dyn Fn(&Path) -> Option<String>;

impl Crate {
    /// Reads the crate from its root file and follows every `mod`.
    ///
    /// # Errors
    ///
    /// A file is missing or does not parse.
    pub(crate) fn read(root: &Path, read: ReadFile<'_>) -> Result<Self, String> {
        let mut it = Self {
            modules: Vec::new(),
        };
        let items = parsed(root, read)?;
        let folder = root.parent().unwrap_or(Path::new("")).to_owned();
        it.add(None, root.to_owned(), folder, items, read)?;
        Ok(it)
    }

    /// Every module, each after its parent.
    pub(crate) fn modules(&self) -> impl Iterator<Item = (ModuleId, &Module)> {
        self.modules
            .iter()
            .enumerate()
            .map(|(index, module)| (ModuleId(index), module))
    }

    /// The file of a module.
    pub(crate) fn file(&self, id: ModuleId) -> Option<&Path> {
        self.modules.get(id.0).map(|module| module.file.as_path())
    }

    /// The files of this crate that define what a path in a module names. There are several if a type and a
    /// function share the name, and none if another crate defines it.
    pub(crate) fn resolve(&self, from: ModuleId, path: &[String]) -> BTreeSet<&Path> {
        let mut found = BTreeSet::new();
        self.search(from, path, &mut HashSet::new(), &mut found);
        found
    }

    fn search<'a>(
        &'a self,
        from: ModuleId,
        path: &[String],
        seen: &mut HashSet<(ModuleId, Vec<String>)>,
        found: &mut BTreeSet<&'a Path>,
    ) {
        // Two modules may glob-import each other.
        if !seen.insert((from, path.to_vec())) {
            return;
        }
        let Some(module) = self.modules.get(from.0) else {
            return;
        };
        let Some((first, rest)) = path.split_first() else {
            found.insert(&module.file);
            return;
        };
        match first.as_str() {
            "crate" => return self.search(ModuleId(0), rest, seen, found),
            "self" => return self.search(from, rest, seen, found),
            "super" => {
                if let Some(parent) = module.parent {
                    self.search(parent, rest, seen, found);
                }
                return;
            }
            _ => {}
        }
        let Some(names) = module.names.get(first) else {
            for glob in module.globs.iter().filter(|it| module.knows(it)) {
                self.search(from, &[glob, path].concat(), seen, found);
            }
            return;
        };
        for name in names {
            match name {
                Name::Definition => {
                    found.insert(&module.file);
                }
                Name::Module(id) => self.search(*id, rest, seen, found),
                // `use a::a` does not import from itself, because its first `a` is a crate.
                Name::Import(target) if target.first() == Some(first) => {}
                Name::Import(target) => self.search(from, &[target, rest].concat(), seen, found),
            }
        }
    }

    fn add(
        &mut self,
        parent: Option<ModuleId>,
        file: PathBuf,
        folder: PathBuf,
        items: Vec<Item>,
        read: ReadFile<'_>,
    ) -> Result<ModuleId, String> {
        let (children, items) = items
            .into_iter()
            .partition::<Vec<_>, _>(|it| matches!(it, Item::Mod(_)));
        let mut module = Module {
            file,
            items,
            declared: Vec::new(),
            parent,
            folder,
            names: HashMap::new(),
            globs: Vec::new(),
        };
        module.collect_names();
        let id = ModuleId(self.modules.len());
        self.modules.push(module);
        for child in children {
            if let Item::Mod(child) = child
                && !is_for_tests(&child)
            {
                self.add_child(id, child, read)?;
            }
        }
        Ok(id)
    }

    fn add_child(
        &mut self,
        parent: ModuleId,
        child: ItemMod,
        read: ReadFile<'_>,
    ) -> Result<(), String> {
        let Some(above) = self.modules.get(parent.0) else {
            return Ok(());
        };
        let name = child.ident.to_string();
        // A module may be declared twice, under opposite conditions.
        if above
            .names
            .get(&name)
            .is_some_and(|them| them.iter().any(|it| matches!(it, Name::Module(_))))
        {
            return Ok(());
        }
        let folder = above.folder.join(&name);
        let line = child.ident.span().start().line;
        let is_inline = child.content.is_some();
        let (file, items) = match child.content {
            Some((_, items)) => (above.file.clone(), items),
            None => {
                let candidates = [folder.with_extension("rs"), folder.join("mod.rs")];
                let file = candidates.into_iter().find(|it| read(it).is_some());
                let file = file.ok_or_else(|| {
                    format!(
                        "{}:{line}: no file was found for module {name}",
                        above.file.display()
                    )
                })?;
                let items = parsed(&file, read)?;
                (file, items)
            }
        };
        let id = self.add(Some(parent), file, folder, items, read)?;
        if let Some(above) = self.modules.get_mut(parent.0) {
            above.names.entry(name).or_default().push(Name::Module(id));
            if !is_inline {
                above.declared.push((line, id));
            }
        }
        Ok(())
    }
}

impl Module {
    /// Whether a path begins in this crate, not with another crate's name.
    fn knows(&self, path: &[String]) -> bool {
        path.first()
            .is_some_and(|it| stays_in_crate(it) || self.names.contains_key(it))
    }

    fn collect_names(&mut self) {
        let mut imports = Vec::new();
        for item in &self.items {
            let defined = match item {
                Item::Const(it) => vec![&it.ident],
                Item::Enum(it) => vec![&it.ident],
                Item::Fn(it) => vec![&it.sig.ident],
                Item::Macro(it) => it.ident.iter().collect(),
                Item::Static(it) => vec![&it.ident],
                Item::Struct(it) => vec![&it.ident],
                Item::Trait(it) => vec![&it.ident],
                Item::Type(it) => vec![&it.ident],
                Item::Union(it) => vec![&it.ident],
                Item::ForeignMod(it) => it.items.iter().filter_map(foreign_name).collect(),
                Item::Use(it) if it.leading_colon.is_none() => {
                    flatten(&it.tree, &[], &mut imports);
                    continue;
                }
                _ => continue,
            };
            for name in defined {
                self.names
                    .entry(name.to_string())
                    .or_default()
                    .push(Name::Definition);
            }
        }
        for name in self.items.iter().flat_map(names_given_to_macro) {
            self.names
                .entry(name)
                .or_insert_with(|| vec![Name::Definition]);
        }
        for Import { name, path, .. } in imports {
            match name {
                Some(name) => self.names.entry(name).or_default().push(Name::Import(path)),
                None => self.globs.push(path),
            }
        }
    }
}

/// A name that a `use` imports.
#[derive(Debug)]
pub(crate) struct Import {
    /// The name in the importing module; `None` for `*`.
    pub(crate) name: Option<String>,
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
}

/// Splits a `use`: `a::{b, c::d}` imports `a::b` and `a::c::d`.
pub(crate) fn flatten(tree: &UseTree, prefix: &[String], imports: &mut Vec<Import>) {
    let mut import = |ident: &syn::Ident, name: &syn::Ident| {
        let mut path = prefix.to_vec();
        // `a::{self}` imports `a`.
        if ident != "self" || path.is_empty() {
            path.push(ident.to_string());
        }
        let name = if name == "self" {
            path.last().cloned()
        } else {
            Some(name.to_string())
        };
        imports.push(Import {
            name,
            path,
            line: ident.span().start().line,
        });
    };
    match tree {
        UseTree::Path(it) => {
            let prefix = [prefix, &[it.ident.to_string()]].concat();
            flatten(&it.tree, &prefix, imports);
        }
        UseTree::Name(it) => import(&it.ident, &it.ident),
        UseTree::Rename(it) => import(&it.ident, &it.rename),
        UseTree::Glob(it) => imports.push(Import {
            name: None,
            path: prefix.to_vec(),
            line: it
                .star_token
                .spans
                .first()
                .map_or(0, |span| span.start().line),
        }),
        UseTree::Group(it) => {
            for tree in &it.items {
                flatten(tree, prefix, imports);
            }
        }
    }
}

/// The words in a macro call between items. The macro may define an item with each of these names.
fn names_given_to_macro(item: &Item) -> Vec<String> {
    let Item::Macro(call) = item else {
        return Vec::new();
    };
    let tokens = call.mac.tokens.clone().into_iter();
    tokens
        .filter_map(|token| match token {
            TokenTree::Ident(name) if call.ident.is_none() => Some(name.to_string()),
            _ => None,
        })
        .collect()
}

fn foreign_name(item: &ForeignItem) -> Option<&syn::Ident> {
    match item {
        ForeignItem::Fn(it) => Some(&it.sig.ident),
        ForeignItem::Static(it) => Some(&it.ident),
        ForeignItem::Type(it) => Some(&it.ident),
        _ => None,
    }
}

fn is_for_tests(module: &ItemMod) -> bool {
    module.attrs.iter().any(|it| {
        it.path().is_ident("cfg")
            && it
                .parse_args::<syn::Path>()
                .is_ok_and(|it| it.is_ident("test"))
    })
}

fn parsed(file: &Path, read: ReadFile<'_>) -> Result<Vec<Item>, String> {
    let text = read(file).ok_or_else(|| format!("{}: the file cannot be read", file.display()))?;
    let parsed = syn::parse_file(&text);
    Ok(parsed
        .map_err(|error| format!("{}: {error}", file.display()))?
        .items)
}

/// Whether a path that begins with this segment cannot leave its crate.
pub(crate) fn stays_in_crate(first: &str) -> bool {
    ["crate", "self", "super"].contains(&first)
}
