//! Splits a command line into words, whichever shell it was copied for.
//!
//! Browsers copy a request as a command for bash, which has `$'…'` (bash's manual, ANSI-C Quoting), or for Windows'
//! cmd, where `^` escapes a character. Both are turned into what a POSIX shell reads.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;

/// Beginnings of requests that a browser has copied for another language, and the language.
const OTHERS: [(&str, &str); 4] = [
    ("Invoke-WebRequest", "PowerShell"),
    ("Invoke-RestMethod", "PowerShell"),
    ("$session", "PowerShell"),
    ("fetch(", "JavaScript"),
];

/// The words of a command line.
///
/// # Errors
/// A sentence that says what is wrong and what would be right.
pub fn words(command: &str) -> Result<Vec<String>, String> {
    let command = if command.contains("^\"") { Cow::Owned(without_carets(command)) } else { command.into() };
    // A copied command often joins its lines with a backslash at the end.
    let joined = command.replace("\\\r\n", " ").replace("\\\n", " ");
    let plain = without_ansi(&joined)?;
    shlex::split(&plain).ok_or_else(|| "the curl command has a quote that is not closed".to_owned())
}

/// Refuses a request that was copied for another language than a shell's.
///
/// # Errors
/// A sentence that names the language and says what would be right.
pub fn other(text: &str) -> Result<(), String> {
    match OTHERS.iter().find(|(begin, _)| text.starts_with(begin)) {
        Some((_, name)) => {
            Err(format!("the request is {name}, which is not understood: copy it as cURL (bash)"))
        }
        None => Ok(()),
    }
}

/// Undoes cmd's carets: a caret escapes the character behind it. At the end of a line it joins two lines; a second line
/// end after that is literal.
fn without_carets(command: &str) -> String {
    let mut plain = String::with_capacity(command.len());
    let lines = command.replace("\r\n", "\n");
    let mut characters = lines.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '^' => match characters.next() {
                Some('\n') if characters.next_if_eq(&'\n').is_some() => plain.push('\n'),
                Some('\n') => plain.push(' '),
                Some(understood) => plain.push(understood),
                None => {}
            },
            // A line end without a caret ends the command.
            '\n' => break,
            _ => plain.push(character),
        }
    }
    plain
}

/// The command with every `$'…'` as a plain `'…'`.
fn without_ansi(command: &str) -> Result<String, String> {
    let mut plain = String::with_capacity(command.len());
    let mut quote = None;
    let mut characters = command.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('$', None) if characters.next_if_eq(&'\'').is_some() => {
                let text = ansi(&mut characters)?;
                plain.push('\'');
                plain.push_str(&text.replace('\'', r"'\''"));
                plain.push('\'');
                continue;
            }
            // `$"…"` asks the shell for a translation; without one the text is taken as written.
            ('$', None) if characters.peek() == Some(&'"') => continue,
            ('\\', None | Some('"')) => {
                plain.push(character);
                plain.extend(characters.next());
                continue;
            }
            ('\'' | '"', None) => quote = Some(character),
            (_, Some(end)) if end == character => quote = None,
            _ => {}
        }
        plain.push(character);
    }
    Ok(plain)
}

/// The text up to the closing quote. An unknown escape stays as written, as in bash.
fn ansi(characters: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    let mut text = String::new();
    loop {
        match characters.next().ok_or("the curl command has a quote that is not closed")? {
            '\'' => return Ok(text),
            '\\' => escape(characters, &mut text)?,
            character => text.push(character),
        }
    }
}

fn escape(characters: &mut Peekable<Chars<'_>>, text: &mut String) -> Result<(), String> {
    let letter = characters.next().ok_or("the curl command has a quote that is not closed")?;
    match letter {
        'n' => text.push('\n'),
        't' => text.push('\t'),
        'r' => text.push('\r'),
        '\\' | '\'' | '"' | '?' => text.push(letter),
        'x' => text.push(code(characters, 16, 2)?),
        'u' => text.push(code(characters, 16, 4)?),
        'U' => text.push(code(characters, 16, 8)?),
        // Escapes of single bytes and control characters are not text.
        '0'..='7' | 'a' | 'b' | 'e' | 'E' | 'f' | 'v' | 'c' => return Err(unusual(letter)),
        _ => {
            text.push('\\');
            text.push(letter);
        }
    }
    Ok(())
}

/// The character of a number with at most `most` digits. A byte of `\x` beyond ASCII is refused: it would be only a
/// part of a character.
fn code(characters: &mut Peekable<Chars<'_>>, radix: u32, most: usize) -> Result<char, String> {
    let mut number = 0;
    let mut digits = 0;
    while digits < most
        && let Some(digit) = characters.peek().and_then(|character| character.to_digit(radix))
    {
        number = number * radix + digit;
        digits += 1;
        characters.next();
    }
    let is_part = most == 2 && number > 0x7f;
    char::from_u32(number).filter(|_| digits > 0 && !is_part).ok_or_else(|| unusual('x'))
}

fn unusual(letter: char) -> String {
    format!(
        "the shell's quoting $'…' with \\{letter} in it is not understood: write the characters themselves"
    )
}

#[cfg(test)]
mod tests {
    use super::{other, words};

    #[test]
    fn what_chrome_copies_for_bash_is_read_as_bash_reads_it() {
        for (written, understood) in [
            (r"$'op=message\u0021'", "op=message!"),
            (r"$'msg=It\'s'", "msg=It's"),
            (r"$'a\nb\tc\\d\x41\U0001F3C6'", "a\nb\tc\\dA🏆"),
            (r"'$'\''x'", "$'x"),
            (r#""$'x'""#, "$'x'"),
            (r#"$"x""#, "x"),
            (r"\$'x'", "$x"),
            ("token=$T", "token=$T"),
        ] {
            assert_eq!(words(written), Ok(vec![understood.to_owned()]), "{written}");
        }
    }

    #[test]
    fn what_chrome_copies_for_cmd_is_read_as_cmd_reads_it() {
        let copied = "curl ^\"http://h/api.php^\" ^\r\n  --data-raw ^\"op=message^&msg=50^% ^\\^\"x^\\^\" a^\r\n\r\nb^\"";
        let understood = ["curl", "http://h/api.php", "--data-raw", "op=message&msg=50% \"x\" a\nb"];
        assert_eq!(words(copied), Ok(understood.map(str::to_owned).to_vec()));
    }

    #[test]
    fn what_cannot_be_read_is_told_by_name() {
        for (written, told) in [
            (r"$'a\101'", r"the shell's quoting $'…' with \1 in it is not understood"),
            (r"$'\xC3\x84'", r"the shell's quoting $'…' with \x in it is not understood"),
            ("$'open", "the curl command has a quote that is not closed"),
            ("'open", "the curl command has a quote that is not closed"),
        ] {
            assert!(words(written).is_err_and(|error| error.starts_with(told)), "{written}");
        }
        assert!(other("fetch(\"http://h\")").is_err_and(|error| error.contains("JavaScript")));
        assert!(other("Invoke-WebRequest -Uri x").is_err_and(|error| error.contains("PowerShell")));
        assert_eq!(other("op=useradd"), Ok(()));
    }
}
