//! The steps of the story, done: in a folder of its own, with the gateway and its sandbox as a process.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use mesigate::ledger::calendar::{read_day, written_day};
use tempfile::TempDir;

use super::history::{pass, time, today};
use crate::support::client::{Answer, ask};
use crate::support::program::{Serving, Signal, err, mesigate, out};

/// Where the page has its gateway.
const ADDRESS: &str = "127.0.0.1:8080";
const ADMIN: &str = "127.0.0.1:18090";
/// The first day of the story.
const FIRST: &str = "2026-10-26";

pub struct Story {
    folder: TempDir,
    files: BTreeMap<String, String>,
    variables: Vec<(String, String)>,
    serving: Option<Serving>,
    command: Vec<String>,
    /// How many days after the first one it is.
    day: u64,
    /// The last exit code, if nobody has looked at it yet.
    code: i32,
}

impl Story {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (files, variables, command) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { folder, files, variables, serving: None, command, day: 0, code: 0 }
    }

    /// Writes a file, or adds to it.
    pub fn write(&mut self, file: &str, text: &str, is_more: bool) {
        let all = self.files.entry(file.to_owned()).or_default();
        let before = if is_more { std::mem::take(all) + "\n" } else { String::new() };
        *all = before + text + "\n";
        self.put(file);
    }

    fn put(&self, file: &str) {
        let path = self.folder.path().join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, self.moved(&self.files[file])).expect("a file");
    }

    /// A text of the page with its dates moved, so that the day of the story is today.
    fn moved(&self, text: &str) -> String {
        let first = u64::from(read_day(FIRST).expect("a day")) + self.day;
        let today_for = |day: u32| u32::try_from(u64::from(day) + today() - first).expect("a day");
        let mut out = String::new();
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let day = rest.get(..FIRST.len()).and_then(read_day);
            let length = day.map_or(letter.len_utf8(), |_| FIRST.len());
            match day {
                Some(day) => out += &written_day(today_for(day)),
                None => out.push(letter),
            }
            rest = &rest[length..];
        }
        out
    }

    /// Stops the gateway, lets time pass, and starts it again.
    pub async fn pass(&mut self, words: &str) {
        self.stop().await;
        let time = time(words);
        pass(&self.folder.path().join("ledger"), &time);
        self.day = time.days;
        for file in self.files.keys() {
            self.put(file);
        }
        self.start();
    }

    /// Runs the commands of a block; gives what they print.
    pub async fn run(&mut self, block: &str) -> String {
        let mut printed = String::new();
        for line in block.replace("\\\n", " ").lines() {
            let line = self.moved(line);
            let words = shlex::split(&line).expect("words");
            if line != "echo $?" {
                let plain = |word: &String| !["|", "&&", ";", "<"].contains(&word.as_str());
                assert!(words.iter().all(plain), "only simple commands are known: {line}");
                assert_eq!(self.code, 0, "the exit code before is not shown: {line}");
            }
            printed += &self.one(&words).await;
        }
        printed
    }

    async fn one(&mut self, words: &[String]) -> String {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["echo", "$?"] => format!("{}\n", std::mem::take(&mut self.code)),
            ["echo", text, ">", file] => {
                self.write(file, text, false);
                String::new()
            }
            ["export", setting] => {
                let (name, value) = setting.split_once('=').expect("a value");
                self.variables.push((name.to_owned(), value.to_owned()));
                String::new()
            }
            ["kill", "%1"] => {
                self.stop().await;
                String::new()
            }
            ["mesigate", ref arguments @ .., "&"] => {
                self.command = arguments.iter().map(|&word| word.to_owned()).collect();
                self.start()
            }
            ["mesigate", ref arguments @ ..] => self.mesigate(arguments),
            ["curl", ref arguments @ ..] => self.curl(arguments).await,
            _ => panic!("no command of the story: {words:?}"),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = mesigate(arguments);
        command.current_dir(self.folder.path()).envs(self.variables.clone());
        command
    }

    fn mesigate(&mut self, arguments: &[&str]) -> String {
        let mut command = self.command(arguments);
        if let Some(serving) = &self.serving {
            command.env("MESIGATE__ADMIN__ADDRESS", serving.admin.to_string());
        }
        let output = command.output().expect("the program runs");
        self.code = output.status.code().expect("an end of its own");
        out(&output) + &err(&output)
    }

    /// Starts the gateway; gives what it greets with.
    fn start(&mut self) -> String {
        let arguments: Vec<&str> = self.command.iter().map(String::as_str).collect();
        let mut command = self.command(&arguments);
        let any = "127.0.0.1:0";
        command.env("MESIGATE__LISTEN__ADDRESS", any).env("MESIGATE__ADMIN__ADDRESS", any);
        // Settings are read when the page says so, and a stop waits for nobody.
        command.env("MESIGATE__RELOAD__INTERVAL", "0s").env("MESIGATE__STOP__ANNOUNCE", "0s");
        command.env("MESIGATE__LOG__FILE", self.folder.path().join("log"));
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the program runs");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
        let greeting: Vec<String> = lines.by_ref().take(4).collect();
        std::thread::spawn(move || lines.for_each(drop));
        let address = |behind: &str| -> SocketAddr {
            let rest = greeting[0].split(behind).nth(1).expect("an address");
            rest.split('/').next().and_then(|address| address.parse().ok()).expect("an address")
        };
        let (address, admin) = (address("clients at http://"), address("metrics: http://"));
        let said =
            greeting.join("\n").replace(&address.to_string(), ADDRESS).replace(&admin.to_string(), ADMIN);
        self.serving = Some(Serving { child, address, admin });
        said + "\n"
    }

    async fn stop(&mut self) {
        let serving = self.serving.take().expect("a gateway that runs");
        serving.signal(Signal::TERM);
        assert_eq!(serving.ended().await, Some(0));
    }

    /// Does what curl does with these: -s, -i, -A, -d, --json and a URL.
    async fn curl(&self, arguments: &[&str]) -> String {
        let (mut agent, mut body, mut kind, mut url, mut with_head) = ("curl/8.5.0", "", "", "", false);
        let mut words = arguments.iter().copied();
        while let Some(word) = words.next() {
            let mut value = || words.next().expect("a value");
            match word {
                "-s" => {}
                "-i" | "-si" => with_head = true,
                "-A" => agent = value(),
                "-d" => (body, kind) = (value(), "application/x-www-form-urlencoded"),
                "--json" => (body, kind) = (value(), "application/json"),
                _ => url = word,
            }
        }
        let target =
            url.strip_prefix("http://").and_then(|url| url.strip_prefix(ADDRESS)).expect("the gateway");
        let address = self.serving.as_ref().expect("a gateway that runs").address;
        let mut head = format!(
            "{} {target} HTTP/1.1\r\nHost: {ADDRESS}\r\nConnection: close\r\n",
            if kind.is_empty() { "GET" } else { "POST" }
        );
        if !agent.is_empty() {
            head += &format!("User-Agent: {agent}\r\n");
        }
        if !kind.is_empty() {
            head += &format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
        }
        let answer = ask(address, format!("{head}\r\n{body}").as_bytes()).await;
        (if with_head { head_of(&answer) } else { String::new() })
            + &String::from_utf8(answer.body).expect("text")
            + "\n"
    }
}

/// An answer's head as curl prints it. The page's curl keeps its connection, and this one does not.
fn head_of(answer: &Answer) -> String {
    let headers = answer.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("connection"));
    let headers: String = headers.map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!("{} {} OK\n{headers}\n", answer.version, answer.status)
}
