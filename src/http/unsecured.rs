//! Connections that never came to speak TLS: why, in words from a closed set. What a client sends in vain leaves no
//! request, and so no line of its own.

use std::io;

use rustls::{AlertDescription, CertificateError, Error};

/// Why a handshake came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The client speaks HTTP without TLS, and was told so.
    PlainHttp,
    /// What it sent is no TLS at all.
    NotTls,
    /// No version, cipher or protocol that both sides have.
    NoSharedProtocol,
    /// It needs a certificate of its own and showed none.
    NoCertificate,
    /// Its own certificate is not taken.
    BadCertificate,
    /// It does not take the gateway's certificate.
    Distrusted,
    /// It took longer than `deadline.tls`.
    Timeout,
    /// It left, as whoever only looks whether the port is open.
    Gone,
    /// Anything else.
    Other,
}

impl Reason {
    /// Every reason, in the order of its number.
    pub const ALL: [Self; 9] = [
        Self::PlainHttp,
        Self::NotTls,
        Self::NoSharedProtocol,
        Self::NoCertificate,
        Self::BadCertificate,
        Self::Distrusted,
        Self::Timeout,
        Self::Gone,
        Self::Other,
    ];

    /// The label's text.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::PlainHttp => "plain_http",
            Self::NotTls => "not_tls",
            Self::NoSharedProtocol => "no_shared_protocol",
            Self::NoCertificate => "no_certificate",
            Self::BadCertificate => "bad_certificate",
            Self::Distrusted => "distrusted",
            Self::Timeout => "timeout",
            Self::Gone => "gone",
            Self::Other => "other",
        }
    }

    /// What a failed handshake says.
    #[must_use]
    pub fn of(error: &io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(error) => Self::of_tls(error),
            None => match error.kind() {
                io::ErrorKind::TimedOut => Self::Timeout,
                io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::NotConnected => Self::Gone,
                _ => Self::Other,
            },
        }
    }

    fn of_tls(error: &Error) -> Self {
        match error {
            Error::InvalidMessage(_) => Self::NotTls,
            Error::PeerIncompatible(_) | Error::NoApplicationProtocol => Self::NoSharedProtocol,
            Error::NoCertificatesPresented => Self::NoCertificate,
            Error::InvalidCertificate(CertificateError::Other(_)) => Self::Other,
            Error::InvalidCertificate(_) => Self::BadCertificate,
            Error::AlertReceived(alert) => Self::of_alert(*alert),
            _ => Self::Other,
        }
    }

    /// What a client says before it leaves (RFC 8446, section 6.2).
    fn of_alert(alert: AlertDescription) -> Self {
        match alert {
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            // What a client says that knows another CA of the same name.
            | AlertDescription::DecryptError => Self::Distrusted,
            AlertDescription::ProtocolVersion
            | AlertDescription::HandshakeFailure
            | AlertDescription::InsufficientSecurity
            | AlertDescription::NoApplicationProtocol => Self::NoSharedProtocol,
            AlertDescription::CloseNotify | AlertDescription::UserCanceled => Self::Gone,
            _ => Self::Other,
        }
    }

    /// What whoever runs the gateway may do about it.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::PlainHttp => "a client's address begins with http:// where it needs https://",
            Self::NotTls => "something that speaks neither TLS nor HTTP uses this port",
            Self::NoSharedProtocol => {
                "a client is too old for tls.minimum, or has no cipher that is still safe"
            }
            Self::NoCertificate => "tls.clients asks clients for certificates of their own",
            Self::BadCertificate => {
                "a client's own certificate has ended, or does not come from tls.client_ca"
            }
            Self::Distrusted => {
                "a client does not take tls.certificate: is it for this name, with its chain, and of a CA that old clients know?"
            }
            Self::Timeout => "a client took longer than deadline.tls",
            Self::Gone | Self::Other => "a client left or did what TLS does not allow",
        }
    }
}

/// Whether a connection's first byte is one of HTTP's methods and none of a TLS record, which is a small number (RFC 8446,
/// section 5.1).
#[must_use]
pub fn is_plain_http(first: u8) -> bool {
    first.is_ascii_alphabetic()
}

#[cfg(test)]
mod tests {
    use std::io;

    use rustls::{AlertDescription, CertificateError, Error, InvalidMessage, PeerIncompatible};

    use super::Reason;

    #[test]
    fn each_end_of_a_handshake_has_its_reason() {
        let tls = |error: Error| Reason::of(&io::Error::new(io::ErrorKind::InvalidData, error));
        for (error, reason) in [
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), Reason::NotTls),
            (Error::PeerIncompatible(PeerIncompatible::Tls13RequiredForQuic), Reason::NoSharedProtocol),
            (Error::NoCertificatesPresented, Reason::NoCertificate),
            (Error::InvalidCertificate(CertificateError::Expired), Reason::BadCertificate),
            (Error::AlertReceived(AlertDescription::UnknownCA), Reason::Distrusted),
            (Error::AlertReceived(AlertDescription::ProtocolVersion), Reason::NoSharedProtocol),
            (Error::AlertReceived(AlertDescription::DecryptError), Reason::Distrusted),
            (Error::AlertReceived(AlertDescription::DecodeError), Reason::Other),
            (Error::DecryptError, Reason::Other),
        ] {
            assert_eq!(tls(error.clone()), reason, "{error}");
        }
        assert_eq!(Reason::of(&io::ErrorKind::ConnectionReset.into()), Reason::Gone);
        assert_eq!(Reason::of(&io::ErrorKind::TimedOut.into()), Reason::Timeout);
    }

    #[test]
    fn every_reason_stands_at_its_number() {
        assert!(Reason::ALL.iter().enumerate().all(|(number, reason)| *reason as usize == number));
    }
}
