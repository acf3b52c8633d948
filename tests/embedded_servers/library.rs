//! The IMAP client library that guichet itself uses.

use async_imap::extensions::idle::IdleResponse;
use async_imap::imap_proto::{Response, Status};
use async_imap::types::Fetch;
use futures_util::TryStreamExt;
use tokio::net::TcpStream;

use guichet::demo::server::{INBOX, Servers};

use crate::{mail, servers, support};

type Session = async_imap::Session<TcpStream>;

async fn session(servers: &Servers) -> Session {
    let mut client = async_imap::Client::new(TcpStream::connect(servers.imap()).await.unwrap());
    client.read_response().await.unwrap().unwrap();
    client.login("support@desk.test", "secret").await.map_err(|(error, _)| error).unwrap()
}

#[tokio::test]
async fn it_fetches_files_away_and_lists() {
    let (post, servers) = servers().await;
    for subject in ["a", "b", "c"] {
        post.deliver(&support(), &mail(subject)).unwrap();
    }
    let mut session = session(&servers).await;
    assert!(session.capabilities().await.unwrap().has_str("MOVE"));
    let inbox = session.select("INBOX").await.unwrap();
    assert_eq!((inbox.exists, inbox.uid_validity, inbox.uid_next), (3, Some(1), Some(4)));
    let items = "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[])";
    let fetched: Vec<Fetch> = session.uid_fetch("1:2", items).await.unwrap().try_collect().await.unwrap();
    assert_eq!(fetched.iter().filter_map(|fetch| fetch.uid).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(fetched[0].body().unwrap(), &*post.mails(&support(), INBOX)[0].raw);
    assert_eq!(fetched[1].envelope().unwrap().subject.as_deref(), Some(&b"b"[..]));
    assert!(fetched[0].bodystructure().is_some() && fetched[0].internal_date().is_some());

    session.create("Trait&AOk-s").await.unwrap();
    session.uid_mv("1:2", "Trait&AOk-s").await.unwrap();
    assert_eq!(post.mails(&support(), "Traités").len(), 2);
    assert_eq!(session.uid_search("HEADER Message-ID <c@client.test>").await.unwrap(), [3].into());
    session.append("Trait&AOk-s", Some("(\\Seen)"), None, b"Subject: d\r\n\r\n").await.unwrap();
    assert_eq!(session.status("Trait&AOk-s", "(MESSAGES)").await.unwrap().exists, 3);
    let listed: Vec<_> = session.list(Some(""), Some("*")).await.unwrap().try_collect().await.unwrap();
    assert_eq!(listed.iter().map(|name| name.name().to_owned()).collect::<Vec<_>>(), ["INBOX", "Trait&AOk-s"]);
    session.logout().await.unwrap();
}

#[tokio::test]
async fn it_is_woken_from_idle() {
    let (post, servers) = servers().await;
    let mut session = session(&servers).await;
    session.select("INBOX").await.unwrap();
    let mut idle = session.idle();
    idle.init().await.unwrap();
    let (wait, _interrupt) = idle.wait();
    post.deliver(&support(), &mail("a")).unwrap();
    let IdleResponse::NewData(data) = wait.await.unwrap() else { panic!("not woken") };
    assert!(matches!(data.parsed(), Response::MailboxData(_)), "{:?}", data.parsed());
    let mut session = idle.done().await.unwrap();
    session.noop().await.unwrap();
}

#[tokio::test]
async fn it_sees_the_tagged_end_of_every_pipelined_command() {
    let (post, servers) = servers().await;
    post.deliver(&support(), &mail("a")).unwrap();
    let mut session = session(&servers).await;
    session.select("INBOX").await.unwrap();
    let tags = [
        session.run_command("UID FETCH 1:* (UID BODY.PEEK[])").await.unwrap(),
        session.run_command("UID STORE 1 +FLAGS.SILENT (\\Seen)").await.unwrap(),
    ];
    let mut ended = Vec::new();
    while ended.len() < tags.len() {
        let response = session.read_response().await.unwrap().unwrap();
        if let Response::Done { tag, status, .. } = response.parsed() {
            assert_eq!(*status, Status::Ok);
            ended.push(tag.clone());
        }
    }
    assert_eq!(ended, tags);
}
