//! A terminal that a test can read.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use terminal::Terminal;

/// What a test's terminal has been given to write.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    /// As text, without styles.
    pub(crate) fn text(&self) -> String {
        let bytes = self.0.lock().unwrap().clone();
        anstream::adapter::strip_str(&String::from_utf8(bytes).unwrap()).to_string()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal of 110 columns, its output and its errors.
pub(crate) fn terminal(json: bool) -> (Terminal, Written, Written) {
    let (out, err) = (Written::default(), Written::default());
    let terminal = Terminal {
        out: Box::new(out.clone()),
        err: Box::new(err.clone()),
        width: 110,
        json,
    };
    (terminal, out, err)
}
