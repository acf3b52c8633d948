//! A name server on loopback that says what a test tells it to, over UDP and TCP, in the forms that real ones have: also
//! nothing, faults, halves, and lies.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use guichet::dns;
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter as _;
use mail_auth::dkim::DkimSigner;
use mail_auth::hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use mail_auth::hickory_resolver::proto::rr::rdata::{A, AAAA, MX, PTR, TXT};
use mail_auth::hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};

/// What is done instead of answering well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Odd {
    /// Nothing comes.
    Silent,
    /// SERVFAIL.
    Fails,
    /// The answer does not fit into UDP.
    Truncated,
    /// An answer to somebody else's question comes, under another number.
    Lies,
}

#[derive(Debug, Default)]
struct Zone {
    records: HashMap<(String, RecordType), Vec<RData>>,
    odd: HashMap<String, Odd>,
    /// Seconds that an answer counts.
    ttl: u32,
    asked: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct NameServer {
    address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
}

impl NameServer {
    pub(crate) async fn start() -> NameServer {
        let (udp, tcp) = loop {
            let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
                break (udp, tcp);
            }
        };
        let address = udp.local_addr().unwrap();
        let zone = Arc::new(Mutex::new(Zone { ttl: 300, ..Zone::default() }));
        let (over_udp, over_tcp) = (Arc::clone(&zone), Arc::clone(&zone));
        tokio::spawn(async move {
            let mut bytes = [0; 4096];
            while let Ok((length, client)) = udp.recv_from(&mut bytes).await {
                if let Some(answer) = over_udp.lock().unwrap().answer(&bytes[..length], true) {
                    let _ = udp.try_send_to(&answer, client);
                }
            }
        });
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = tcp.accept().await {
                let zone = Arc::clone(&over_tcp);
                tokio::spawn(async move {
                    while let Ok(length) = stream.read_u16().await {
                        let mut bytes = vec![0; usize::from(length)];
                        stream.read_exact(&mut bytes).await.unwrap();
                        let answer = zone.lock().unwrap().answer(&bytes, false);
                        let Some(answer) = answer else { continue };
                        stream.write_u16(u16::try_from(answer.len()).unwrap()).await.unwrap();
                        stream.write_all(&answer).await.unwrap();
                    }
                });
            }
        });
        NameServer { address, zone }
    }

    /// Settings that ask this server alone.
    pub(crate) fn settings(&self) -> dns::Settings {
        dns::Settings { servers: vec![self.address], deadline: dns::Settings::DEADLINE }
    }

    pub(crate) fn text(&self, name: &str, text: &str) {
        // A text of more than 255 bytes stands in several strings.
        let strings = text.as_bytes().chunks(255).map(|part| String::from_utf8(part.to_vec()).unwrap()).collect();
        self.add(name, RData::TXT(TXT::new(strings)));
    }

    pub(crate) fn address(&self, name: &str, address: &str) {
        self.add(
            name,
            match address.parse().unwrap() {
                std::net::IpAddr::V4(address) => RData::A(A(address)),
                std::net::IpAddr::V6(address) => RData::AAAA(AAAA(address)),
            },
        );
    }

    pub(crate) fn exchange(&self, name: &str, exchange: &str) {
        self.add(name, RData::MX(MX::new(10, exchange.parse().unwrap())));
    }

    pub(crate) fn pointer(&self, address: &str, name: &str) {
        let reverse = Name::from(address.parse::<std::net::IpAddr>().unwrap()).to_ascii();
        self.add(&reverse, RData::PTR(PTR(name.parse().unwrap())));
    }

    /// The records of a file, a line each: a name, and its text.
    pub(crate) fn texts(&self, file: &str) {
        for (name, text) in file.lines().filter_map(|line| line.split_once(' ')) {
            self.text(name, text);
        }
    }

    pub(crate) fn forget(&self, name: &str) {
        self.zone.lock().unwrap().records.retain(|(known, _), _| known != &key(name));
    }

    pub(crate) fn is(&self, name: &str, odd: Odd) {
        self.zone.lock().unwrap().odd.insert(key(name), odd);
    }

    /// It does as it should again.
    pub(crate) fn answers(&self, name: &str) {
        self.zone.lock().unwrap().odd.remove(&key(name));
    }

    pub(crate) fn ttl(&self, seconds: u32) {
        self.zone.lock().unwrap().ttl = seconds;
    }

    /// What was asked so far: `_dmarc.client.test TXT`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.zone.lock().unwrap().asked.clone()
    }

    fn add(&self, name: &str, data: RData) {
        let mut zone = self.zone.lock().unwrap();
        zone.records.entry((key(name), data.record_type())).or_default().push(data);
    }
}

