//! What happened in a run, for people, and for the comparison of two runs of one seed.

use std::fmt::Write as _;

/// The lines of a run.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    lines: Option<Vec<String>>,
    /// Of all lines, kept or not.
    hash: u64,
}

impl Trace {
    pub(crate) fn new(kept: bool) -> Self {
        Self { lines: kept.then(Vec::new), hash: 0xcbf2_9ce4_8422_2325 }
    }

    /// Adds a line.
    pub(crate) fn add(&mut self, seconds: f64, who: &str, what: &str) {
        let mut line = String::with_capacity(24 + who.len() + what.len());
        let _ = write!(line, "{} {who:<16} {what}", clock(seconds));
        for byte in line.bytes() {
            // FNV-1a: no cryptography, only equality of two runs.
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if let Some(lines) = &mut self.lines {
            lines.push(line);
        }
    }

    /// A number that two equal traces share.
    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn take_lines(&mut self) -> Vec<String> {
        self.lines.take().unwrap_or_default()
    }
}

/// `1d 02:03:04.567`, from the start of the run.
fn clock(seconds: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let ms = (seconds * 1000.0) as u64;
    let (days, rest) = (ms / 86_400_000, ms % 86_400_000);
    let (hours, rest) = (rest / 3_600_000, rest % 3_600_000);
    let (minutes, rest) = (rest / 60_000, rest % 60_000);
    format!("{days}d {hours:02}:{minutes:02}:{:02}.{:03}", rest / 1000, rest % 1000)
}
