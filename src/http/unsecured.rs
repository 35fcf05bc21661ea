//! Why TLS handshakes fail, as a closed set of reasons for metrics and log. Without a handshake there is no
//! request, and so no line in the access log.

use std::io;

use rustls::{AlertDescription, CertificateError, Error};

/// Why a handshake failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The client sent HTTP without TLS, and got an answer that says so.
    PlainHttp,
    /// The client sent bytes that are not TLS.
    NotTls,
    /// There is no version, cipher or protocol that both sides have.
    NoSharedProtocol,
    /// The client needs a certificate of its own and showed none.
    NoCertificate,
    /// The client's own certificate is refused.
    BadCertificate,
    /// The client refuses the gateway's certificate.
    Distrusted,
    /// The handshake took longer than `deadline.tls`.
    Timeout,
    /// The client left, such as a probe of the open port.
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

    /// The text of the metric's label.
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

    /// The reason behind a handshake's error.
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

    /// The reason behind the alert that a client sends before it leaves (RFC 8446, section 6.2).
    fn of_alert(alert: AlertDescription) -> Self {
        match alert {
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            // The alert of a client that trusts another CA of the same name.
            | AlertDescription::DecryptError => Self::Distrusted,
            AlertDescription::ProtocolVersion
            | AlertDescription::HandshakeFailure
            | AlertDescription::InsufficientSecurity
            | AlertDescription::NoApplicationProtocol => Self::NoSharedProtocol,
            AlertDescription::CloseNotify | AlertDescription::UserCanceled => Self::Gone,
            _ => Self::Other,
        }
    }

    /// A hint for the operator.
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

/// Whether a connection's first byte may begin an HTTP method; a TLS record begins with a small number (RFC
/// 8446, section 5.1).
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