/// A domain that signs its mails.
pub(crate) struct Domain {
    name: &'static str,
    key: Vec<u8>,
}

impl Domain {
    pub(crate) fn new(name: &'static str) -> Domain {
        Domain { name, key: Ed25519Key::generate_pkcs8().unwrap() }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// The server knows its key.
    pub(crate) fn publish(&self, server: &NameServer) {
        self.publish_with(server, "");
    }

    /// The same with more tags in the key's record: `t=y; `.
    pub(crate) fn publish_with(&self, server: &NameServer, tags: &str) {
        let public = data_encoding::BASE64.encode(&self.key().public_key());
        server.text(&format!("own._domainkey.{}", self.name), &format!("v=DKIM1; k=ed25519; {tags}p={public}"));
    }

    /// The mail, signed.
    pub(crate) fn sign(&self, mail: &[u8]) -> Vec<u8> {
        self.sign_fields(mail, &["From", "To", "Subject", "Message-ID"], 0)
    }

    /// The mail with these fields signed, for so many seconds from now on, or for ever.
    pub(crate) fn sign_fields(&self, mail: &[u8], fields: &[&'static str], seconds: u64) -> Vec<u8> {
        let signer = DkimSigner::from_key(self.key()).domain(self.name).selector("own").headers(fields.to_vec());
        let signer = if seconds > 0 { signer.expiration(seconds) } else { signer };
        [signer.sign(mail).unwrap().to_header().as_bytes(), mail].concat()
    }

    fn key(&self) -> Ed25519Key {
        Ed25519Key::from_pkcs8_der(&self.key).unwrap()
    }
}

fn key(name: &str) -> String {
    name.trim_end_matches('.').to_lowercase()
}

impl Zone {
    fn answer(&mut self, question: &[u8], is_udp: bool) -> Option<Vec<u8>> {
        let question = Message::from_vec(question).unwrap();
        let query = question.queries[0].clone();
        let (name, sort) = (key(&query.name().to_ascii()), query.query_type());
        self.asked.push(format!("{name} {sort}"));
        let odd = self.odd.iter().find(|(at, _)| name == **at || name.ends_with(&format!(".{at}")));
        let mut answer = Message::response(question.metadata.id, OpCode::Query);
        answer.metadata.recursion_available = true;
        let data = self.records.get(&(name.clone(), sort)).cloned().unwrap_or_default();
        let records = data.into_iter().map(|data| Record::from_rdata(query.name().clone(), self.ttl, data));
        match odd.map(|(_, odd)| *odd) {
            Some(Odd::Silent) => return None,
            Some(Odd::Fails) => answer.metadata.response_code = ResponseCode::ServFail,
            Some(Odd::Truncated) if is_udp => answer.metadata.truncation = true,
            Some(Odd::Lies) => {
                answer.metadata.id = answer.metadata.id.wrapping_add(1);
                answer.add_query(query.clone());
                let data = RData::TXT(TXT::new(vec!["v=DMARC1; p=none".to_owned()]));
                answer.add_answer(Record::from_rdata(query.name().clone(), self.ttl, data));
                return answer.to_vec().ok();
            }
            Some(Odd::Truncated) | None => {
                answer.add_answers(records);
                let exists = |(known, _): &(String, RecordType)| *known == name || known.ends_with(&format!(".{name}"));
                if !self.records.keys().any(exists) {
                    answer.metadata.response_code = ResponseCode::NXDomain;
                }
            }
        }
        answer.add_query(query);
        answer.to_vec().ok()
    }
}
