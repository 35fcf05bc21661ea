//! Reads a `curl` command as a request. Options that do not change the request's parameters are skipped.

use super::{Sample, shell};

/// Options of one letter that take a value (curl's manual).
const SHORT_WITH_VALUE: &str = "AbcCdDeEFHhKmoPQrtTuUwxXyYz";

/// Long options that take a value and do not change the request's parameters.
const LONG_WITH_VALUE: [&str; 68] = [
    "alt-svc",
    "aws-sigv4",
    "cacert",
    "capath",
    "cert",
    "cert-type",
    "ciphers",
    "config",
    "connect-timeout",
    "connect-to",
    "continue-at",
    "cookie",
    "cookie-jar",
    "crlfile",
    "dns-servers",
    "doh-url",
    "dump-header",
    "engine",
    "expect100-timeout",
    "happy-eyeballs-timeout-ms",
    "hsts",
    "interface",
    "keepalive-time",
    "key",
    "key-type",
    "limit-rate",
    "local-port",
    "login-options",
    "max-filesize",
    "max-redirs",
    "max-time",
    "netrc-file",
    "noproxy",
    "oauth2-bearer",
    "output",
    "pass",
    "pinnedpubkey",
    "preproxy",
    "proto",
    "proto-default",
    "proxy",
    "proxy-header",
    "proxy-user",
    "range",
    "rate",
    "referer",
    "request",
    "request-target",
    "resolve",
    "retry",
    "retry-delay",
    "retry-max-time",
    "socks5",
    "socks5-hostname",
    "speed-limit",
    "speed-time",
    "stderr",
    "time-cond",
    "tls-max",
    "tls13-ciphers",
    "trace",
    "trace-ascii",
    "trace-config",
    "unix-socket",
    "upload-file",
    "user",
    "user-agent",
    "write-out",
];

/// Reads a command line as a shell would split it.
///
/// # Errors
/// A sentence that says what is wrong and what would be right.
pub fn read(command: &str) -> Result<Sample, String> {
    let words = shell::words(command)?;
    read_words(words.get(1..).unwrap_or_default())
}

/// Reads the words behind `curl`.
///
/// # Errors
/// A sentence that says what is wrong and what would be right.
pub fn read_words(words: &[String]) -> Result<Sample, String> {
    let mut command = CurlCommand::default();
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
struct CurlCommand {
    url: Option<String>,
    /// What `--url-query` adds to the URL's query.
    query: Vec<String>,
    data: Vec<String>,
    content_type: Option<String>,
    json: bool,
    get: bool,
}

type Words<'a> = std::slice::Iter<'a, String>;

impl CurlCommand {
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
            "data-urlencode" => self.data.push(encoded(&value()?)?),
            "url-query" => self.query.push(query(&value()?)?),
            "form" => self.form(&value()?)?,
            "form-string" => self.field(&value()?)?,
            "header" => self.header(&value()?),
            "json" => self.json(value()?)?,
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

    /// curl joins several pieces of JSON into one body.
    fn json(&mut self, data: String) -> Result<(), String> {
        let before = if self.json { self.data.pop() } else { None };
        self.json = true;
        self.data(before.unwrap_or_default() + &data)
    }

    /// A multipart field is read like a urlencoded one. What follows a `;` belongs to the part's head.
    fn form(&mut self, field: &str) -> Result<(), String> {
        let value = field.split_once('=').map_or("", |(_, value)| value);
        if value.starts_with(['@', '<']) {
            return Err("the curl command sends a file: put the text itself there".to_owned());
        }
        let heads = [";type=", ";filename=", ";headers=", ";encoder="];
        let end = heads.iter().filter_map(|head| field.find(head)).min().unwrap_or(field.len());
        self.field(&field[..end])
    }

    fn field(&mut self, field: &str) -> Result<(), String> {
        let (name, value) = field.split_once('=').ok_or("curl's -F is name=value")?;
        self.data.push(pair(name, value)?);
        Ok(())
    }

    fn header(&mut self, header: &str) {
        if let Some((name, value)) = header.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-type")
            && !value.trim().to_ascii_lowercase().starts_with("multipart/")
        {
            self.content_type = Some(value.trim().to_owned());
        }
    }

    fn finish(self) -> Result<Sample, String> {
        let url = self.url.ok_or("the curl command has no URL")?;
        let mut query = url.split_once('?').map_or("", |(_, query)| query).to_owned();
        let mut data = self.data.join("&");
        let of_data = if self.get { std::mem::take(&mut data) } else { String::new() };
        for more in self.query.iter().chain([&of_data]).filter(|more| !more.is_empty()) {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(more);
        }
        let content_type = self.content_type.or_else(|| self.json.then(|| "application/json".to_owned()));
        Ok(Sample { query: query.into_bytes(), content_type, body: data.into_bytes() })
    }
}

/// `content`, `=content` or `name=content`, as curl's --data-urlencode has them.
fn encoded(data: &str) -> Result<String, String> {
    let (name, content) = match (data.split_once('='), data.contains('@')) {
        (Some((name, content)), _) => (name, content),
        (None, true) => {
            return Err("the curl command reads its data from a file: put the data itself there".to_owned());
        }
        (None, false) => ("", data),
    };
    // The name stays as written: curl takes it as encoded already.
    let content = pair("", content)?;
    Ok(if name.is_empty() { content.trim_start_matches('=').to_owned() } else { format!("{name}{content}") })
}

/// What `--url-query` adds to the URL, encoded; a leading plus marks text that is encoded already.
fn query(data: &str) -> Result<String, String> {
    data.strip_prefix('+').map_or_else(|| encoded(data), |plain| Ok(plain.to_owned()))
}

fn pair(name: &str, value: &str) -> Result<String, String> {
    serde_urlencoded::to_string([(name, value)])
        .map_err(|error| format!("a field cannot be encoded: {error}"))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_curl_would_send_is_what_is_explained() {
        let asked = |command: &str| {
            let asked = read(command).expect("a request");
            let text = |bytes| String::from_utf8(bytes).expect("text");
            (text(asked.query), text(asked.body))
        };
        for (command, query, body) in [
            ("curl http://h/a --data-raw $'op=message&msg=It\\'s\\u0021'", "", "op=message&msg=It's!"),
            ("curl 'http://h/a?op=x' --url-query a=b --url-query 'm=c d'", "op=x&a=b&m=c+d", ""),
            ("curl http://h/a --url-query +a=%20", "a=%20", ""),
            ("curl -G http://h/a -d op=x --data-urlencode 'msg=a&b'", "op=x&msg=a%26b", ""),
            ("curl http://h/a --data-urlencode 'a@b=c'", "", "a@b=c"),
            ("curl http://h/a --json '{\"op\":' --json '\"x\"}'", "", "{\"op\":\"x\"}"),
            (
                "curl http://h/a -F 'op=x;type=text/plain' --form-string 'msg=@a;type=b'",
                "",
                "op=x&msg=%40a%3Btype%3Db",
            ),
            ("curl http://h/a --data-binary op=x --request-target /b --noproxy h", "", "op=x"),
            ("curl ^\"http://h/a^\" ^\n --data-raw ^\"op=x^&msg=50^%^\"", "", "op=x&msg=50%"),
        ] {
            assert_eq!(asked(command), (query.to_owned(), body.to_owned()), "{command}");
        }
    }
}
