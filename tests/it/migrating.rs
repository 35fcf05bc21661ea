//! docs/migrating.md is a story that can be typed: here each of its commands is run in order, against a gateway that runs,
//! and what it prints must be what the page shows.
//!
//! A block of `sh` is typed; the block behind it is what is shown then, or nothing is. A line `…` in it stands for any
//! lines. A command whose exit code is not 0 has `echo $?` behind it. Comments that no reader sees say what else
//! happens: `story: write FILE` and `story: append FILE` are about the block that follows, and `story: … pass` lets time
//! pass. What cannot be the same on each day is made alike by `likeness.rs`, and by nothing else.

mod history; // time that passes
mod likeness; // dates and ports
mod page; // the document as steps
mod story; // the steps, done

use std::path::Path;

use history::today;
use likeness::is_alike;
use page::Step;
use story::Story;

/// Runs the page, and gives every difference.
async fn run(steps: &[Step<'_>]) -> Vec<String> {
    let (mut story, mut differences, mut shown) = (Story::new(), Vec::new(), 0);
    for (number, step) in steps.iter().enumerate() {
        match step {
            Step::Write { file, text, is_more } => story.write(file, text, *is_more),
            Step::Pass(time) => story.pass(time).await,
            Step::Show(..) => {}
            Step::Type(commands) => {
                let printed = story.run(commands).await;
                let expected = match steps.get(number + 1) {
                    Some(Step::Show(text)) => text,
                    _ => "",
                };
                shown += 1;
                if !is_alike(&printed, expected) {
                    differences
                        .push(format!("$ {commands}\n-- prints\n{printed}-- and the page shows\n{expected}"));
                }
            }
        }
    }
    assert!(shown > 20, "the story has {shown} blocks of commands");
    differences
}

#[tokio::test]
async fn what_the_page_shows_is_what_is_printed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/migrating.md");
    let text = std::fs::read_to_string(path).expect("the page");
    let steps = page::steps(&text);
    loop {
        let day = today();
        let differences = run(&steps).await;
        // At midnight the story begins again: it is told within a day.
        if day == today() {
            assert!(differences.is_empty(), "{}", differences.join("\n\n"));
            return;
        }
    }
}
