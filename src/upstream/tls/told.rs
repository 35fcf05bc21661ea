//! Errors of TLS to upstream, with a sentence about what to do.

use std::io;

use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};

const PLAIN: &str =
    "it speaks no TLS there, plain HTTP perhaps: is https:// in upstream.url right, and the port?";
const UNKNOWN: &str = "its certificate comes from no CA that is trusted here: where it is no public one, name the CA's certificate in upstream.ca_file; where it is, the server must send its whole chain";
const EXPIRED: &str =
    "its certificate has expired: the server needs a new one (or is this host's clock right?)";
const NOT_YET: &str = "its certificate does not hold yet: is the clock of this host right?";
const NO_NAMES: &str = "its certificate names no host, for a common name alone counts for nothing: make it anew with a subjectAltName, as with openssl req -x509 -addext subjectAltName=DNS:";
const SELF_SIGNED_CA: &str =
    "it shows a CA's certificate as its own: name that very certificate in upstream.ca_file";
const OLD: &str = "its certificate is of X.509 version 1, which has no names of hosts: make one of version 3 with a subjectAltName";
const PIN: &str = "its certificate has another key than those in upstream.pin_sha256";
const NO_COMMON: &str =
    "it and this gateway have no version or cipher of TLS in common: it must speak TLS 1.2 or 1.3";
const NAME: &str = "it serves nothing under the host's name in upstream.url";
const CLIENT: &str = "it wants a certificate of the client's, which this gateway has none of";
const ENDED: &str = "it ended the connection in the middle of the handshake: does it speak TLS there?";

/// The most names of a certificate that an error lists.
const MOST_NAMES: usize = 5;

/// A handshake's error, with a sentence in front that says what to do. `host` is the name in the settings.
pub fn told(error: io::Error, host: &str) -> io::Error {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let sentence = match inner {
        Some(inner) => sentence(inner, host),
        None if error.kind() == io::ErrorKind::UnexpectedEof => Some(ENDED.to_owned()),
        None => None,
    };
    match sentence {
        Some(sentence) => io::Error::new(error.kind(), format!("{sentence} (TLS: {error})")),
        None => error,
    }
}

fn sentence(error: &Error, host: &str) -> Option<String> {
    let sentence = match error {
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => PLAIN,
        Error::InvalidCertificate(error) => return of_certificate(error, host),
        Error::PeerIncompatible(_) => NO_COMMON,
        Error::AlertReceived(AlertDescription::HandshakeFailure | AlertDescription::ProtocolVersion) => {
            NO_COMMON
        }
        Error::AlertReceived(AlertDescription::UnrecognisedName) => NAME,
        Error::AlertReceived(AlertDescription::CertificateRequired) => CLIENT,
        _ => return None,
    };
    Some(sentence.to_owned())
}

fn of_certificate(error: &CertificateError, host: &str) -> Option<String> {
    let sentence = match error {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => UNKNOWN,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => EXPIRED,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => NOT_YET,
        CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
            return Some(format!("{NO_NAMES}{host}"));
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names = presented.iter().take(MOST_NAMES).cloned().collect::<Vec<_>>().join(", ");
            return Some(format!(
                "its certificate is not for `{host}` but for {names}: name one of these in upstream.url"
            ));
        }
        CertificateError::ApplicationVerificationFailure => PIN,
        // webpki's own errors have no type to match on.
        CertificateError::Other(other) => match other.to_string() {
            text if text.contains("CaUsedAsEndEntity") => SELF_SIGNED_CA,
            text if text.contains("UnsupportedCertVersion") => OLD,
            _ => return None,
        },
        _ => return None,
    };
    Some(sentence.to_owned())
}
