//! The processes of the functions, for whoever wants to see one die.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::error::{CloudError, While};
use crate::ministack::MiniStack;

/// Whether the processes of functions can be told apart on this machine: Linux shows their environment.
pub fn can_be_told_apart() -> bool {
    Path::new("/proc/self/environ").exists()
}

impl MiniStack {
    /// The processes in which this function, by its deployed name, runs now.
    ///
    /// # Errors
    /// They cannot be told apart here.
    pub fn processes_of(&self, function: &str) -> Result<Vec<u32>, CloudError> {
        let group = self.group().unwrap_or_default().to_string();
        let variable = format!("AWS_LAMBDA_FUNCTION_NAME={function}");
        let entries = fs::read_dir("/proc").or_cloud("the processes cannot be told apart")?;
        // A process that ends while one looks is none.
        let runs_it = |process: &u32| {
            let of_group = fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| {
                stat.rsplit(") ").next().unwrap_or_default().split(' ').nth(2) == Some(&group)
            });
            of_group
                && fs::read(format!("/proc/{process}/environ")).is_ok_and(|environ| {
                    environ.split(|byte| *byte == 0).any(|one| one == variable.as_bytes())
                })
        };
        let processes = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        Ok(processes.filter(runs_it).collect())
    }

    /// `kill -9` of every process of this function; how many there were.
    ///
    /// # Errors
    /// They cannot be told apart, or not be killed.
    pub fn kill_function(&self, function: &str) -> Result<usize, CloudError> {
        let processes = self.processes_of(function)?;
        for process in &processes {
            let killed = Command::new("kill").args(["-KILL", &process.to_string()]).status();
            let killed = killed.or_cloud("no process can be killed")?;
            if !killed.success() {
                return Err(CloudError::new(
                    format!("process {process} cannot be killed"),
                    killed.to_string(),
                ));
            }
        }
        Ok(processes.len())
    }
}
