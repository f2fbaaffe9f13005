//! Who runs this and where: operator, host, process, boot.

use std::{env, fs};

/// `user@host`, as far as the system says.
pub fn operator() -> String {
    let user = env::var("USER").or_else(|_| env::var("LOGNAME")).unwrap_or_else(|_| {
        if rustix::process::geteuid().is_root() { "root".to_owned() } else { "unknown".to_owned() }
    });
    format!("{user}@{}", name())
}

/// Returns the name of this machine.
pub fn name() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname")
        .map_or_else(|_| "localhost".to_owned(), |s| s.trim().to_owned())
}

/// Identity of this boot of the machine; empty where the system has none.
pub fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|s| s.trim().to_owned()).unwrap_or_default()
}
