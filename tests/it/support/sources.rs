//! Rust sources, and what they name.

use std::path::{Path, PathBuf};

/// One file.
pub struct Source {
    /// The path, from the project's folder on.
    pub file: String,
    /// The module, from the crate on; empty for the crate itself.
    pub module: Vec<String>,
    /// The text, without inline tests.
    pub text: String,
}

/// Every file at or below a folder of the project.
pub fn sources(folder: &str) -> Vec<Source> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let crate_root =
        root.join(folder.split('/').take_while(|part| *part != "src").collect::<PathBuf>()).join("src");
    let mut found = Vec::new();
    gather(&root, &crate_root, &root.join(folder), &mut found);
    found
}

fn gather(root: &Path, crate_root: &Path, path: &Path, found: &mut Vec<Source>) {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).expect("a folder");
        return entries.for_each(|entry| gather(root, crate_root, &entry.expect("an entry").path(), found));
    }
    let file = path.strip_prefix(root).expect("a file of the project").display().to_string();
    let Some(module) =
        path.strip_prefix(crate_root).expect("a source").to_str().and_then(|name| name.strip_suffix(".rs"))
    else {
        return;
    };
    let parts = module.split('/').filter(|part| !matches!(*part, "mod" | "lib" | "main"));
    let module = parts.map(str::to_owned).collect();
    found.push(Source { file, module, text: code(path) });
}

/// A file's text without its tests, which may use more than what they test.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("text");
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()
}

impl Source {
    /// The paths of every `use`, without braces and renames.
    pub fn imports(&self) -> Vec<Vec<String>> {
        let mut all = Vec::new();
        for piece in self.text.split("use ").skip(1) {
            let before = &self.text[..piece.as_ptr() as usize - self.text.as_ptr() as usize - 4];
            let line = before.rsplit('\n').next().unwrap_or_default();
            let start = line.trim_start();
            let Some((tree, _)) =
                piece.split_once(';').filter(|_| start.is_empty() || start.starts_with("pub"))
            else {
                continue;
            };
            // In an inline module, such as the file's tests, the first `super` leads to the file.
            let within = (line.len() - start.len()) / 4;
            let tree = (0..within).fold(tree.trim(), |tree, _| tree.strip_prefix("super::").unwrap_or(tree));
            expand(&[], tree, &mut all);
        }
        all
    }

    /// The paths that follow each `root`, in code and in text.
    pub fn paths(&self, root: &str) -> Vec<Vec<String>> {
        let behind = self.text.split(root).skip(1);
        behind.map(path).filter(|path| !path.is_empty()).collect()
    }

    /// Whether the file has a module of this name.
    pub fn declares(&self, name: &str) -> bool {
        self.text.contains(&format!("mod {name};"))
    }

    /// Every module or item of its own crate that the file names, as a path from the crate on.
    pub fn names(&self) -> impl Iterator<Item = Vec<String>> {
        let of_imports = self.imports().into_iter().filter_map(|path| self.absolute(&path));
        of_imports.chain(self.paths("crate::"))
    }

    /// A path from the crate on; `None` for another crate's. In an inline module `super` is the file itself.
    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let parents = path.iter().take_while(|part| *part == "super").count();
        let rest = &path[parents..];
        match path.first()?.as_str() {
            "crate" => Some(path[1..].to_vec()),
            "super" => {
                let above = self.module.len().checked_sub(parents)?;
                Some([&self.module[..above], rest].concat())
            }
            own if self.declares(own) => Some([&self.module[..], path].concat()),
            _ => None,
        }
    }
}

/// `a::{b, c::d}` as `a::b` and `a::c::d`.
fn expand(before: &[String], tree: &str, all: &mut Vec<Vec<String>>) {
    match tree.split_once('{') {
        Some((start, rest)) if !start.contains(',') => {
            let before = [before, &path(start)[..]].concat();
            let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
            for item in items(inner) {
                expand(&before, item, all);
            }
        }
        _ => all.push([before, &path(tree)[..]].concat()),
    }
}

/// The items of a list, each with its own braces.
fn items(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    let items = list.split(move |character| {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        character == ',' && depth == 0
    });
    items.map(str::trim).filter(|item| !item.is_empty())
}

/// The names at a path's beginning.
fn path(text: &str) -> Vec<String> {
    let is_path = |character: char| character.is_alphanumeric() || matches!(character, '_' | ':');
    let end = text.find(|character| !is_path(character)).unwrap_or(text.len());
    text[..end].split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
