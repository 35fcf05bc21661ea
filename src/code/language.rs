//! The languages, each with a library that old clients use.

/// A language and its library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Language {
    /// PHP with its curl extension.
    PhpCurl,
    /// PHP with Guzzle.
    PhpGuzzle,
    /// PHP with Laravel's HTTP client.
    Laravel,
    /// Java with `OkHttp`.
    JavaOkhttp,
    /// Java with `java.net.http`.
    JavaHttpclient,
    /// Kotlin with Retrofit.
    KotlinRetrofit,
    /// JavaScript with `fetch`.
    JsFetch,
    /// Node.js with axios.
    NodeAxios,
    /// Python with requests.
    PythonRequests,
    /// Dart with its package http.
    DartHttp,
    /// Go with `net/http`.
    Go,
    /// A shell with curl.
    Curl,
}

impl Language {
    /// Every language, in the order of the help.
    pub const ALL: [Self; 12] = [
        Self::PhpCurl,
        Self::PhpGuzzle,
        Self::Laravel,
        Self::JavaOkhttp,
        Self::JavaHttpclient,
        Self::KotlinRetrofit,
        Self::JsFetch,
        Self::NodeAxios,
        Self::PythonRequests,
        Self::DartHttp,
        Self::Go,
        Self::Curl,
    ];
}
