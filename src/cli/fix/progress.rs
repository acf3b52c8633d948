//! How far a long piece of work is, on stderr where somebody looks at it.

use std::io::{self, IsTerminal, Write};

const WIDTH: usize = 30;

/// A line that is written anew as the work goes on, and wiped at its end.
pub(super) struct Progress {
    what: &'static str,
    all: usize,
    percent: usize,
    is_shown: bool,
}

impl Progress {
    /// So many steps of this work, which is named in the present: "Replaying".
    pub(super) fn new(what: &'static str, all: usize) -> Self {
        Progress { what, all, percent: 0, is_shown: io::stderr().is_terminal() }
    }

    /// So many are done.
    pub(super) fn at(&mut self, done: usize) {
        let percent = done * 100 / self.all.max(1);
        if !self.is_shown || percent == self.percent {
            return;
        }
        self.percent = percent;
        let bar = "#".repeat(percent * WIDTH / 100);
        // Whoever cannot be shown the progress still gets the result.
        let _ = write!(io::stderr(), "\r{} [{bar:<WIDTH$}] {done}/{}", self.what, self.all);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.percent > 0 {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}
