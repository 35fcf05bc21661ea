//! The ledger's file: replaced as a whole, with its predecessor beside it, so that a crash in the middle of a write
//! leaves one that is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::book::Ledger;
use super::text::{self, Identity};

/// The longest file that is read, in bytes.
const LONGEST: u64 = 256 * 1024 * 1024;

/// A ledger's file, and the lock that says whose it is.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    /// Held as long as the gateway runs; the system lets go of it when the process ends, however it ends.
    _lock: File,
}

/// What was found in the files.
#[derive(Debug, Default)]
pub struct Found {
    /// The ledger: the file's and its predecessor's, joined.
    pub ledger: Ledger,
    /// Who has written it.
    pub own: Option<Identity>,
    /// A sentence for each damaged file, which has been put aside.
    pub damaged: Vec<String>,
}

impl Store {
    /// Takes a file for this gateway alone. `None` while another gateway has it.
    ///
    /// # Errors
    /// A sentence, if the folder is not there or cannot be written to.
    pub fn take(path: &Path) -> Result<Option<Self>, String> {
        let beside = beside(path, "lock");
        let failed = |error: io::Error| format!("{} cannot be opened for writing: {error}", beside.display());
        let lock = private().create(true).truncate(false).write(true).open(&beside).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { path: path.to_owned(), _lock: lock })),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Reads the file and its predecessor. A damaged file is put aside, and nothing of it is used.
    ///
    /// # Errors
    /// A sentence, if a file is there and cannot be read, or is of a newer mesigate: then it must not be replaced.
    pub fn read(&self) -> Result<Found, String> {
        let mut found = Found::default();
        for path in [&self.path, &beside(&self.path, "1")] {
            let Some(text) = whole(path)? else { continue };
            match text::read(&text) {
                Ok((ledger, own)) => {
                    found.ledger.join(&ledger);
                    found.own = found.own.or(own);
                }
                Err(text::Unread::Newer(why)) => return Err(format!("{}: {why}", path.display())),
                Err(text::Unread::Damaged(why)) => found.damaged.push(put_aside(path, &why)?),
            }
        }
        Ok(found)
    }

    /// Replaces the file; the one of before becomes its predecessor.
    ///
    /// # Errors
    /// What the system says; the file is then as it was.
    pub fn write(&self, text: &str) -> io::Result<()> {
        let fresh = beside(&self.path, "new");
        let mut file = private().create(true).truncate(true).write(true).open(&fresh)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        // A second name for the present file, so that there is a whole one at every moment.
        let (former, link) = (beside(&self.path, "1"), beside(&self.path, "was"));
        match fs::remove_file(&link) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        match fs::hard_link(&self.path, &link) {
            Ok(()) => fs::rename(&link, &former)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            // A file system without second names: the copy is made before the file is replaced.
            Err(_) => {
                fs::copy(&self.path, &link)?;
                fs::rename(&link, &former)?;
            }
        }
        fs::rename(&fresh, &self.path)?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

/// Reads a ledger that somebody else has written, without taking it.
///
/// # Errors
/// A sentence with the file's name.
pub fn read_only(path: &Path) -> Result<Ledger, String> {
    let named = |why: String| format!("{}: {why}", path.display());
    let text = whole(path)?.ok_or_else(|| named("there is no such file".to_owned()))?;
    text::read(&text).map(|(ledger, _)| ledger).map_err(|unread| named(unread.to_string()))
}

/// Who writes a file, if it is there and whole, or its predecessor is.
#[must_use]
pub fn identity(path: &Path) -> Option<Identity> {
    let own = |path: &Path| text::read(&whole(path).ok()??).ok()?.1;
    own(path).or_else(|| own(&beside(path, "1")))
}

/// The text of a file; `None` if there is none. What is not UTF-8 is no ledger, which the checksum shows.
fn whole(path: &Path) -> Result<Option<String>, String> {
    let failed = |error: io::Error| format!("{} cannot be read: {error}", path.display());
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(failed)?,
    };
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LONGEST {
        return Err(format!("{} is longer than {LONGEST} bytes", path.display()));
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Gives a damaged file another name, which is not taken yet.
fn put_aside(path: &Path, why: &str) -> Result<String, String> {
    let names = (1..).map(|number| beside(path, &format!("damaged-{number}")));
    let aside = names.into_iter().find(|name| !name.exists()).unwrap_or_default();
    let failed = |error| format!("{} is damaged and cannot be put aside: {error}", path.display());
    fs::rename(path, &aside).map_err(failed)?;
    Ok(format!("{}: {why}; it is put aside as {}", path.display(), aside.display()))
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(end);
    PathBuf::from(name)
}

/// Files that their owner alone may read: the key of fingerprints is in them.
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(test)]
mod tests;
