//! A report as Markdown, to be put into an issue.

use super::block::{Block, lines};

/// Writes a report.
#[must_use]
pub fn markdown(blocks: &[Block]) -> String {
    blocks.iter().map(block).collect::<Vec<_>>().join("\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(level, text) => format!("{} {}\n", "#".repeat(usize::from(*level)), plain(text)),
        Block::Sentence(text) => format!("{}\n", plain(text)),
        Block::Table(columns, rows) => {
            let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
            let head = line(columns.iter().map(|&name| name.to_owned()).collect());
            let under = line(columns.iter().map(|_| "---".to_owned()).collect());
            let body = rows.iter().map(|row| line(row.iter().map(|cell| plain(cell)).collect()));
            [head, under].into_iter().chain(body).collect()
        }
        Block::List(points) => lines(points.iter().map(|point| format!("- {}", plain(point)))),
        Block::Code(language, code) => {
            // A fence is longer than any within.
            let longest = code.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
            let fence = "`".repeat(3.max(longest + 1));
            format!("{fence}{language}\n{}\n{fence}\n", code.trim_end())
        }
    }
}

/// Text that no reader of Markdown takes for a sign of its own.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#') {
            out.push('\\');
        }
        out.push(if letter == '\n' { ' ' } else { letter });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::markdown;
    use crate::report::block::Block;

    #[test]
    fn nothing_of_a_text_is_a_sign_of_markdown() {
        let row = vec!["a|b".to_owned(), "<b>*x*</b>".to_owned()];
        let table = markdown(&[Block::Table(vec!["one", "two"], vec![row])]);
        assert_eq!(table, "| one | two |\n| --- | --- |\n| a\\|b | \\<b\\>\\*x\\*\\</b\\> |\n");
        let code = markdown(&[Block::Code("sh", "echo '```'\n".to_owned())]);
        assert_eq!(code, "````sh\necho '```'\n````\n");
    }
}
