//! A `curl` command as a request. Only what decides the request is looked at.

use super::Asked;

/// Options of one letter that take a value (curl's manual).
const SHORT_WITH_VALUE: &str = "AbcCdDeEFHhKmoPQrtTuUwxXyYz";

/// Long options that take a value and say nothing of the request's parameters.
const LONG_WITH_VALUE: [&str; 30] = [
    "cacert",
    "cert",
    "ciphers",
    "config",
    "connect-timeout",
    "connect-to",
    "cookie",
    "cookie-jar",
    "dump-header",
    "interface",
    "key",
    "limit-rate",
    "max-redirs",
    "max-time",
    "output",
    "pass",
    "proxy",
    "proxy-header",
    "range",
    "referer",
    "request",
    "resolve",
    "retry",
    "retry-delay",
    "retry-max-time",
    "stderr",
    "trace",
    "user",
    "user-agent",
    "write-out",
];

/// Reads a command line as a shell would.
///
/// # Errors
/// A sentence that says what is wrong and what would be right.
pub fn read(command: &str) -> Result<Asked, String> {
    // A copied command often has its lines joined by a backslash at their end.
    let joined = command.replace("\\\r\n", " ").replace("\\\n", " ");
    let words = shlex::split(&joined).ok_or("the curl command has a quote that is not closed")?;
    read_words(&words[1..])
}

/// Reads the words behind `curl`.
///
/// # Errors
/// A sentence that says what is wrong and what would be right.
pub fn read_words(words: &[String]) -> Result<Asked, String> {
    let mut command = Command::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if let Some(long) = word.strip_prefix("--") {
            command.long(long, &mut words)?;
        } else if word.len() > 1 && word.starts_with('-') {
            command.short(&word[1..], &mut words)?;
        } else {
            command.url(word)?;
        }
    }
    command.finish()
}

#[derive(Default)]
struct Command {
    url: Option<String>,
    data: Vec<String>,
    content_type: Option<String>,
    json: bool,
    get: bool,
}

type Words<'a> = std::slice::Iter<'a, String>;

impl Command {
    fn long(&mut self, long: &str, words: &mut Words<'_>) -> Result<(), String> {
        let (name, attached) = match long.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (long, None),
        };
        let mut value = || {
            attached
                .clone()
                .or_else(|| words.next().cloned())
                .ok_or_else(|| format!("curl's --{name} has no value"))
        };
        match name {
            "data" | "data-ascii" | "data-binary" => self.data(value()?)?,
            "data-raw" => self.data.push(value()?),
            "data-urlencode" => self.encoded(&value()?)?,
            "form" | "form-string" => self.form(&value()?)?,
            "header" => self.header(&value()?),
            "json" => {
                self.json = true;
                self.data(value()?)?;
            }
            "get" => self.get = true,
            "url" => {
                let url = value()?;
                self.url(&url)?;
            }
            _ if LONG_WITH_VALUE.contains(&name) => drop(value()?),
            _ => {}
        }
        Ok(())
    }

    fn short(&mut self, letters: &str, words: &mut Words<'_>) -> Result<(), String> {
        for (at, letter) in letters.char_indices() {
            if !SHORT_WITH_VALUE.contains(letter) {
                self.get |= letter == 'G';
                continue;
            }
            let attached = &letters[at + letter.len_utf8()..];
            let value = if attached.is_empty() {
                words.next().cloned().ok_or_else(|| format!("curl's -{letter} has no value"))?
            } else {
                attached.to_owned()
            };
            match letter {
                'd' => self.data(value)?,
                'F' => self.form(&value)?,
                'H' => self.header(&value),
                _ => {}
            }
            break;
        }
        Ok(())
    }

    fn url(&mut self, url: &str) -> Result<(), String> {
        match self.url.replace(url.to_owned()) {
            None => Ok(()),
            Some(_) => Err("the curl command has two URLs: explain one request at a time".to_owned()),
        }
    }

    fn data(&mut self, data: String) -> Result<(), String> {
        if data.starts_with('@') {
            return Err("the curl command reads its data from a file: put the data itself there".to_owned());
        }
        self.data.push(data);
        Ok(())
    }

    /// `content`, `=content` or `name=content`, as curl's --data-urlencode has them.
    fn encoded(&mut self, data: &str) -> Result<(), String> {
        let (name, content) = match data.find(['=', '@']) {
            Some(at) if data.as_bytes()[at] == b'@' => {
                return Err(
                    "the curl command reads its data from a file: put the data itself there".to_owned()
                );
            }
            Some(at) => (&data[..at], &data[at + 1..]),
            None => ("", data),
        };
        let pair = pair(name, content)?;
        self.data.push(if name.is_empty() { pair.trim_start_matches('=').to_owned() } else { pair });
        Ok(())
    }

    /// A multipart field means what the same urlencoded one means.
    fn form(&mut self, field: &str) -> Result<(), String> {
        match field.split_once('=') {
            Some((_, value)) if value.starts_with(['@', '<']) => {
                Err("the curl command sends a file: put the text itself there".to_owned())
            }
            Some((name, value)) => {
                self.data.push(pair(name, value)?);
                Ok(())
            }
            None => Err("curl's -F is name=value".to_owned()),
        }
    }

    fn header(&mut self, header: &str) {
        if let Some((name, value)) = header.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-type")
            && !value.trim().to_ascii_lowercase().starts_with("multipart/")
        {
            self.content_type = Some(value.trim().to_owned());
        }
    }

    fn finish(self) -> Result<Asked, String> {
        let url = self.url.ok_or("the curl command has no URL")?;
        let mut query = url.split_once('?').map_or("", |(_, query)| query).to_owned();
        let mut data = self.data.join("&");
        if self.get {
            if !query.is_empty() && !data.is_empty() {
                query.push('&');
            }
            query.push_str(&std::mem::take(&mut data));
        }
        let content_type = self.content_type.or_else(|| self.json.then(|| "application/json".to_owned()));
        Ok(Asked { query: query.into_bytes(), content_type, body: data.into_bytes() })
    }
}

fn pair(name: &str, value: &str) -> Result<String, String> {
    serde_urlencoded::to_string([(name, value)])
        .map_err(|error| format!("a field cannot be encoded: {error}"))
}
