//! The page as steps, in their order.

/// A step of the story.
#[derive(Debug)]
pub enum Step<'t> {
    /// A file is written, or gets more lines.
    Write { file: &'t str, text: &'t str, is_more: bool },
    /// Time passes: how much.
    Pass(&'t str),
    /// Commands are typed.
    Type(&'t str),
    /// What is shown then.
    Show(&'t str),
}

/// Reads the page. Each block must be part of the story.
pub fn steps(text: &str) -> Vec<Step<'_>> {
    let (mut steps, mut said, mut rest) = (Vec::new(), None, text);
    while let Some((line, more)) = rest.split_once('\n') {
        rest = more;
        if let Some(words) = line.strip_prefix("<!-- story: ").and_then(|words| words.strip_suffix(" -->")) {
            match words.strip_suffix(" pass").or_else(|| words.strip_suffix(" passes")) {
                Some(time) => steps.push(Step::Pass(time)),
                None => said = Some(words),
            }
        } else if let Some(language) = line.strip_prefix("```") {
            let (block, behind) = rest.split_once("\n```\n").expect("a block ends");
            rest = behind;
            steps.push(step(language, said.take(), block));
        }
    }
    steps
}

fn step<'t>(language: &str, said: Option<&'t str>, text: &'t str) -> Step<'t> {
    match (said.and_then(|said| said.split_once(' ')), language) {
        (Some(("write", file)), _) => Step::Write { file, text, is_more: false },
        (Some(("append", file)), _) => Step::Write { file, text, is_more: true },
        (None, "sh") => Step::Type(text),
        (None, "text" | "php" | "json") => Step::Show(text),
        other => panic!("a block that the story knows nothing of: {other:?}\n{text}"),
    }
}
