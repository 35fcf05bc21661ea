//! Every way in which a request is refused by its head, before the handler sees it.

/// Makes the enum and its tables from one list, so that a new refusal cannot go uncounted.
macro_rules! head_rejects {
    ($($name:ident $status:literal $why:literal;)*) => {
        /// Why a head is refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum HeadReject {
            $(#[doc = $why] $name,)*
        }

        impl HeadReject {
            /// Every refusal, in the order of its number.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$name => $status,)*
                }
            }

            /// What is wrong and what would be right.
            #[must_use]
            pub const fn why(self) -> &'static str {
                match self {
                    $(Self::$name => $why,)*
                }
            }
        }
    };
}

head_rejects! {
    Folded 400 "a header is folded over two lines: write it on one";
    NoColon 400 "a header has no colon";
    HeaderName 400 "a header's name has bytes that no name may have, or a space before the colon";
    HeaderControls 400 "a header's value has control bytes";
    Expectation 417 "Expect may only say 100-continue";
    TwoHosts 400 "there are two Host headers: send one";
    TwoLengths 400 "there are two Content-Length headers: send one";
    TwoCodings 400 "there are two Transfer-Encoding headers: send one";
    NoHost 400 "the Host header is missing";
    HostForm 400 "the Host header is no host: give a name or an address, and a port if need be";
    TwoFramings 400 "Content-Length and Transfer-Encoding are both there: send one of them";
    LengthForm 400 "Content-Length is no number of bytes";
    CodingOf10 400 "HTTP/1.0 has no Transfer-Encoding";
    Coding 501 "Transfer-Encoding may only say chunked";
    RequestLine 400 "the request line is no method, target and version";
    TargetControls 400 "the target has control bytes: percent-encode them";
    PathBytes 400 "the path has a space or bytes beyond ASCII: percent-encode them";
    Fragment 400 "the path has a `#`, behind which nothing is for a server: percent-encode it";
    Version 505 "this HTTP version is not spoken here: use HTTP/1.1";
    NoVersion 400 "the request line does not end in a version, such as HTTP/1.1";
    TargetForm 400 "the target is neither a path nor a URL of this host";
    UrlHost 400 "the target is a URL without a host that is one";
    Method 400 "the method is no token";
    EmptyLines 400 "empty lines stand where a request is due";
    MixedEnds 400 "lines of the head end in CR LF and in LF alone: end them all in one way";
    LongLine 414 "the request line is over the limit (cap.target): send long parameters in a POST";
    LongHeaders 431 "the headers are over the limit (cap.head)";
    ManyHeaders 431 "there are more headers than the limit (cap.headers)";
    Trailer 400 "a trailer says what only a header may say";
    Misdirected 421 "another host is asked: use a name under which this one is known (listen.hosts, admin.hosts)";
    NoAuthority 400 "the authority is missing or is none";
    TwoAuthorities 400 "the Host header names another host than the authority";
    PlainHttp 400 "plain HTTP was sent to a port that speaks HTTPS: write https:// in place of http:// in the address";
    Memory 503 "long requests take all the memory that there is for them (cap.bodies): try again in a moment";
    SlowHead 408 "the headers did not come in time (deadline.head): send them at once";
}
