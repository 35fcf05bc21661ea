//! `mesigate manual` and `mesigate completions`: what packages ship beside the program, made from the program itself.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory as _};
use clap_mangen::roff::{Roff, bold, roman};

use super::{Arguments, Done};
use crate::config::SHIPPED;

#[derive(Args)]
#[command(after_help = "\
bash: mesigate completions bash > /etc/bash_completion.d/mesigate
zsh:  mesigate completions zsh > /usr/local/share/zsh/site-functions/_mesigate
fish: mesigate completions fish > ~/.config/fish/completions/mesigate.fish")]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: clap_complete::Shell,
}

#[derive(Args)]
#[command(after_help = "\
man -l FOLDER/mesigate.1 shows the first, FOLDER/mesigate.toml.5 the settings.")]
pub(super) struct ManualArgs {
    /// Where to; it is made if it is not there
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

const PROGRAM: &str = "mesigate";

pub fn completions(completions: &CompletionsArgs) -> Done {
    let mut script = Vec::new();
    clap_complete::generate(completions.shell, &mut Arguments::command(), PROGRAM, &mut script);
    super::print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

pub fn pages(manual: &ManualArgs) -> Done {
    let folder = &manual.folder;
    write(folder).map_err(|error| format!("{}: the pages cannot be written: {error}", folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// A page for each command in section 1, and one for the settings in section 5.
fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    clap_mangen::generate_to(Arguments::command(), folder)?;
    fs::write(folder.join("mesigate.toml.5"), settings())
}

/// The page of the settings: the shipped file, which explains each of them.
fn settings() -> String {
    let mut page = Roff::new();
    let version = concat!("mesigate ", env!("CARGO_PKG_VERSION"));
    page.control("TH", ["mesigate.toml", "5", "", version]);
    page.control("SH", ["NAME"]);
    page.text([roman("mesigate.toml - the settings of mesigate, with their defaults")]);
    page.control("SH", ["DESCRIPTION"]);
    page.text([
        roman("A settings file is TOML and needs only what differs from the defaults. Name it by "),
        bold("--config"),
        roman(" or "),
        bold("MESIGATE_CONFIG"),
        roman("; "),
        bold("mesigate check"),
        roman(" lists every fault of it. All settings follow, each with its default and a comment."),
    ]);
    page.control("PP", []);
    page.control("EX", []);
    SHIPPED.lines().for_each(|line| {
        page.text([roman(line)]);
    });
    page.control("EE", []);
    page.control("SH", ["SEE ALSO"]);
    page.text([bold("mesigate"), roman("(1), "), bold("mesigate-check"), roman("(1)")]);
    page.to_roff()
}
