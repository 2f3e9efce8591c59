//! What a person at a terminal sees while the client works; nothing where there is no terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::error::Error;
use crate::item::Item;

/// A line on the terminal that says what goes on and since when.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// A line on the standard error, if that is a terminal.
    pub(crate) fn on_standard_error() -> Self {
        let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            line.set_style(style);
        }
        Self(line)
    }

    /// No line at all.
    pub fn hidden() -> Self {
        Self(ProgressBar::hidden())
    }

    /// Begins to show what goes on, counting the time from now.
    pub(crate) fn start(&self, what: &str) {
        self.0.set_message(what.to_owned());
        self.0.reset_elapsed();
        if !self.0.is_hidden() {
            self.0.enable_steady_tick(Duration::from_millis(120));
        }
    }

    /// Shows what goes on now.
    pub(crate) fn show(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    /// Shows the status of a request that is waited for.
    pub(crate) fn show_status(&self, item: &Item) {
        self.show(&format!("{}: {}", item.email(), item.status_line()));
    }

    /// Shows why a call is sent again, and when.
    pub(crate) fn show_retry(&self, error: &Error, delay: Duration) {
        self.show(&format!("{error}; trying again in {:.1} s", delay.as_secs_f32()));
    }

    /// Takes the line away, so that what is written next stands alone.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
