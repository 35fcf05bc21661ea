//! `mesigate key`: a key for a client, and the line of settings that knows it without holding it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use secrecy::ExposeSecret as _;

use super::Done;
use crate::config::secret::{Digest, Environment, SecretSource};

#[derive(Args)]
#[command(after_help = "\
The key goes to standard output, the line of settings to standard error: mesigate key > client.key
Of a FILE only the line is shown. White space around a key is no part of it, which sha256sum does not know.")]
pub(super) struct KeyArgs {
    /// Show the line for the key in this file, and make none
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

pub fn run(key: &KeyArgs) -> Done {
    match &key.file {
        None => make()?,
        Some(file) => tell(file)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn make() -> Result<(), String> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| "this system gives no random bytes".to_owned())?;
    let key = URL_SAFE_NO_PAD.encode(bytes);
    anstream::println!("{key}");
    eprintln!("That is the key, for the client's `token`; nobody can show it again. For the settings:");
    eprintln!("{}", line(&Digest::of(&key)));
    Ok(())
}

/// Shows the line for a key, read as the gateway reads keys: without white space around, which `sha256sum` counts.
fn tell(file: &Path) -> Result<(), String> {
    let key = SecretSource::File(file.to_path_buf()).read(&Environment::default())?;
    anstream::println!("{}", line(&Digest::of(key.expose_secret())));
    Ok(())
}

fn line(digest: &Digest) -> String {
    format!("keys = [{{ sha256 = \"{}\" }}]", digest.hex())
}
