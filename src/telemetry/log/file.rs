//! The log's file. It may be renamed, deleted or truncated from outside at any time: the next lines go to the file that
//! then has the configured name.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

/// A file that is followed by its name.
pub struct NamedFile {
    path: PathBuf,
    file: File,
    /// The device and inode of the open file.
    identity: (u64, u64),
}

impl NamedFile {
    /// Opens or creates the file; its content stays.
    ///
    /// # Errors
    /// The system's error.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        // In append mode each write goes to the current end, so that logrotate's `copytruncate` leaves no hole in the
        // file.
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let of = file.metadata()?;
        Ok(Self { path, file, identity: (of.dev(), of.ino()) })
    }

    /// Opens the file anew if its name leads to another file or to none, as after a rename by logrotate. If that fails,
    /// lines go on to the old file.
    fn follow(&mut self) {
        let is_same =
            std::fs::metadata(&self.path).is_ok_and(|found| (found.dev(), found.ino()) == self.identity);
        if !is_same && let Ok(fresh) = Self::open(self.path.clone()) {
            *self = fresh;
        }
    }
}

/// Each write has many lines, and there are about ten a second: checking the name first costs nothing measurable.
impl Write for NamedFile {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.follow();
        self.file.write(lines)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use super::NamedFile;

    #[test]
    fn lines_go_where_the_name_leads() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let text = |name: &str| fs::read_to_string(at(name)).expect("a file");
        let mut file = NamedFile::open(at("log")).expect("a file");
        let mut write = |line: &str| file.write_all(line.as_bytes()).expect("it is written");
        write("one\n");
        fs::rename(at("log"), at("log.1")).expect("a new name");
        write("two\n");
        assert_eq!((text("log.1"), text("log")), ("one\n".to_owned(), "two\n".to_owned()));
        fs::remove_file(at("log")).expect("it is gone");
        write("three\n");
        assert_eq!(text("log"), "three\n");
        fs::write(at("log"), "").expect("it is cut short");
        write("four\n");
        assert_eq!(text("log"), "four\n");
        fs::rename(at("log"), at("log.2")).expect("a new name");
        fs::write(at("log"), "made by another\n").expect("a file");
        write("five\n");
        assert_eq!(text("log"), "made by another\nfive\n");
    }

    #[test]
    fn where_the_name_leads_nowhere_lines_go_on_to_where_they_went() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).expect("a folder");
        let mut file = NamedFile::open(inner.join("log")).expect("a file");
        fs::rename(&inner, folder.path().join("moved")).expect("a new name");
        file.write_all(b"one\n").expect("it is written");
        file.write_all(b"two\n").expect("it is written");
        fs::create_dir(&inner).expect("a folder");
        file.write_all(b"three\n").expect("it is written");
        let text = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
        assert_eq!((text("moved/log"), text("inner/log")), ("one\ntwo\n".to_owned(), "three\n".to_owned()));
    }
}
