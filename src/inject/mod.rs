//! The sidecar in manifests: put in, replaced, taken out, with every other byte left as it is.
//!
//! A text is read with the place of each node; the change is made on what was read; the few places that differ are
//! changed in the text; and two readers that do not know each other have to find in it what was meant.

mod align;
mod asks;
mod check;
pub mod diff;
mod document;
mod faults;
mod guard;
mod json;
mod kinds;
mod node;
mod options;
mod pod;
mod read;
mod reread;
mod scalar;
mod sidecar;
mod splice;
mod stream;
mod style;
mod text;
mod undo;
mod write;

pub use options::{NATIVE, ObjectName, Options, Setting, Version};
pub use sidecar::DEFINITION;

/// A text and where it comes from.
pub struct Source {
    /// A file's name, or what else people know it by.
    pub name: String,
    /// Its documents.
    pub text: String,
}

/// The texts as they are to be, in their order.
///
/// # Errors
/// A sentence for each thing that is wrong; nothing was changed then.
pub fn rewrite(sources: &[Source], options: &Options) -> Result<Vec<String>, Vec<String>> {
    if let Some(fault) = unfit(options) {
        return Err(vec![fault]);
    }
    let mut found = vec![false; options.settings.len()];
    let mut texts = Vec::new();
    let mut faults = Vec::new();
    let (mut pods, mut others) = (0, Vec::new());
    for source in sources {
        match stream::rewrite(&source.name, &source.text, options, &mut found) {
            Ok(done) => {
                pods += done.pods;
                others.extend(done.others);
                texts.push(done.text);
            }
            Err(more) => faults.extend(more),
        }
    }
    if faults.is_empty() && pods == 0 && !options.quiet {
        faults.push(nothing(options, &others));
    }
    if faults.is_empty() && pods > 0 && !options.uninject {
        faults.extend(unmatched(options, &found));
    }
    if faults.is_empty() { Ok(texts) } else { Err(faults) }
}

/// What a cluster cannot run.
fn unfit(options: &Options) -> Option<String> {
    let old =
        options.kubernetes.filter(|version| *version < NATIVE && !options.classic && !options.uninject)?;
    Some(format!(
        "--kubernetes {}.{}: init containers that go on running came with {}.{}: use --classic for this cluster",
        old.0, old.1, NATIVE.0, NATIVE.1
    ))
}

/// The most objects that are named where none was fit.
const MOST_NAMED: usize = 5;

fn nothing(options: &Options, others: &[String]) -> String {
    let named = others.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = others.len().saturating_sub(MOST_NAMED);
    let seen = match (named.is_empty(), more) {
        (true, _) => "there is no object that".to_owned(),
        (false, 0) => format!("of {named} none"),
        (false, more) => format!("of {named} and {more} more none"),
    };
    if options.uninject {
        return format!("nothing was taken out: {seen} has the sidecar; --quiet lets this pass");
    }
    format!(
        "nothing was put in: {seen} asks for the sidecar: give the pods the label mesigate.io/sidecar: \"true\", \
         or use --all; --quiet lets this pass"
    )
}

fn unmatched(options: &Options, found: &[bool]) -> Vec<String> {
    let lost = options
        .settings
        .iter()
        .zip(found)
        .filter(|(setting, found)| !**found && setting.container != sidecar::NAME);
    lost.map(|(setting, _)| {
        format!(
            "--set {}.env.{}: no pod that gets the sidecar has a container {}: name one that is there",
            setting.container, setting.name, setting.container
        )
    })
    .collect()
}
