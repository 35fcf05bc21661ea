//! Reads from a certificate what operators are told: its validity and its key.

use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The SHA-256 of a certificate's public key with its algorithm (`SubjectPublicKeyInfo`), as in RFC 7469, section 2.4:
/// equal for all certificates of that key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pin([u8; 32]);

impl Pin {
    /// Reads 64 hex digits, or base64 as RFC 7469 and curl (`sha256//…`) write it.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix("sha256//").or_else(|| text.strip_prefix("sha256/")).unwrap_or(text);
        let bytes = if digits.len() == 64 { unhex(digits) } else { STANDARD.decode(digits).ok() };
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or_else(|| {
            "has one that is no SHA-256 of a public key: give its 44 characters of base64 or 64 hex digits, as \
             `openssl x509 -in cert.pem -pubkey -noout | openssl pkey -pubin -outform DER | openssl dgst -sha256` \
             prints them"
                .to_owned()
        })
    }

    fn of(key: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, key).as_ref());
        Self(bytes)
    }
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// The facts of a certificate that are reported.
pub struct CertificateFacts {
    /// The start of its validity, in seconds since 1970.
    pub from: i64,
    /// The end of its validity, in seconds since 1970.
    pub until: i64,
    /// Its public key's pin.
    pub pin: Pin,
}

impl CertificateFacts {
    /// Reads the facts; `None` if the bytes are no certificate.
    #[must_use]
    pub fn of(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let validity = certificate.validity();
        Some(Self {
            from: validity.not_before.timestamp(),
            until: validity.not_after.timestamp(),
            pin: Pin::of(certificate.public_key().raw),
        })
    }
}

/// Seconds since 1970 as a date, such as `2027-01-31`.
#[must_use]
pub fn date(seconds: i64) -> String {
    let time = UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0).min(LAST));
    let mut text = humantime::format_rfc3339_seconds(time).to_string();
    text.truncate(10);
    text
}

/// The last second that can be written as a date of four digits.
const LAST: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::{CertificateFacts, Pin, date};

    #[test]
    fn a_date_is_written_whatever_it_is() {
        let dates = [i64::MIN, 0, 1_800_000_000, i64::MAX].map(date);
        assert_eq!(dates, ["1970-01-01", "1970-01-01", "2027-01-15", "9999-12-31"]);
    }

    #[test]
    fn a_pin_is_hex_or_base64_of_32_bytes() {
        let hex = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683";
        let pin = Pin::parse(hex);
        assert!(pin.is_ok());
        let base64 = "LHDhK3oGRvkiefQnx7OOczTY5Tic/xZ6HcMOc/gmtoM=";
        for same in
            [hex.to_uppercase(), base64.to_owned(), format!("sha256//{base64}"), format!("sha256/{base64}")]
        {
            assert_eq!(Pin::parse(&same), pin, "{same}");
        }
        for wrong in ["", "x", &hex[1..], &hex.replace('2', "g"), &base64[1..], "é"] {
            assert!(Pin::parse(wrong).is_err_and(|why| why.contains("openssl")), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_certificate_says_nothing() {
        assert!(
            CertificateFacts::of(b"").is_none() && CertificateFacts::of(b"\x30\x03\x02\x01\x05").is_none()
        );
    }
}
