//! Lambda's Runtime API, as far as the runtime of a function needs it: hands out invocations one by one, takes their
//! answers, and has no more after the last one.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::Value;

/// One invocation that is to be handed out.
pub(super) struct Turn {
    pub(super) request_id: String,
    pub(super) trace: String,
    pub(super) event: Value,
}

/// Answers the function that connects to `listener` until it has answered all of `turns`, in order. Responds with its
/// answers, errors among them.
pub(super) fn serve(listener: &TcpListener, deadline_ms: u64, turns: &[Turn]) -> Vec<String> {
    let mut answers = Vec::new();
    loop {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while let Some((path, body)) = request(&mut reader) {
            if path.ends_with("/invocation/next") {
                let Some(turn) = turns.get(answers.len()) else {
                    return answers;
                };
                hand_out(&stream, turn, deadline_ms);
            } else {
                answers.push(body);
                respond(&stream, "202 Accepted", "", "");
            }
        }
    }
}

fn hand_out(stream: &TcpStream, turn: &Turn, deadline_ms: u64) {
    let headers = format!(
        "Lambda-Runtime-Aws-Request-Id: {}\r\nLambda-Runtime-Deadline-Ms: {deadline_ms}\r\n\
         Lambda-Runtime-Trace-Id: {}\r\nLambda-Runtime-Invoked-Function-Arn: arn\r\n",
        turn.request_id, turn.trace
    );
    respond(stream, "200 OK", &headers, &turn.event.to_string());
}

fn respond(mut stream: &TcpStream, status: &str, headers: &str, body: &str) {
    let length = body.len();
    let response = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}");
    stream.write_all(response.as_bytes()).unwrap();
}

/// Path and body of the next request; `None` when there is no further one.
fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let path = line(reader)?.split(' ').nth(1)?.to_owned();
    let (mut length, mut is_chunked) = (0, false);
    loop {
        let header = line(reader)?.to_ascii_lowercase();
        match header.split_once(": ") {
            None => break,
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(("transfer-encoding", "chunked")) => is_chunked = true,
            Some(_) => {}
        }
    }
    let body = if is_chunked {
        chunks(reader)?
    } else {
        take(reader, length)?
    };
    Some((path, String::from_utf8(body).unwrap()))
}

fn chunks(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = usize::from_str_radix(&line(reader)?, 16).unwrap();
        body.extend(take(reader, size)?);
        line(reader)?;
        if size == 0 {
            return Some(body);
        }
    }
}

fn take(reader: &mut BufReader<TcpStream>, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

fn line(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = reader.read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim_end().to_owned())
}
