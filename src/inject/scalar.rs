//! A scalar: its text, and whether a reader takes it for more than text.

/// A scalar's text, without quotes and escapes; `plain` when nothing around it says that it is text.
#[derive(Clone)]
pub struct Scalar {
    pub text: String,
    pub plain: bool,
}

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        let same = self.text == other.text || (self.is_special() && self.same_number(other));
        (same && self.is_special() == other.is_special()) || (self.is_null() && other.is_null())
    }
}

impl Scalar {
    /// Text, which is quoted where it would be read as something else.
    #[must_use]
    pub fn string(text: &str) -> Self {
        Self { text: text.to_owned(), plain: !looks_special(text) }
    }

    #[must_use]
    pub fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// A number, boolean, null or date: by the rules of YAML 1.1 or 1.2, for both kinds of readers are in use.
    #[must_use]
    pub fn is_special(&self) -> bool {
        self.plain && looks_special(&self.text)
    }

    /// Readers of JSON write numbers in their own way.
    fn same_number(&self, other: &Self) -> bool {
        let number = |text: &str| text.parse::<f64>().ok().map(f64::to_bits);
        number(&self.text).is_some() && number(&self.text) == number(&other.text)
    }

    /// As a boolean, also where it is quoted.
    #[must_use]
    pub fn truth(&self) -> Option<bool> {
        match self.text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" | "enabled" => Some(true),
            "false" | "no" | "off" | "n" | "disabled" => Some(false),
            _ => None,
        }
    }

    /// As a whole number, in any way in which YAML can write it.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        let text = self.text.replace('_', "").to_ascii_lowercase();
        let text = text.strip_prefix('+').unwrap_or(&text);
        let radix = |prefix: &str, radix: u32| {
            text.strip_prefix(prefix).and_then(|digits| u64::from_str_radix(digits, radix).ok())
        };
        let octal = || radix("0", 8).filter(|_| text.len() > 1);
        radix("0x", 16)
            .or_else(|| radix("0o", 8))
            .or_else(|| radix("0b", 2))
            .or_else(octal)
            .or_else(|| text.parse().ok())
            .or_else(|| text.strip_suffix(".0")?.parse().ok())
    }

    /// Whether it may stand without quotes; more is quoted than has to be.
    #[must_use]
    pub fn may_be_plain(&self, flow: bool) -> bool {
        let inner =
            |byte: u8| byte.is_ascii_alphanumeric() || b"_./-".contains(&byte) || (byte == b':' && !flow);
        let first = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'/' || byte == b'_';
        let bytes = self.text.as_bytes();
        self.plain
            && bytes.first().copied().is_some_and(first)
            && bytes.iter().copied().all(inner)
            && !self.text.ends_with(':')
    }
}

const WORDS: [&str; 14] =
    ["", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<", ".nan"];

fn looks_special(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let unsigned = lower.strip_prefix(['+', '-']).unwrap_or(&lower);
    WORDS.contains(&lower.as_str()) || unsigned == ".inf" || is_number(unsigned) || is_date(unsigned)
}

fn is_number(unsigned: &str) -> bool {
    let digits = unsigned.replace('_', "");
    let of = |prefix: &str, allowed: fn(u8) -> bool| {
        digits.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(allowed))
    };
    let starts = digits.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    of("0x", |byte| byte.is_ascii_hexdigit())
        || of("0o", |byte| byte.is_ascii_digit())
        || of("0b", |byte| byte.is_ascii_digit())
        || (starts && digits.parse::<f64>().is_ok())
        || (starts
            && digits.contains(':')
            && digits.bytes().all(|byte| byte.is_ascii_digit() || b":.".contains(&byte)))
}

/// A date begins with a year and two dashes; what follows is not looked at.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let digits = |part: Option<&str>, length: &[usize]| {
        part.is_some_and(|part| {
            length.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    digits(parts.next(), &[4])
        && digits(parts.next(), &[1, 2])
        && parts.next().is_some_and(|day| day.starts_with(|first: char| first.is_ascii_digit()))
}
