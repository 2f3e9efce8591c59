//! The streams of the process, and what is written beside the result.

use std::io::{self, Read, Write};

use crate::progress::Progress;

/// The streams that the client reads and writes.
pub struct Console<'a> {
    /// Where `--input -` reads.
    pub input: Box<dyn Read + 'a>,
    /// Where the result goes.
    pub output: Box<dyn Write + 'a>,
    /// Where errors and notes go.
    pub errors: Box<dyn Write + 'a>,
    /// What shows that the client works.
    pub progress: Progress,
}

impl Console<'static> {
    /// The standard streams.
    pub fn of_this_process() -> Self {
        Self {
            input: Box::new(io::stdin()),
            output: Box::new(io::stdout()),
            errors: Box::new(io::stderr()),
            progress: Progress::on_standard_error(),
        }
    }
}

impl Console<'_> {
    /// A line beside the result. It is no harm if nobody can read it.
    pub(crate) fn note(&mut self, text: &str) {
        let _ = writeln!(self.errors, "note: {text}");
    }
}
