//! A `local serve` of a test's own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::process::local;

/// How long to wait for what happens by itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server on a free port, ended with the test.
pub(crate) struct Server {
    pub(crate) process: Child,
    pub(crate) address: String,
    pub(crate) welcome: Value,
}

impl Server {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, Stdio::null())
    }

    /// A server whose log can be read in the end.
    pub(crate) fn logged(arguments: &[&str]) -> Self {
        Self::start_with(arguments, Stdio::piped())
    }

    /// Asks it to end, and gives what it has logged.
    #[cfg(unix)]
    pub(crate) fn log(mut self) -> String {
        self.interrupt();
        let mut log = String::new();
        let mut stderr = self.process.stderr.take().unwrap();
        stderr.read_to_string(&mut log).unwrap();
        log
    }

    /// As Ctrl-C.
    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status();
        assert!(sent.unwrap().success());
    }

    fn start_with(arguments: &[&str], stderr: Stdio) -> Self {
        let mut process = local()
            .args(["serve", "--json", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let welcome: Value = serde_json::from_str(&line).unwrap();
        let address = welcome["url"]
            .as_str()
            .unwrap()
            .trim_start_matches("http://")
            .to_owned();
        Self {
            process,
            address,
            welcome,
        }
    }

    /// Status, head and JSON body of an answer.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> (u16, String, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: local\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (
            status,
            head.to_lowercase(),
            serde_json::from_str(body).unwrap_or_default(),
        )
    }

    pub(crate) fn order(&self, key: &str, vlan: u16) -> (u16, String, Value) {
        let headers = format!("idempotency-key: {key}\r\ncontent-type: application/json\r\n");
        self.ask("POST", "/allocations", &headers, &order(vlan).to_string())
    }

    /// What customers and AWS do to a connection.
    pub(crate) fn throw(&self, id: &Value, switch: &str) -> u16 {
        let path = format!("/_local/connections/{}/{switch}", id.as_str().unwrap());
        self.ask("POST", &path, "", "").0
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        let (status, _, body) = self.ask("GET", path, "", "");
        (status, body)
    }

    pub(crate) fn aws(&self, target: &str, body: Value) -> Value {
        let headers = format!(
            "x-amz-target: {target}\r\nauthorization: AWS4-HMAC-SHA256 Credential=local/x\r\n"
        );
        self.ask("POST", "/", &headers, &body.to_string()).2
    }

    pub(crate) fn view(&self, name: &str) -> Vec<Value> {
        let (_, _, view) = self.ask("GET", &format!("/_local/{name}"), "", "");
        view.as_array().unwrap().clone()
    }

    /// Waits until the view has this many entries.
    #[expect(
        clippy::disallowed_methods,
        reason = "the server is another process, which lives in real time"
    )]
    pub(crate) fn wait_for(&self, name: &str, entries: usize) -> Vec<Value> {
        let started = Instant::now();
        loop {
            let view = self.view(name);
            if view.len() >= entries || started.elapsed() > PATIENCE {
                return view;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already needs no ending.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A good order of this VLAN.
pub(crate) fn order(vlan: u16) -> Value {
    json!({"connectionId": "dxcon-ffabc123", "ownerAccount": "111122223333", "bandwidth": "50Mbps", "connectionName": "a", "vlan": vlan})
}
