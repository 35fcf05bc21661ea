//! The PROXY protocol, versions 1 and 2: a line or block before a connection's first byte, in which a proxy
//! names the client. Where it is expected it is required: a guess would let any client write one.

use std::io;
use std::net::IpAddr;

use ppp::{HeaderResult, PartialResult as _, v1, v2};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The longest line of version 1, its end included.
const LONGEST_LINE: usize = 107;
/// The part of version 2 that has the length of the rest.
const BLOCK_HEAD: usize = 16;
/// The longest addresses and extensions of version 2, in bytes; real ones are shorter.
const LONGEST_BLOCK: usize = 4096;

/// Reads the header, and not a byte more. `None` if the proxy speaks for itself.
///
/// # Errors
/// Bytes that are no header.
pub async fn read<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<Option<IpAddr>> {
    let mut header = vec![stream.read_u8().await?];
    if header[0] == b'P' {
        while !header.ends_with(b"\n") && header.len() < LONGEST_LINE {
            header.push(stream.read_u8().await?);
        }
    } else {
        header.resize(BLOCK_HEAD, 0);
        stream.read_exact(&mut header[1..]).await?;
        let rest = usize::from(u16::from_be_bytes([header[14], header[15]]));
        if rest > LONGEST_BLOCK {
            return Err(wrong());
        }
        header.resize(BLOCK_HEAD + rest, 0);
        stream.read_exact(&mut header[BLOCK_HEAD..]).await?;
    }
    let parsed = HeaderResult::parse(&header);
    if parsed.is_incomplete() {
        return Err(wrong());
    }
    match parsed {
        HeaderResult::V1(Ok(header)) => Ok(match header.addresses {
            v1::Addresses::Tcp4(addresses) => Some(addresses.source_address.into()),
            v1::Addresses::Tcp6(addresses) => Some(addresses.source_address.into()),
            v1::Addresses::Unknown => None,
        }),
        // A LOCAL command, such as a proxy's health check: its addresses have no meaning.
        HeaderResult::V2(Ok(header)) if header.command == v2::Command::Local => Ok(None),
        HeaderResult::V2(Ok(header)) => Ok(match header.addresses {
            v2::Addresses::IPv4(addresses) => Some(addresses.source_address.into()),
            v2::Addresses::IPv6(addresses) => Some(addresses.source_address.into()),
            v2::Addresses::Unspecified | v2::Addresses::Unix(_) => None,
        }),
        HeaderResult::V1(Err(_)) | HeaderResult::V2(Err(_)) => Err(wrong()),
    }
}

fn wrong() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "no header of the PROXY protocol")
}

#[cfg(test)]
mod tests {
    use super::read;

    async fn client(bytes: &[u8]) -> Result<(Option<String>, usize), ()> {
        let mut rest = bytes;
        let address = read(&mut rest).await.map_err(|_| ())?;
        Ok((address.map(|address| address.to_string()), rest.len()))
    }

    #[tokio::test]
    async fn a_line_or_a_block_names_the_client_and_nothing_behind_it_is_read() {
        let line = b"PROXY TCP4 203.0.113.7 10.0.0.1 4711 80\r\nGET /";
        assert_eq!(client(line).await, Ok((Some("203.0.113.7".to_owned()), 5)));
        assert_eq!(client(b"PROXY UNKNOWN\r\nGET /").await, Ok((None, 5)));
        let block = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x07\x0a\0\0\x01\x12\x67\0\x50GET /";
        assert_eq!(client(block).await, Ok((Some("203.0.113.7".to_owned()), 5)));
        let own = b"\r\n\r\n\0\r\nQUIT\n\x20\x11\0\x0c\xcb\0\x71\x07\x0a\0\0\x01\x12\x67\0\x50GET /";
        assert_eq!(client(own).await, Ok((None, 5)), "the proxy speaks for itself");
    }

    #[tokio::test]
    async fn anything_else_is_an_error() {
        for bytes in [
            b"POST /backend HTTP/1.1\r\n\r\n".as_slice(),
            b"GET / HTTP/1.1\r\n\r\n",
            b"PROXY TCP4 x\r\n",
            b"",
        ] {
            assert_eq!(client(bytes).await, Err(()), "{bytes:?}");
        }
    }
}
