//! Ports are looked at before anything starts: a broker whose ZooKeeper cannot bind joins whatever answers there.

use super::{LabError, process, service::Member};
use crate::{
    record::{Arg, Said, messages},
    support::{redact, text},
};
use std::{
    collections::BTreeMap,
    fs, io,
    net::{Ipv4Addr, TcpListener},
};

/// How many taken ports are named; what holds one holds the others, as a rule.
const NAMED: usize = 3;

/// Refuses where a port of a member is taken; names the first ones and, where they can be found, their holders.
pub(super) fn check(members: &[Member]) -> Result<(), LabError> {
    let ports =
        members.iter().flat_map(|member| member.ports().into_iter().map(|port| (port, &*member.name)));
    let taken: Vec<Said> = ports.filter_map(|(port, name)| taken_by(port, name)).collect();
    if taken.is_empty() { Ok(()) } else { Err(LabError::PortsTaken { taken: first_of(&taken) }) }
}

/// The first of them, and how many more there are.
fn first_of(taken: &[impl AsRef<str>]) -> String {
    let first = taken.iter().take(NAMED).map(AsRef::as_ref).collect::<Vec<_>>().join("; ");
    match taken.len().saturating_sub(NAMED) {
        0 => first,
        1 => format!("{first}; so is 1 more port of the lab"),
        more => format!("{first}; so are {more} more ports of the lab"),
    }
}

/// Which of these ports of this machine are taken, and by whom; each is named by what it is for.
pub fn taken(ports: &BTreeMap<u16, Said>) -> Vec<Said> {
    ports.iter().filter_map(|(port, name)| taken_by(*port, name)).collect()
}

/// That a port is taken, with its holder where it can be found.
fn taken_by(port: u16, name: impl Into<Arg>) -> Option<Said> {
    let cause = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).err()?;
    let (holder, port) = (holder(port), Arg::text(port));
    Some(match (cause.kind(), holder) {
        (io::ErrorKind::AddrInUse, Some(holder)) => in_use_by(port, name, holder),
        (io::ErrorKind::AddrInUse, None) => in_use_by_hidden(port, name),
        _ => unusable(port, name, Arg::text(cause)),
    })
}

/// Who listens on a TCP port, as `pid 123 (java kafka.Kafka)`.
fn holder(port: u16) -> Option<String> {
    let inodes: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| table.lines().filter_map(|line| listener(line, port)).collect::<Vec<_>>())
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    let pid = process::pids().find(|pid| {
        fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten().any(|entry| {
            fs::read_link(entry.path())
                .is_ok_and(|target| inodes.iter().any(|inode| target.as_os_str() == inode.as_str()))
        })
    })?;
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let arguments: Vec<String> =
        bytes.split(|b| *b == 0).map(|a| String::from_utf8_lossy(a).into_owned()).collect();
    Some(format!("pid {pid} ({})", redact::mask(&text::cut(&short(&arguments), 60))))
}

/// The inode of a line of `/proc/net/tcp`, where it listens on the port.
fn listener(line: &str, port: u16) -> Option<String> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let (_, local_port) = fields.get(1)?.rsplit_once(':')?;
    let listens = *fields.get(3)? == "0A" && u16::from_str_radix(local_port, 16) == Ok(port);
    if listens { fields.get(9).map(|&inode| inode.to_owned()) } else { None }
}

/// Program and first argument that is not an option; of Java, the main class.
fn short(arguments: &[String]) -> String {
    let program = arguments.first().map_or("", |a| a.rsplit('/').next().unwrap_or(a));
    let mut rest = arguments.iter().skip(1).filter(|a| !a.is_empty());
    let mut what = "";
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "-cp" | "-classpath" | "--class-path" => drop(rest.next()),
            option if option.starts_with('-') => {}
            other => {
                what = other;
                break;
            }
        }
    }
    format!("{program} {what}").trim().to_owned()
}

messages! {
    area "lab-ports";
    in_use_by(port, name, holder) => "port {port}, for `{name}`, is in use by {holder}" / "port {port}, pour `{name}`, est pris par {holder}";
    in_use_by_hidden(port, name) => "port {port}, for `{name}`, is in use by a process that is not visible to this user" / "port {port}, pour `{name}`, est pris par un processus que cet utilisateur ne voit pas";
    unusable(port, name, cause) => "port {port}, for `{name}`, cannot be used: {cause}" / "port {port}, pour `{name}`, est inutilisable : {cause}";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Cache, Options, services::members};

    #[test]
    fn a_taken_port_is_named_with_its_holder() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut member = members(&Options::new("/lab", Cache::at("/cache"))).remove(0);
        (member.port, member.metrics_port) = (port, None);
        let error = check(&[member.clone()]).unwrap_err().to_string();
        assert!(error.contains(&format!("port {port}, for `source-zookeeper`, is in use by pid")), "{error}");
        assert!(error.contains(&format!("pid {}", std::process::id())), "{error}");
        drop(listener);
        // Somebody's connection may get the port for a moment.
        let free = || check(&[member.clone()]).is_ok();
        let wait = || std::thread::sleep(std::time::Duration::from_millis(100));
        assert!((0..100).any(|_| free() || (wait(), false).1), "it stays taken");
    }

    #[test]
    fn many_taken_ports_are_counted() {
        let taken: Vec<String> =
            (1..=12).map(|port| format!("port {port}, for `x`, is in use by pid 7")).collect();
        let said = first_of(&taken);
        assert!(said.contains("port 3,") && !said.contains("port 4,"), "{said}");
        assert!(said.ends_with("; so are 9 more ports of the lab"), "{said}");
        assert_eq!(first_of(&taken[..1]), taken[0]);
        assert!(first_of(&taken[..4]).ends_with("; so is 1 more port of the lab"));
    }

    #[test]
    fn java_is_named_by_its_main_class() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            short(&words("/usr/bin/java -Xmx1g -cp libs/* kafka.Kafka a.properties")),
            "java kafka.Kafka"
        );
        assert_eq!(short(&words("prometheus --config.file=x")), "prometheus");
    }
}
