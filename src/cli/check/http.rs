//! The port of `[http] listen`: free, or held by the gateway of this very configuration.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::{Fault, Finding, LIMIT};
use crate::config::Config;
use crate::said;

/// No `/healthz` of ours is longer.
const PAGE_BYTES_MAX: u64 = 256 * 1024;

pub(super) async fn of(config: &Config, address: SocketAddr) -> Finding {
    let error = match TcpListener::bind(address).await {
        Ok(_) => return Ok(said!("{address} is free", "{address} est libre")),
        Err(error) => error,
    };
    let remedy = match error.kind() {
        ErrorKind::AddrInUse => {
            if is_ours(config, &timeout(LIMIT, page(address)).await.ok().flatten().unwrap_or_default()) {
                return Ok(said!(
                    "a gateway of this configuration answers at {address}",
                    "une passerelle de cette configuration répond à {address}"
                ));
            }
            said!(
                "Stop what listens there (`ss -ltnp` names it), or write another port into [http] listen.",
                "Arrêtez ce qui y écoute (`ss -ltnp` le nomme), ou écrivez un autre port dans [http] listen."
            )
        }
        ErrorKind::AddrNotAvailable => said!(
            "Write an address of this machine into [http] listen, such as 127.0.0.1:{}.",
            "Écrivez une adresse de cette machine dans [http] listen, comme 127.0.0.1:{}.",
            address.port()
        ),
        ErrorKind::PermissionDenied => said!(
            "Write a port from 1024 on into [http] listen: smaller ones are for root.",
            "Écrivez un port à partir de 1024 dans [http] listen\u{a0}: les plus petits sont réservés à root."
        ),
        _ => said!("Write another address into [http] listen.", "Écrivez une autre adresse dans [http] listen."),
    };
    let problem = match error.kind() {
        ErrorKind::AddrInUse => said!(
            "{address} is taken by another program, and so `guichet serve` would not start",
            "{address} est occupé par un autre programme, et `guichet serve` ne démarrerait pas"
        ),
        _ => said!(
            "nobody can listen at {address} ({error}), and so `guichet serve` would not start",
            "impossible d’écouter à {address} ({error}), et `guichet serve` ne démarrerait pas"
        ),
    };
    Err(Fault { problem, remedy })
}

/// What `/healthz` there says.
async fn page(address: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect(reachable(address)).await.ok()?;
    stream.write_all(b"GET /healthz HTTP/1.0\r\nHost: guichet\r\nConnection: close\r\n\r\n").await.ok()?;
    let mut page = Vec::new();
    stream.take(PAGE_BYTES_MAX).read_to_end(&mut page).await.ok()?;
    let page = String::from_utf8_lossy(&page).into_owned();
    page.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())
}

/// Where one listens on all addresses, it is asked at loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Whether the page tells of the mailboxes of this configuration.
fn is_ours(config: &Config, page: &str) -> bool {
    let page: Value = serde_json::from_str(page).unwrap_or_default();
    let told = page["mailboxes"].as_array().map(|mailboxes| {
        mailboxes.iter().filter_map(|mailbox| mailbox["name"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    });
    told.is_some_and(|told| config.mailboxes.iter().all(|mailbox| told.contains(&mailbox.imap.name)))
}
