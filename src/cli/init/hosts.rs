//! Mail servers: how they are written, which are likely, and which of them are there.

use std::net::{IpAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::said;

/// Host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
}

/// Nobody waits longer for a look.
const LOOK: Duration = Duration::from_secs(2);

impl Server {
    pub(super) fn new(host: &str, port: u16) -> Server {
        Server { host: host.to_owned(), port }
    }

    /// Reads `mail.example.com`, `mail.example.com:143`, `::1` or `[::1]:143`.
    pub(super) fn read(text: &str, usual_port: u16) -> Result<Server, String> {
        let (host, port) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, port)) => (host, port.strip_prefix(':').or(Some(""))),
            None if text.matches(':').count() == 1 => {
                text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)))
            }
            None => (text, None),
        };
        let is_host = host.parse::<IpAddr>().is_ok()
            || (!host.is_empty() && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_')));
        let port = port.map_or(Ok(usual_port), str::parse);
        match port {
            Ok(port) if is_host && port > 0 => Ok(Server::new(host, port)),
            _ => Err(said!(
                "{text:?} is no server: write its name, such as mail.example.com, or name and port, mail.example.com:143.",
                "{text:?} n’est pas un serveur : écrivez son nom, comme mail.exemple.com, ou son nom et son port, \
                 mail.exemple.com:143."
            )),
        }
    }

    /// As it is typed, without a port that goes without saying.
    pub(super) fn written(&self, usual_port: u16) -> String {
        match self {
            Server { host, port } if *port == usual_port => host.clone(),
            Server { host, port } if host.contains(':') => format!("[{host}]:{port}"),
            Server { host, port } => format!("{host}:{port}"),
        }
    }

    /// The value of `tls`. Ports other than the usual ones are a proxy's on this machine, else encrypted from the start.
    pub(super) fn tls(&self) -> &'static str {
        match self.port {
            993 | 465 => "implicit",
            _ if self.is_here() => "none",
            143 | 587 | 25 => "starttls",
            _ => "implicit",
        }
    }

    /// Whether it is on this machine.
    pub(super) fn is_here(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// Why nobody takes connections there; `None` where somebody does.
    pub(super) fn silence(&self) -> Option<String> {
        let (answer, answered) = mpsc::channel();
        let server = self.clone();
        thread::spawn(move || answer.send(server.connect()));
        match answered.recv_timeout(LOOK) {
            Ok(Ok(())) => None,
            Ok(Err(why)) => Some(why),
            Err(_) => Some(said!("no answer", "aucune réponse")),
        }
    }

    fn connect(&self) -> Result<(), String> {
        let addresses = (self.host.as_str(), self.port).to_socket_addrs().map_err(|error| error.to_string())?;
        let mut why = said!("the name has no address", "ce nom n’a pas d’adresse");
        for address in addresses {
            match TcpStream::connect_timeout(&address, LOOK) {
                Ok(_) => return Ok(()),
                Err(error) => why = error.to_string(),
            }
        }
        Err(why)
    }
}

/// Where a domain's mailboxes probably are, at that port or another.
pub(super) fn likely_imap(domain: &str, port: u16) -> Vec<Server> {
    let hosts = [format!("mail.{domain}"), format!("imap.{domain}"), domain.to_owned()];
    at_ports(&hosts, [993, 143], port)
}

/// Where its relay probably is, given its IMAP server, at that port or another.
pub(super) fn likely_smtp(domain: &str, imap: &str, port: u16) -> Vec<Server> {
    let hosts = [imap.to_owned(), format!("smtp.{domain}"), format!("mail.{domain}")];
    at_ports(&hosts, [465, 587], port)
}

/// Each host, at the first port first.
fn at_ports(hosts: &[String], ports: [u16; 2], first: u16) -> Vec<Server> {
    let others = ports.into_iter().filter(|port| *port != first);
    let ports: Vec<u16> = std::iter::once(first).chain(others).collect();
    hosts.iter().flat_map(|host| ports.iter().map(|port| Server::new(host, *port))).collect()
}

/// The first of these that takes a connection; all are tried at once.
pub(super) fn first_there(servers: &[Server]) -> Option<Server> {
    let (answer, answered) = mpsc::channel();
    for (rank, server) in servers.iter().enumerate() {
        let (answer, server) = (answer.clone(), server.clone());
        thread::spawn(move || answer.send((rank, server.connect().is_ok())));
    }
    drop(answer);
    let end = Instant::now() + LOOK;
    let (mut best, mut pending): (Option<usize>, Vec<usize>) = (None, (0..servers.len()).collect());
    while let Ok((rank, is_there)) = answered.recv_timeout(end.saturating_duration_since(Instant::now())) {
        pending.retain(|other| *other != rank);
        if is_there && best.is_none_or(|best| rank < best) {
            best = Some(rank);
        }
        if best.is_some_and(|best| pending.iter().all(|other| *other > best)) {
            break;
        }
    }
    best.and_then(|rank| servers.get(rank).cloned())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_server_is_a_host_with_or_without_its_port() {
        let read = |text| Server::read(text, 993).ok();
        assert_eq!(read("mail.bureau.test"), Some(Server::new("mail.bureau.test", 993)));
        assert_eq!(read("mail.bureau.test:143"), Some(Server::new("mail.bureau.test", 143)));
        assert_eq!(read("::1"), Some(Server::new("::1", 993)));
        assert_eq!(read("[::1]:1143"), Some(Server::new("::1", 1143)));
        for wrong in
            ["", "https://mail.bureau.test", "mail bureau", "mail:port", "mail:0", "mail:99999", "[::1]x", "a@b"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_written_is_what_was_read() {
        for text in ["mail.bureau.test", "mail.bureau.test:143", "[::1]:1143"] {
            assert_eq!(Server::read(text, 993).unwrap().written(993), text);
        }
    }

    #[test]
    fn the_port_tells_how_a_connection_is_encrypted() {
        let tls = |host, port| Server::new(host, port).tls();
        assert_eq!(
            [tls("mail.test", 993), tls("mail.test", 587), tls("mail.test", 9993)],
            ["implicit", "starttls", "implicit"]
        );
        assert_eq!([tls("127.0.0.1", 25), tls("localhost", 1143), tls("::1", 993)], ["none", "none", "implicit"]);
    }

    #[test]
    fn the_first_server_that_is_there_is_found() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let there = Server::new("127.0.0.1", listener.local_addr().unwrap().port());
        let not_there = Server::new("127.0.0.1", 1);
        assert_eq!(first_there(&[not_there.clone(), there.clone(), there.clone()]), Some(there.clone()));
        assert_eq!(first_there(std::slice::from_ref(&not_there)), None);
        assert!(there.silence().is_none() && not_there.silence().is_some());
    }
}
