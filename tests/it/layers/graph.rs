//! Which file takes what from which: every name is followed to the file that defines it, through lines that only hand
//! it on.

use super::source::{Source, Use};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The files of the program by module.
pub(super) struct Graph {
    files: BTreeMap<Vec<String>, Source>,
}

/// What the key takes from the others, by their modules: the names.
pub(super) type Arrows = BTreeMap<Vec<String>, BTreeMap<Vec<String>, BTreeSet<String>>>;

impl Graph {
    pub(super) fn read(src: &Path) -> Self {
        let mut files = BTreeMap::new();
        add(src, "lib.rs", Vec::new(), &mut files);
        Self { files }
    }

    /// A path as it stands in a file, from the root; none where it leads out of the program.
    pub(super) fn absolute(&self, module: &[String], path: &[String]) -> Option<Vec<String>> {
        let source = &self.files[module];
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([module, rest].concat()),
            "super" => {
                let above = path.iter().take_while(|name| *name == "super").count();
                Some([&module[..module.len().checked_sub(above)?], &path[above..]].concat())
            }
            name if source.children.contains(name) => Some([module, path].concat()),
            name => {
                // A name of another `use` line, as long as that does not begin with itself.
                let known = source.uses.iter().find(|u| u.name == *name && u.path[0] != *name)?;
                Some([self.absolute(module, &known.path)?, rest.to_vec()].concat())
            }
        }
    }

    /// The file that defines what a path from the root names, and whether that is the module itself.
    fn defining(&self, path: &[String], depth: usize) -> Option<(Vec<String>, bool)> {
        let mut module: Vec<String> = Vec::new();
        for (at, name) in path.iter().enumerate() {
            let source = self.files.get(&module)?;
            let below = [module.as_slice(), std::slice::from_ref(name)].concat();
            let is_item = source.items.contains(name);
            if self.files.contains_key(&below) && !(is_item && at + 1 == path.len()) {
                module = below;
                continue;
            }
            if is_item || depth == 0 {
                return Some((module, false));
            }
            let onwards = |u: &Use, skipped: usize| {
                let taken = self.absolute(&module, &u.path[..u.path.len() - skipped])?;
                let path = [taken.as_slice(), &path[at + 1 - skipped..]].concat();
                self.defining(&path, depth - 1)
            };
            let named = source.uses.iter().filter(|u| u.name == *name).find_map(|u| onwards(u, 0));
            let globs = || {
                let found = source.uses.iter().filter(|u| u.name == "*").filter_map(|u| onwards(u, 1));
                found.into_iter().find(|(file, _)| self.files[file].items.contains(name))
            };
            return named.or_else(globs).or(Some((module, false)));
        }
        Some((module, true))
    }

    /// Everything that each file names in other files.
    pub(super) fn arrows(&self) -> Arrows {
        let mut arrows = Arrows::new();
        for (module, source) in &self.files {
            let mut add = |path: &[String], is_use: bool| {
                let Some(path) = self.absolute(module, path) else { return };
                let Some((file, is_module)) = self.defining(&path, 8) else { return };
                // What a module's name is used for stands where it is used.
                if file == *module || is_module && is_use {
                    return;
                }
                let names = arrows.entry(module.clone()).or_default().entry(file).or_default();
                names.extend(path.last().cloned());
            };
            for u in &source.uses {
                // A parent that hands on what its children define takes nothing from them.
                let hands_on = u.exported && source.children.contains(&u.path[0]);
                match u.path.split_last() {
                    _ if hands_on => {}
                    Some((last, all)) if last == "*" => add(all, false),
                    _ => add(&u.path, true),
                }
            }
            source.paths.iter().for_each(|path| add(path, false));
        }
        arrows
    }
}

fn add(src: &Path, file: &str, module: Vec<String>, files: &mut BTreeMap<Vec<String>, Source>) {
    let source = Source::read(&fs::read_to_string(src.join(file)).unwrap());
    let folder = module.iter().map(|name| format!("{name}/")).collect::<String>();
    for child in &source.children {
        let both = [format!("{folder}{child}.rs"), format!("{folder}{child}/mod.rs")];
        let file = both.iter().find(|file| src.join(file).exists()).unwrap();
        add(src, file, [module.as_slice(), std::slice::from_ref(child)].concat(), files);
    }
    files.insert(module, source);
}

/// Files that take from each other in a circle, each group sorted.
pub(super) fn circles(arrows: &Arrows) -> Vec<BTreeSet<Vec<String>>> {
    let reached = |from: &Vec<String>| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&Vec<String>> = vec![from];
        while let Some(file) = next.pop() {
            for to in arrows.get(file).into_iter().flat_map(BTreeMap::keys) {
                if seen.insert(to.clone()) {
                    next.push(to);
                }
            }
        }
        seen
    };
    let all: BTreeMap<&Vec<String>, BTreeSet<Vec<String>>> = arrows.keys().map(|f| (f, reached(f))).collect();
    let mut found: Vec<BTreeSet<Vec<String>>> = Vec::new();
    for (file, reached) in &all {
        let circle: BTreeSet<_> = reached
            .iter()
            .filter(|to| all.get(to).is_some_and(|back| back.contains(*file)))
            .cloned()
            .collect();
        if circle.len() > 1 && !found.contains(&circle) {
            found.push(circle);
        }
    }
    found
}
