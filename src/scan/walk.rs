//! The files of a folder that may have calls in them; what is left out is told.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::tongue::Tongue;

/// Folders that hold what others wrote, or what was built.
const FOLDERS: [&str; 13] = [
    "node_modules",
    "vendor",
    "target",
    "build",
    "dist",
    "venv",
    "__pycache__",
    "bower_components",
    "Pods",
    "out",
    "third_party",
    "site-packages",
    "coverage",
];
/// The longest file that is read; what is longer was made by a program.
pub const LONGEST: u64 = 1024 * 1024;
/// A line so long that no person wrote it.
const LONGEST_LINE: usize = 20_000;

/// A file that was read.
#[derive(Debug)]
pub struct Sheet {
    /// Where it is, below what was asked for.
    pub path: PathBuf,
    /// Its text; what is no UTF-8 is replaced by a mark.
    pub text: String,
    /// Whether all of it is UTF-8.
    pub is_exact: bool,
    /// Its language.
    pub tongue: Tongue,
}

/// What was found, what was left out and why, and what could not be read.
#[derive(Debug, Default)]
pub struct Walked {
    /// The files, in the order of their paths.
    pub sheets: Vec<Sheet>,
    /// Each reason for which something was left out, and how often.
    pub skipped: Vec<(&'static str, usize)>,
    /// A sentence for each file or folder that could not be read.
    pub faults: Vec<String>,
}

/// Reads a file, or the files of a folder and those below it. No link is followed, but the one that is asked for.
#[must_use]
pub fn walk(root: &Path) -> Walked {
    let mut walked = Walked::default();
    match fs::metadata(root) {
        Ok(metadata) if metadata.is_dir() => walked.folder(root),
        Ok(metadata) => walked.file(root, metadata.len(), true),
        Err(error) => walked.fault(root, &error),
    }
    walked
}

impl Walked {
    /// Adds what another walk found.
    pub fn extend(&mut self, other: Self) {
        self.sheets.extend(other.sheets);
        self.faults.extend(other.faults);
        for (why, times) in other.skipped {
            self.skip(why, times);
        }
    }

    fn skip(&mut self, why: &'static str, times: usize) {
        match self.skipped.iter_mut().find(|(known, _)| *known == why) {
            Some((_, count)) => *count += times,
            None => self.skipped.push((why, times)),
        }
    }

    fn fault(&mut self, path: &Path, error: &io::Error) {
        self.faults.push(format!("{}: {error}", path.display()));
    }

    fn folder(&mut self, folder: &Path) {
        let mut entries: Vec<PathBuf> = match fs::read_dir(folder) {
            Ok(entries) => entries.filter_map(Result::ok).map(|entry| entry.path()).collect(),
            Err(error) => return self.fault(folder, &error),
        };
        entries.sort();
        for path in entries {
            self.entry(&path);
        }
    }

    fn entry(&mut self, path: &Path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match fs::symlink_metadata(path) {
            Err(error) => self.fault(path, &error),
            Ok(metadata) if metadata.is_symlink() => self.skip("a link", 1),
            Ok(metadata) if metadata.is_dir() => {
                if FOLDERS.contains(&name.as_str()) || name.starts_with('.') {
                    self.skip("a folder of what is built, hidden or others' (node_modules, vendor, …)", 1);
                } else {
                    self.folder(path);
                }
            }
            Ok(metadata) if metadata.is_file() => self.file(path, metadata.len(), false),
            Ok(_) => self.skip("no plain file", 1),
        }
    }

    fn file(&mut self, path: &Path, length: u64, is_named: bool) {
        let has_ending = path.extension().is_some();
        if has_ending && Tongue::of(path, "").is_none() {
            return self.skip("in no language that is known here", 1);
        }
        if length > LONGEST {
            return self.skip("longer than 1 MiB", 1);
        }
        let bytes = match read(path) {
            Ok(bytes) => bytes,
            Err(error) => return self.fault(path, &error),
        };
        if bytes.contains(&0) {
            return self.skip("binary", 1);
        }
        let (text, is_exact) = match String::from_utf8(bytes) {
            Ok(text) => (text, true),
            Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), false),
        };
        match Tongue::of(path, &text) {
            None => self.skip("in no language that is known here", 1),
            Some(_) if !is_named && is_minified(path, &text) => self.skip("minified", 1),
            Some(tongue) => self.sheets.push(Sheet { path: path.to_owned(), text, is_exact, tongue }),
        }
    }
}

fn is_minified(path: &Path, text: &str) -> bool {
    let is_named = path.file_name().is_some_and(|name| name.to_string_lossy().contains(".min."));
    is_named || text.lines().any(|line| line.len() > LONGEST_LINE)
}

/// Reads no more than the longest, whatever the file has become meanwhile.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}
