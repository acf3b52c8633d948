//! Stories with a scripted server.

use std::future::{pending, ready};
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::SecretString;

use super::*;
use crate::net::peer::{Peer, Step, hear, say};
use crate::net::{self, Login, Obstacle, What};

const PATIENCE: Duration = Duration::from_secs(20);
const IMPATIENCE: Duration = Duration::from_millis(60);

fn settings(peer: &Peer, tls: Tls) -> Settings {
    Settings {
        name: "support".to_owned(),
        host: "localhost".to_owned(),
        port: peer.port,
        tls,
        login: Login::new("support", "se\"cret"),
        folder: Which::Named("INBOX".to_owned()),
        poll: PATIENCE,
        idle_timeout: PATIENCE,
        exchange_timeout: PATIENCE,
        message_bytes_max: 1000,
        ca_file: Some(peer.ca_file.clone()),
    }
}

/// Greeting, login, capabilities, INBOX with three messages, and then this.
fn opened(capabilities: &str, then: impl IntoIterator<Item = Step>) -> Vec<Step> {
    let mut steps = vec![
        say("* OK [CAPABILITY IMAP4rev1] hello\r\n"),
        hear(r#"LOGIN "support" "se\"cret""#),
        say("{tag} OK welcome\r\n"),
        hear("CAPABILITY"),
        say(format!("* CAPABILITY IMAP4rev1 {capabilities}\r\n{{tag}} OK\r\n")),
        hear("SELECT \"INBOX\""),
        say("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ids\r\n* OK [UIDNEXT 12] next\r\n{tag} OK [READ-WRITE] open\r\n"),
    ];
    steps.extend(then);
    steps
}

async fn open(peer: &Peer) -> Session {
    let mut session = Session::connect(&settings(peer, Tls::None)).await.unwrap();
    assert_eq!(session.select().await.unwrap(), Selected { uid_validity: 7, uid_next: Some(12), exists: 3 });
    session
}

/// A session for one exchange with a server that offers all, and says this.
async fn opened_with(then: impl IntoIterator<Item = Step>) -> (Session, Peer) {
    let peer = Peer::play([opened("IDLE MOVE UIDPLUS", then)]).await;
    (open(&peer).await, peer)
}

fn failure(error: &anyhow::Error) -> &Failure {
    error.downcast_ref().unwrap()
}

async fn refused(greeting: Vec<Step>, tls: Tls) -> String {
    let peer = Peer::play([greeting]).await;
    let error = Session::connect(&settings(&peer, tls)).await.unwrap_err();
    let heard = peer.heard().await;
    assert!(!heard.iter().any(|line| line.contains("LOGIN")), "{heard:?}");
    format!("{error:#}")
}

#[tokio::test]
async fn a_folder_is_listed_and_fetched_by_uid() {
    let (mut session, peer) = opened_with([
        hear("UID FETCH 9:* (UID RFC822.SIZE INTERNALDATE FLAGS)"),
        say(
            "* 2 FETCH (UID 9 FLAGS (\\Answered \\Seen) RFC822.SIZE 5 INTERNALDATE \" 1-Jan-2026 10:00:00 +0100\")\r\n",
        ),
        say("* 1 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 4 FLAGS () RFC822.SIZE 3 INTERNALDATE \"x\")\r\n"),
        say("* 3 FETCH (RFC822.SIZE 6 INTERNALDATE \"x\" FLAGS (\\Deleted) UID 11)\r\n{tag} OK\r\n"),
        hear("UID FETCH 9:11,20 (UID BODY.PEEK[])"),
        say("* 3 FETCH (UID 11 BODY[] {6}\r\nA: b\r\n)\r\n* 9 FETCH (UID 99 BODY[] {1}\r\nx)\r\n"),
        say("* 2 FETCH (BODY[] {5}\r\nA: \r\n UID 9)\r\n* 3 FETCH (UID 10 BODY[] NIL)\r\n"),
        say("* 4 FETCH (UID 20 BODY[] {0}\r\n)\r\n{tag} OK\r\n"),
    ])
    .await;
    let listed = session.list_from(9).await.unwrap();
    let first = Listed {
        uid: 9,
        size: Some(5),
        internal_date: Some("2026-01-01T09:00:00Z".parse().unwrap()),
        answered: true,
        deleted: false,
    };
    assert_eq!(listed, [first, Listed { uid: 11, size: Some(6), internal_date: None, answered: false, deleted: true }]);
    let given = session.fetch(&[11, 9, 10, 20]).await;
    given.ended.unwrap();
    assert_eq!(
        given.mails,
        [Fetched { uid: 11, raw: (*b"A: b\r\n").into() }, Fetched { uid: 9, raw: (*b"A: \r\n").into() }]
    );
    peer.heard().await;
}

#[tokio::test]
async fn the_folder_for_junk_is_found_by_what_the_server_says_of_it() {
    let listed =
        "* LIST (\\HasNoChildren \\Sent) \"/\" Sent\r\n* LIST (\\HasNoChildren \\Junk) \"/\" \"Ind&AOk-sirables\"\r\n";
    for (capabilities, command) in [
        ("IDLE SPECIAL-USE", "LIST (SPECIAL-USE) \"\" \"*\""),
        // Exchange Online says it without the extension.
        ("IDLE", "LIST \"\" \"*\""),
    ] {
        let peer = Peer::play([opened(capabilities, [])
            .into_iter()
            .take(5)
            .chain([
                hear(command),
                say(format!("{listed}{{tag}} OK\r\n")),
                hear("SELECT \"Ind&AOk-sirables\""),
                say("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ids\r\n* OK [UIDNEXT 12] next\r\n{tag} OK [READ-WRITE] open\r\n"),
            ])
            .collect::<Vec<_>>()])
        .await;
        let settings = Settings { folder: Which::Junk, ..settings(&peer, Tls::None) };
        let mut session = Session::connect(&settings).await.unwrap();
        assert!(session.find_watched().await.unwrap());
        assert_eq!(session.watched(), "Indésirables");
        session.select().await.unwrap();
        peer.heard().await;
    }
}

#[tokio::test]
async fn a_server_without_a_folder_for_junk_has_nothing_to_watch() {
    for answer in ["* LIST () \"/\" INBOX\r\n{tag} OK\r\n", "{tag} NO not now\r\n"] {
        let steps = opened("IDLE", []).into_iter().take(5).chain([hear("LIST \"\" \"*\""), say(answer)]);
        let peer = Peer::play([steps.collect::<Vec<_>>()]).await;
        let settings = Settings { folder: Which::Junk, ..settings(&peer, Tls::None) };
        let mut session = Session::connect(&settings).await.unwrap();
        assert!(!session.find_watched().await.unwrap());
    }
}

#[tokio::test]
async fn a_large_mail_is_fetched_in_part() {
    let (mut session, _peer) = opened_with([
        hear("UID FETCH 9 (UID BODY.PEEK[HEADER]<0.100> BODY.PEEK[TEXT]<0.100>)"),
        say("* 2 FETCH (UID 9 BODY[TEXT]<0> {4}\r\ntext BODY[HEADER]<0> {8}\r\nA: b\r\n\r\n)\r\n{tag} OK\r\n"),
        hear("UID FETCH 8 "),
        say("{tag} OK\r\n"),
    ])
    .await;
    assert_eq!(session.fetch_header_and_text(9, 100).await.unwrap().unwrap(), (b"A: b\r\n\r\ntext".to_vec(), true));
    assert_eq!(session.fetch_header_and_text(8, 100).await.unwrap(), None);
}

#[tokio::test]
async fn a_refused_fetch_keeps_what_came_and_the_session_goes_on() {
    let (mut session, _peer) = opened_with([
        hear("UID FETCH 9,11 "),
        say("* 2 FETCH (UID 9 BODY[] {5}\r\nA: \r\n)\r\n{tag} NO [SERVERBUG] disk\u{7} full\r\n"),
        hear("UID FETCH 11 "),
        say("{tag} BAD what\r\n"),
        hear("NOOP"),
        say("{tag} OK\r\n"),
    ])
    .await;
    let given = session.fetch(&[9, 11]).await;
    assert_eq!(given.mails, [Fetched { uid: 9, raw: (*b"A: \r\n").into() }]);
    let failure = given.ended.unwrap_err();
    assert!(matches!(&failure, Failure::Refused { command, .. } if command == "UID FETCH"), "{failure}");
    assert!(!failure.to_string().contains('\u{7}'), "{failure}");
    assert!(matches!(session.fetch(&[11]).await.ended, Err(Failure::Refused { .. })));
    session.exchange("NOOP", |_| ()).await.unwrap();
}

#[tokio::test]
async fn a_message_that_cannot_be_measured_is_listed_all_the_same() {
    let (mut session, _peer) = opened_with([
        hear("UID FETCH 1:* (UID RFC822.SIZE INTERNALDATE FLAGS)"),
        say("* 1 FETCH (UID 4 RFC822.SIZE 3 INTERNALDATE \" 1-Jan-2026 10:00:00 +0000\" FLAGS ())\r\n{tag} NO damaged\r\n"),
        hear("UID FETCH 1:* (UID INTERNALDATE FLAGS)"),
        say("* 2 FETCH (UID 5 INTERNALDATE \" 2-Jan-2026 10:00:00 +0000\" FLAGS (\\Answered))\r\n{tag} NO damaged\r\n"),
        hear("UID FETCH 1:* (UID FLAGS)"),
        say("* 1 FETCH (UID 4 FLAGS ())\r\n* 2 FETCH (UID 5 FLAGS ())\r\n* 3 FETCH (UID 6 FLAGS ())\r\n{tag} OK\r\n"),
        hear("UID FETCH 6 (UID RFC822.SIZE"),
        say("{tag} NO damaged\r\n"),
    ])
    .await;
    let listed = session.list_from(1).await.unwrap();
    let known: Vec<_> =
        listed.iter().map(|one| (one.uid, one.size, one.internal_date.is_some(), one.answered)).collect();
    assert_eq!(known, [(4, Some(3), true, false), (5, None, true, true), (6, None, false, false)]);
    assert!(matches!(session.measure(6).await, Err(Failure::Refused { .. })));
}

#[tokio::test]
async fn a_cut_fetch_is_an_error_and_ends_the_session() {
    for last in
        ["", "* BYE shutting down\r\n", "* 3 FETCH (UID 11 BODY[] {60}\r\nA: ", "* nonsense of Marie's mail\r\n"]
    {
        let (mut session, _peer) =
            opened_with([hear("UID FETCH"), say("* 2 FETCH (UID 9 BODY[] {5}\r\nA: \r\n)\r\n"), say(last)]).await;
        let given = session.fetch(&[9, 11]).await;
        assert_eq!(given.mails.len(), 1);
        let failure = given.ended.unwrap_err();
        assert!(matches!(&failure, Failure::Lost(what) if !what.contains("Marie")), "{last:?} {failure}");
        assert!(session.fetch(&[9]).await.ended.unwrap_err().to_string().contains("did not end"));
    }
}

#[tokio::test]
async fn a_server_that_stops_in_a_literal_is_left() {
    let (mut session, peer) =
        opened_with([hear("UID FETCH"), say("* 2 FETCH (UID 9 BODY[] {500}\r\nA: "), Step::Ignore]).await;
    session.settings.exchange_timeout = IMPATIENCE;
    let failure = session.fetch(&[9]).await.ended.unwrap_err();
    assert!(failure.to_string().contains("did not answer"), "{failure}");
    drop(session);
    peer.heard().await;
}

#[tokio::test]
async fn a_server_that_announces_too_much_is_left() {
    let (mut session, _peer) =
        opened_with([hear("UID FETCH"), say("* 2 FETCH (UID 9 BODY[] {500000000}\r\nA: "), Step::Ignore]).await;
    let failure = session.fetch(&[9]).await.ended.unwrap_err();
    assert!(failure.to_string().contains("500000000"), "{failure}");
}

#[tokio::test]
async fn a_server_that_nests_without_end_is_left() {
    let deep = format!("* 1 FETCH (UID 9 BODYSTRUCTURE {}", "(".repeat(100_000));
    let (mut session, _peer) = opened_with([hear("UID FETCH"), say(deep), Step::Ignore]).await;
    assert!(matches!(session.fetch(&[9]).await.ended, Err(Failure::Lost(_))));
}

#[tokio::test]
async fn a_renumbered_folder_ends_the_session() {
    let (mut session, _peer) =
        opened_with([hear("UID FETCH"), say("* OK [UIDVALIDITY 8] renumbered\r\n{tag} OK\r\n")]).await;
    assert!(session.list_from(1).await.unwrap_err().to_string().contains("UIDVALIDITY"));
}

#[tokio::test]
async fn an_exchange_dropped_half_way_ends_the_session() {
    let (mut session, _peer) = opened_with([hear("UID FETCH"), Step::Ignore]).await;
    tokio::select! {
        biased;
        _ = session.fetch(&[9]) => unreachable!(),
        () = tokio::task::yield_now() => {}
    }
    assert!(matches!(session.fetch(&[9]).await.ended, Err(Failure::Lost(_))));
}

#[tokio::test]
async fn handled_mail_is_moved_into_a_folder_that_is_created_once() {
    let (mut session, peer) = opened_with([
        hear("UID MOVE 9,11 \"Trait&AOk-s\""),
        say("{tag} NO [TRYCREATE] no such folder\r\n"),
        hear("CREATE \"Trait&AOk-s\""),
        say("{tag} OK\r\n"),
        hear("SUBSCRIBE \"Trait&AOk-s\""),
        say("{tag} NO what for\r\n"),
        hear("UID MOVE 9,11 \"Trait&AOk-s\""),
        say("* OK [COPYUID 8 9,11 1:2]\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n{tag} OK\r\n"),
        hear("UID MOVE 12 "),
        say("{tag} NO [OVERQUOTA] full\r\n"),
        hear("CREATE"),
        say("{tag} NO [ALREADYEXISTS] is there\r\n"),
        hear("LIST \"\" \"Trait&AOk-s\""),
        say("* LIST (\\HasNoChildren) \"/\" Trait&AOk-s\r\n{tag} OK\r\n"),
    ])
    .await;
    session.file_away(&[11, 9], "Traités").await.unwrap();
    assert!(session.file_away(&[12], "Traités").await.unwrap_err().to_string().contains("full"));
    peer.heard().await;
}

#[tokio::test]
async fn without_move_only_our_own_copies_are_expunged() {
    let steps = |last: &[Step]| {
        let mut steps = vec![
            hear("UID COPY 9 \"Done\""),
            say("{tag} OK\r\n"),
            hear("UID STORE 9 +FLAGS.SILENT (\\Deleted)"),
            say("{tag} OK\r\n"),
        ];
        steps.extend_from_slice(last);
        steps.extend([hear("NOOP"), say("{tag} OK\r\n")]);
        steps
    };
    for (capabilities, last) in [("UIDPLUS", vec![hear("UID EXPUNGE 9"), say("{tag} OK\r\n")]), ("", vec![])] {
        let peer = Peer::play([opened(capabilities, steps(&last))]).await;
        let mut session = open(&peer).await;
        assert_eq!(session.file_away(&[9], "Done").await.unwrap(), Filed::Moved);
        session.exchange("NOOP", |_| ()).await.unwrap();
        peer.heard().await;
    }
}

#[tokio::test]
async fn a_folder_is_made_where_the_server_has_peoples_folders() {
    let (mut session, peer) = opened_with([
        hear("UID MOVE 9 \"Faits\""),
        say("{tag} NO no such namespace\r\n"),
        hear("CREATE \"Faits\""),
        say("{tag} NO [CANNOT] begins with wrong namespace\r\n"),
        hear("LIST \"\" \"Faits\""),
        say("{tag} OK\r\n"),
        hear("NAMESPACE"),
        say("* 4 EXISTS\r\n* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\r\n{tag} OK\r\n"),
        hear("UID MOVE 9 \"INBOX.Faits\""),
        say("{tag} NO [TRYCREATE] not there\r\n"),
        hear("CREATE \"INBOX.Faits\""),
        say("{tag} OK\r\n"),
        hear("SUBSCRIBE \"INBOX.Faits\""),
        say("{tag} OK\r\n"),
        hear("UID MOVE 9 \"INBOX.Faits\""),
        say("{tag} OK\r\n"),
        hear("UID MOVE 10 \"INBOX.Faits\""),
        say("{tag} OK\r\n"),
    ])
    .await;
    for uid in [9, 10] {
        assert_eq!(session.file_away(&[uid], "Faits").await.unwrap(), Filed::Moved);
    }
    assert_eq!(session.wait(pending()).await.unwrap(), Woken::News);
    peer.heard().await;
}

#[tokio::test]
async fn a_copy_that_cannot_be_taken_out_of_the_folder_is_not_made_twice() {
    let steps = vec![
        hear("UID COPY 9 \"Done\""),
        say("{tag} OK\r\n"),
        hear("UID STORE 9 "),
        say("{tag} NO [NOPERM] you may not delete\r\n"),
    ];
    let peer = Peer::play([opened("", steps)]).await;
    let filed = open(&peer).await.file_away(&[9], "Done").await.unwrap();
    assert!(matches!(&filed, Filed::Copied { said } if said.contains("may not delete")), "{filed:?}");
    peer.heard().await;
}

#[tokio::test]
async fn idle_ends_with_news_and_they_stay_news_until_listed() {
    let (mut session, _peer) = opened_with([
        hear("IDLE"),
        say("+ idling\r\n* OK Still here\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 2 EXPUNGE\r\n* 3 EXISTS\r\n"),
        hear("DONE"),
        say("A0004 OK\r\n"),
        hear("UID FETCH"),
        say("{tag} OK\r\n"),
        hear("IDLE"),
        say("+ idling\r\n"),
        hear("DONE"),
        say("A0006 OK\r\n"),
    ])
    .await;
    assert_eq!(session.wait(pending()).await.unwrap(), Woken::News);
    assert_eq!(session.wait(pending()).await.unwrap(), Woken::News);
    session.list_from(1).await.unwrap();
    assert_eq!(session.wait(ready(())).await.unwrap(), Woken::Interrupted);
}

#[tokio::test]
async fn news_told_during_another_exchange_are_not_slept_over() {
    let (mut session, _peer) =
        opened_with([hear("UID FETCH"), say("* 1 EXPUNGE\r\n* 2 EXISTS\r\n* 3 EXISTS\r\n{tag} OK\r\n")]).await;
    session.list_from(1).await.unwrap();
    assert_eq!(session.wait(pending()).await.unwrap(), Woken::News);
}

#[tokio::test]
async fn a_poll_beside_idle_finds_what_idle_did_not_tell() {
    let (mut session, _peer) = opened_with([
        hear("IDLE"),
        say("+ idling\r\n"),
        hear("DONE"),
        say("A0004 OK\r\n"),
        hear("UID FETCH"),
        say("* 4 EXISTS\r\n{tag} OK\r\n"),
    ])
    .await;
    session.settings.poll = IMPATIENCE;
    assert_eq!(session.wait(pending()).await.unwrap(), Woken::PollDue);
    session.list_from(12).await.unwrap();
    assert_eq!(session.wait(pending()).await.unwrap(), Woken::News);
}

#[tokio::test]
async fn a_server_without_idle_or_with_a_broken_one_is_polled() {
    let refusal = [hear("IDLE"), say("{tag} NO not today\r\n")];
    let unasked_end = [hear("IDLE"), say("+ idling\r\n{tag} OK enough\r\n")];
    for (capabilities, idle) in [("", &[][..]), ("IDLE", &refusal), ("IDLE", &unasked_end)] {
        let mut steps = idle.to_vec();
        for _ in 0..2 {
            steps.extend([hear("NOOP"), say("{tag} OK\r\n"), hear("UID FETCH"), say("{tag} OK\r\n")]);
        }
        steps.extend([hear("NOOP"), say("* 4 EXISTS\r\n{tag} OK\r\n")]);
        let peer = Peer::play([opened(capabilities, steps)]).await;
        let mut session = open(&peer).await;
        session.settings.idle_timeout = IMPATIENCE;
        for _ in 0..2 {
            assert_eq!(session.wait(pending()).await.unwrap(), Woken::PollDue);
            session.list_from(1).await.unwrap();
        }
        assert_eq!(session.wait(pending()).await.unwrap(), Woken::News);
        peer.heard().await;
    }
}

#[tokio::test]
async fn a_connection_that_dies_in_idle_is_noticed() {
    let cut = vec![hear("IDLE"), say("+ idling\r\n")];
    let bye = vec![hear("IDLE"), say("+ idling\r\n* BYE\r\n"), Step::Ignore];
    let silent = vec![hear("IDLE"), say("+ idling\r\n"), hear("DONE"), Step::Ignore];
    for steps in [cut, bye, silent] {
        let (mut session, _peer) = opened_with(steps).await;
        session.settings.idle_timeout = IMPATIENCE;
        session.settings.exchange_timeout = IMPATIENCE;
        let error = session.wait(pending()).await.unwrap_err();
        assert!(matches!(failure(&error), Failure::Lost(_)), "{error}");
    }
}

#[tokio::test]
async fn tls_is_spoken_from_the_start_or_after_starttls() {
    let implicit = [vec![Step::Secure], opened("", [])].concat();
    let clear = vec![
        say("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hello\r\n"),
        hear("STARTTLS"),
        say("* CAPABILITY IMAP4rev1\r\ns OK go\r\n"),
        Step::Secure,
    ];
    let start_tls = [clear, opened("", []).split_off(1)].concat();
    for (tls, script) in [(Tls::Implicit, implicit), (Tls::StartTls, start_tls)] {
        let peer = Peer::play([script]).await;
        let mut session = Session::connect(&settings(&peer, tls)).await.unwrap();
        session.select().await.unwrap();
        session.logout().await;
        peer.heard().await;
    }
}

#[tokio::test]
async fn starttls_is_never_done_without() {
    for (answer, reason) in [
        ("s NO not here\r\n", "not here"),
        ("s BAD what\r\n", "does not offer STARTTLS"),
        ("s OK go\r\nA0001 OK you are in\r\n* CAPABILITY IMAP4rev1\r\n", "between"),
        ("", "closes the connection when TLS begins"),
    ] {
        let script = vec![say("* OK hello\r\n"), hear("STARTTLS"), say(answer)];
        let error = refused(script, Tls::StartTls).await;
        assert!(error.contains(reason), "{error}");
    }
    for (greeting, reason) in
        [("* PREAUTH you are in\r\n", "PREAUTH"), ("* BYE go away\r\n", "go away"), ("hello\r\n", "no IMAP server")]
    {
        let error = refused(vec![say(greeting)], Tls::StartTls).await;
        assert!(error.contains(reason), "{error}");
    }
}

#[tokio::test]
async fn greetings_other_than_ok_are_refused() {
    for tls in [Tls::None, Tls::Implicit] {
        for (greeting, reason) in [
            ("* PREAUTH you are in\r\n", "PREAUTH"),
            ("* BYE too many\r\n", "too many"),
            ("* 3 EXISTS\r\n", "no IMAP server"),
            ("", "closes the connection without a word"),
        ] {
            let secure = if tls == Tls::Implicit { vec![Step::Secure] } else { vec![] };
            let error = refused([secure, vec![say(greeting)]].concat(), tls).await;
            assert!(error.contains(reason), "{error}");
        }
    }
    let disabled = vec![say("* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hello\r\n")];
    assert!(refused(disabled, Tls::None).await.contains("takes no password without TLS"));
}

#[tokio::test]
async fn a_certificate_of_nobody_we_know_or_for_another_name_is_refused() {
    let peer = Peer::play([vec![Step::Secure]]).await;
    let other = Peer::play([vec![Step::Secure]]).await;
    let strange = Settings { ca_file: Some(other.ca_file.clone()), ..settings(&peer, Tls::Implicit) };
    let error = Session::connect(&strange).await.unwrap_err();
    assert!(format!("{error:#}").contains("certificate"), "{error:#}");

    let peer = Peer::play_as("elsewhere.test", [vec![Step::Secure]]).await;
    let error = Session::connect(&settings(&peer, Tls::Implicit)).await.unwrap_err();
    assert!(format!("{error:#}").contains("certificate"), "{error:#}");
}

#[tokio::test]
async fn a_refused_login_is_told_apart_and_quotes_no_password() {
    let script = vec![
        say("* OK hello\r\n"),
        hear("LOGIN"),
        say("{tag} NO [AUTHENTICATIONFAILED] support/se\"cret is wrong\r\n"),
    ];
    let peer = Peer::play([script]).await;
    let error = Session::connect(&settings(&peer, Tls::None)).await.unwrap_err();
    let Some(What::LoginRefused(said)) = error.obstacle().map(Obstacle::what) else { panic!("{error}") };
    assert!(said.contains("is wrong") && !said.contains("cret"), "{said}");
}

#[tokio::test]
async fn a_login_that_cannot_be_checked_just_now_is_no_refusal() {
    let script = vec![say("* OK hello\r\n"), hear("LOGIN"), say("{tag} NO [UNAVAILABLE] directory down\r\n")];
    let peer = Peer::play([script]).await;
    let error = Session::connect(&settings(&peer, Tls::None)).await.unwrap_err();
    assert!(matches!(error.obstacle().map(Obstacle::what), Some(What::LoginPutOff(_))), "{error}");
}

#[tokio::test]
async fn a_password_beyond_ascii_goes_by_authenticate() {
    let script = vec![
        say("* OK hello\r\n"),
        hear("AUTHENTICATE PLAIN"),
        say("+ \r\n"),
        hear("AHN1cHBvcnQAw6l0w6k="),
        say("A0001 OK\r\n"),
        hear("CAPABILITY"),
        say("* CAPABILITY IMAP4rev1\r\n{tag} OK\r\n"),
    ];
    let peer = Peer::play([script]).await;
    let settings = Settings { login: Login::new("support", "été"), ..settings(&peer, Tls::None) };
    Session::connect(&settings).await.unwrap();
    peer.heard().await;
}

fn throttled(failure: &Failure) -> Option<&str> {
    match failure.obstacle().map(Obstacle::what) {
        Some(What::Throttled(words)) => Some(words),
        _ => None,
    }
}

#[tokio::test]
async fn a_server_that_wants_fewer_connections_or_commands_is_left_alone_whatever_was_asked() {
    for answer in [
        "{tag} NO [LIMIT] Maximum number of connections from user+IP exceeded\r\n",
        "{tag} NO [ALERT] Too many simultaneous connections. (Failure)\r\n",
        "* BYE Too many connections\r\n",
    ] {
        let peer = Peer::play([vec![say("* OK hello\r\n"), hear("LOGIN"), say(answer)]]).await;
        let error = Session::connect(&settings(&peer, Tls::None)).await.unwrap_err();
        assert!(throttled(&error).is_some_and(|words| words.contains("connections")), "{error}");
        assert!(!error.obstacle().unwrap().needs_operator());
    }
    let answer = "{tag} BAD Request is throttled. Suggested Backoff Time: 299910 milliseconds\r\n";
    let steps = opened("IDLE MOVE", []).into_iter().take(6).chain([say(answer)]);
    let peer = Peer::play([steps.collect::<Vec<_>>()]).await;
    let mut session = Session::connect(&settings(&peer, Tls::None)).await.unwrap();
    assert!(throttled(&session.select().await.unwrap_err()).is_some());
    for command in ["UID FETCH 9 ", "UID MOVE 9 "] {
        let (mut session, peer) = opened_with([hear(command), say(answer)]).await;
        let failure = match command {
            "UID FETCH 9 " => session.fetch(&[9]).await.ended.unwrap_err(),
            _ => session.file_away(&[9], "Done").await.unwrap_err(),
        };
        assert!(throttled(&failure).is_some() && failure.is_put_off(), "{failure}");
        peer.heard().await;
    }
}

#[tokio::test]
async fn a_good_bye_during_the_login_is_told_in_the_servers_words() {
    let script = vec![say("* OK hello\r\n"), hear("LOGIN"), say("* BYE closed for the night\r\n")];
    let peer = Peer::play([script]).await;
    let error = Session::connect(&settings(&peer, Tls::None)).await.unwrap_err();
    let Some(What::NotNow(words)) = error.obstacle().map(Obstacle::what) else { panic!("{error}") };
    assert_eq!(words, "closed for the night");
}

#[tokio::test]
async fn a_move_that_is_put_off_makes_no_folder() {
    let (mut session, peer) =
        opened_with([hear("UID MOVE 9 \"Done\""), say("{tag} NO [INUSE] somebody else writes into it\r\n")]).await;
    let failure = session.file_away(&[9], "Done").await.unwrap_err();
    assert!(matches!(&failure, Failure::Refused { .. }) && failure.is_put_off(), "{failure}");
    peer.heard().await;
}

#[tokio::test]
async fn a_watched_folder_is_found_where_the_server_has_peoples_folders_and_asked_for_its_next_uid() {
    let steps = opened("IDLE", []).into_iter().take(5).chain([
        hear("SELECT \"Spam\""),
        say("{tag} NO Mailbox does not exist, or must be subscribed to.\r\n"),
        hear("LIST \"\" \"Spam\""),
        say("{tag} OK\r\n"),
        hear("NAMESPACE"),
        say("* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\r\n{tag} OK\r\n"),
        hear("SELECT \"INBOX.Spam\""),
        say("* 7 EXISTS\r\n* OK [UIDVALIDITY 7] ids\r\n{tag} OK [READ-WRITE] open\r\n"),
        hear("STATUS \"INBOX.Spam\" (UIDNEXT)"),
        say("* STATUS \"INBOX.Spam\" (UIDNEXT 8)\r\n{tag} OK\r\n"),
    ]);
    let peer = Peer::play([steps.collect::<Vec<_>>()]).await;
    let settings = Settings { folder: Which::Named("Spam".to_owned()), ..settings(&peer, Tls::None) };
    let mut session = Session::connect(&settings).await.unwrap();
    let selected = session.select().await.unwrap();
    assert_eq!(selected, Selected { uid_validity: 7, uid_next: Some(8), exists: 7 });
    assert_eq!(session.watched(), "INBOX.Spam");
    peer.heard().await;
}

#[tokio::test]
async fn a_folder_that_is_there_and_may_not_be_opened_has_no_namesake() {
    let steps = opened("IDLE", []).into_iter().take(5).chain([
        hear("SELECT \"Spam\""),
        say("{tag} NO [NOPERM] not yours\r\n"),
        hear("LIST \"\" \"Spam\""),
        say("* LIST () \".\" Spam\r\n{tag} OK\r\n"),
    ]);
    let peer = Peer::play([steps.collect::<Vec<_>>()]).await;
    let settings = Settings { folder: Which::Named("Spam".to_owned()), ..settings(&peer, Tls::None) };
    let error = Session::connect(&settings).await.unwrap().select().await.unwrap_err();
    assert!(matches!(error.obstacle().map(Obstacle::what), Some(What::NoFolder(..))), "{error}");
}

#[tokio::test]
async fn a_server_whose_idle_tells_late_is_asked_more_often_until_it_tells_at_once() {
    let (mut session, _peer) = opened_with([
        hear("IDLE"),
        say("+ idling\r\n"),
        hear("DONE"),
        say("* 4 EXISTS\r\nA0004 OK\r\n"),
        hear("UID FETCH"),
        say("{tag} OK\r\n"),
        hear("IDLE"),
        say("+ idling\r\n* 5 EXISTS\r\n"),
        hear("DONE"),
        say("A0006 OK\r\n"),
    ])
    .await;
    session.settings.poll = IMPATIENCE;
    assert_eq!(session.wait(pending()).await.unwrap(), Woken::News);
    assert!(session.idling.is_late);
    session.list_from(12).await.unwrap();
    session.settings.poll = PATIENCE;
    assert_eq!(session.wait(pending()).await.unwrap(), Woken::News);
    assert!(!session.idling.is_late);
}

#[test]
fn a_folder_that_shows_a_round_number_and_fewer_than_came_is_cut() {
    let shows = |exists, uid_next| Selected { uid_validity: 7, uid_next, exists }.is_cut();
    assert!(shows(1_000, Some(5_001)) && shows(10_000, Some(10_002)));
    assert!(!shows(1_000, Some(1_001)) && !shows(999, Some(5_001)) && !shows(1_000, None));
}

/// Gives out `token-1`, then `token-2`; after that another one is of no use.
#[derive(Debug, Default)]
struct Tokens(std::sync::atomic::AtomicUsize);

impl net::Bearer for Tokens {
    fn token(&self) -> BoxFuture<'_, Result<SecretString, Obstacle>> {
        let number = self.0.load(Ordering::Relaxed) + 1;
        Box::pin(ready(Ok(format!("token-{number}").into())))
    }

    fn refused<'a>(&'a self, _: &'a SecretString) -> BoxFuture<'a, bool> {
        Box::pin(ready(self.0.fetch_add(1, Ordering::Relaxed) == 0))
    }
}

/// Greeting, what the server offers, and an AUTHENTICATE that holds this message.
fn bearing(offered: &str, command: &'static str, message: &'static str, then: &[Step]) -> Vec<Step> {
    let hello = [
        say("* OK hello\r\n"),
        hear("CAPABILITY"),
        say(format!("* CAPABILITY IMAP4rev1 {offered}\r\n{{tag}} OK\r\n")),
        hear(command),
        say("+ \r\n"),
        hear(message),
    ];
    [&hello, then].concat()
}

/// `user=support^Aauth=Bearer token-1^A^A`
const FIRST_TOKEN: &str = "dXNlcj1zdXBwb3J0AWF1dGg9QmVhcmVyIHRva2VuLTEBAQ==";
/// `user=support^Aauth=Bearer token-2^A^A`
const SECOND_TOKEN: &str = "dXNlcj1zdXBwb3J0AWF1dGg9QmVhcmVyIHRva2VuLTIBAQ==";

#[tokio::test]
async fn a_token_that_is_refused_is_exchanged_for_another_one_once() {
    // The server tells why as a challenge, which has to be answered before it refuses.
    let no = [say("+ eyJzdGF0dXMiOiI0MDEifQ==\r\n"), hear(""), say("A0001 NO it has ended: token-1\r\n")];
    let yes = [say("A0001 OK\r\n"), hear("CAPABILITY"), say("* CAPABILITY IMAP4rev1\r\n{tag} OK\r\n")];
    let peer = Peer::play([
        bearing("AUTH=PLAIN AUTH=XOAUTH2", "AUTHENTICATE XOAUTH2", FIRST_TOKEN, &no),
        bearing("AUTH=XOAUTH2", "AUTHENTICATE XOAUTH2", SECOND_TOKEN, &yes),
    ])
    .await;
    let by_token = || Login::by_token("support", Arc::new(Tokens::default()));
    let settings = Settings { login: by_token(), ..settings(&peer, Tls::None) };
    Session::connect(&settings).await.unwrap();
    peer.heard().await;

    let peer = Peer::play([
        bearing("AUTH=XOAUTH2", "AUTHENTICATE XOAUTH2", FIRST_TOKEN, &no),
        bearing("AUTH=XOAUTH2", "AUTHENTICATE XOAUTH2", SECOND_TOKEN, &no),
    ])
    .await;
    let settings = Settings { login: by_token(), port: peer.port, ..settings };
    let error = Session::connect(&settings).await.unwrap_err();
    let Some(What::TokenRefused(said)) = error.obstacle().map(Obstacle::what) else { panic!("{error}") };
    assert_eq!(said, "it has ended: token-1");
    peer.heard().await;
}

#[tokio::test]
async fn a_server_that_takes_no_tokens_says_what_it_takes() {
    let hello = vec![
        say("* OK hello\r\n"),
        hear("CAPABILITY"),
        say("* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=LOGIN\r\n{tag} OK\r\n"),
    ];
    let peer = Peer::play([hello]).await;
    let login = Login::by_token("support", Arc::new(Tokens::default()));
    let error = Session::connect(&Settings { login, ..settings(&peer, Tls::None) }).await.unwrap_err();
    assert!(error.cause().contains("offers the logins PLAIN LOGIN"), "{}", error.cause());
    assert!(error.remedy().contains("and where it offers neither, by password"), "{}", error.remedy());
}

#[tokio::test]
async fn another_folder_is_looked_at_without_being_opened_and_news_of_the_open_one_are_not_missed() {
    let (mut session, _peer) = opened_with([
        hear("STATUS \"Junk\" (UIDNEXT UIDVALIDITY)"),
        say("* STATUS Junk (UIDNEXT 12 UIDVALIDITY 9)\r\n{tag} OK\r\n"),
        hear("STATUS"),
        say("* 2 EXPUNGE\r\n* 3 EXISTS\r\n{tag} NO not now\r\n"),
    ])
    .await;
    assert_eq!(session.look_at("Junk").await.unwrap(), Some(Numbers { uid_validity: 9, uid_next: 12 }));
    assert!(!session.folder.news);
    assert_eq!(session.look_at("Junk").await.unwrap(), None);
    assert_eq!(session.wait(pending()).await.unwrap(), Woken::News);
}

const LETTER: &[u8] = b"Message-ID: <1.1.abc@desk.example>\r\n\r\nVoil\xc3\xa0.\r\n";

fn sent_at() -> Timestamp {
    "2026-11-29T17:04:05Z".parse().unwrap()
}

/// The same, without a folder that was opened.
async fn logged_in_with(capabilities: &str, then: impl IntoIterator<Item = Step>) -> (Session, Peer) {
    let peer = Peer::play([opened(capabilities, []).into_iter().take(5).chain(then).collect::<Vec<_>>()]).await;
    let settings = Settings { folder: Which::Sent, ..settings(&peer, Tls::None) };
    (Session::connect(&settings).await.unwrap(), peer)
}

#[tokio::test]
async fn a_copy_is_put_into_the_folder_for_sent_mail_as_seen_and_with_its_date() {
    let (mut session, peer) = logged_in_with(
        "SPECIAL-USE",
        [
            hear("LIST (SPECIAL-USE) \"\" \"*\""),
            say("* LIST (\\HasNoChildren \\Sent) \"/\" \"Envoy&AOk-s\"\r\n{tag} OK\r\n"),
            hear("LIST \"\" \"Envoy&AOk-s\""),
            say("* LIST (\\HasNoChildren \\Sent) \"/\" \"Envoy&AOk-s\"\r\n{tag} OK\r\n"),
            hear("APPEND \"Envoy&AOk-s\" (\\Seen) \"29-Nov-2026 17:04:05 +0000\" {47}"),
            say("+ go on\r\n"),
            Step::HearLiteral("Voil\u{e0}."),
            say("* 1 EXISTS\r\n{tag} OK [APPENDUID 38505 3955] done\r\n"),
            hear("NOOP"),
            say("{tag} OK\r\n"),
        ],
    )
    .await;
    let folder = session.find_or_make_sent().await.unwrap();
    assert_eq!(folder, "Envoyés");
    session.append(&folder, LETTER, sent_at()).await.unwrap();
    session.exchange("NOOP", |_| ()).await.unwrap();
    peer.heard().await;
}

#[tokio::test]
async fn a_short_copy_need_not_wait_where_the_server_takes_such_and_a_long_one_does() {
    let long = [LETTER, &b"x".repeat(5_000)[..], b"\r\n"].concat();
    for capability in ["LITERAL+", "LITERAL-"] {
        let (mut session, peer) = logged_in_with(
            capability,
            [
                hear("APPEND \"Sent\" (\\Seen) \"29-Nov-2026 17:04:05 +0000\" {47+}"),
                Step::HearLiteral("Voil"),
                say("{tag} OK done\r\n"),
                hear("APPEND \"Sent\" (\\Seen) \"29-Nov-2026 17:04:05 +0000\" {5049}"),
                say("+\r\n"),
                Step::HearLiteral("xxx"),
                say("{tag} OK done\r\n"),
            ],
        )
        .await;
        session.append("Sent", LETTER, sent_at()).await.unwrap();
        session.append("Sent", &long, sent_at()).await.unwrap();
        peer.heard().await;
    }
}

#[tokio::test]
async fn a_copy_that_is_refused_before_it_was_sent_leaves_the_session_as_it_is() {
    let (mut session, peer) = logged_in_with(
        "",
        [
            hear("APPEND \"Sent\""),
            say("{tag} NO [OVERQUOTA] Quota exceeded\r\n"),
            hear("APPEND \"Sent\""),
            say("+ go on\r\n"),
            Step::HearLiteral("Voil"),
            say("{tag} NO [TOOBIG] too large\r\n"),
            hear("NOOP"),
            say("{tag} OK\r\n"),
        ],
    )
    .await;
    for words in ["Quota exceeded", "too large"] {
        let failure = session.append("Sent", LETTER, sent_at()).await.unwrap_err();
        assert!(matches!(&failure, Failure::Refused { said, .. } if said.contains(words)), "{failure}");
    }
    session.exchange("NOOP", |_| ()).await.unwrap();
    peer.heard().await;
}

#[tokio::test]
async fn a_folder_that_is_taken_away_is_made_again() {
    let (mut session, peer) = logged_in_with(
        "",
        [
            hear("APPEND \"Sent\""),
            say("{tag} NO [TRYCREATE] none\r\n"),
            hear("CREATE \"Sent\""),
            say("{tag} OK\r\n"),
            hear("SUBSCRIBE \"Sent\""),
            say("{tag} NO no subscriptions\r\n"),
            hear("APPEND \"Sent\""),
            say("+\r\n"),
            Step::HearLiteral("Voil"),
            say("{tag} OK\r\n"),
        ],
    )
    .await;
    session.append("Sent", LETTER, sent_at()).await.unwrap();
    peer.heard().await;
}

#[tokio::test]
async fn a_folder_for_sent_mail_that_is_missing_is_made_among_peoples_folders() {
    let (mut session, peer) = logged_in_with(
        "NAMESPACE",
        [
            hear("LIST \"\" \"*\""),
            say("* LIST (\\HasChildren) \".\" \"INBOX\"\r\n{tag} OK\r\n"),
            hear("NAMESPACE"),
            say("* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\r\n{tag} OK\r\n"),
            hear("LIST \"\" \"INBOX.Sent\""),
            say("{tag} OK\r\n"),
            hear("LIST \"\" \"Sent\""),
            say("{tag} OK\r\n"),
            hear("CREATE \"INBOX.Sent\""),
            say("{tag} OK\r\n"),
            hear("SUBSCRIBE \"INBOX.Sent\""),
            say("{tag} OK\r\n"),
        ],
    )
    .await;
    assert_eq!(session.find_or_make_sent().await.unwrap(), "INBOX.Sent");
    peer.heard().await;
}

#[tokio::test]
async fn a_copy_whose_answer_is_lost_is_looked_for() {
    for cut in ["", "* BYE shutting down\r\n"] {
        let then = [hear("APPEND \"Sent\""), say("+\r\n"), Step::HearLiteral("Voil"), say(cut)];
        let (mut session, _peer) = logged_in_with("", then).await;
        let failure = session.append("Sent", LETTER, sent_at()).await.unwrap_err();
        assert!(matches!(failure, Failure::Lost(_)), "{failure}");
    }
    let (mut session, peer) = logged_in_with(
        "",
        [
            hear("EXAMINE \"Sent\""),
            say("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ids\r\n{tag} OK [READ-ONLY] open\r\n"),
            hear("UID SEARCH HEADER MESSAGE-ID \"1.1.abc@desk.example\""),
            say("* SEARCH 12\r\n{tag} OK\r\n"),
            hear("EXAMINE \"Sent\""),
            say("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ids\r\n{tag} OK [READ-ONLY] open\r\n"),
            hear("UID SEARCH"),
            say("* SEARCH\r\n{tag} OK\r\n"),
            hear("EXAMINE \"Sent\""),
            say("{tag} NO none\r\n"),
            hear("LIST \"\" \"Sent\""),
            say("{tag} OK\r\n"),
            hear("EXAMINE \"Sent\""),
            say("{tag} NO [UNAVAILABLE] later\r\n"),
        ],
    )
    .await;
    for expected in [true, false, false] {
        assert_eq!(session.holds("Sent", "1.1.abc@desk.example").await.unwrap(), expected);
    }
    assert!(session.holds("Sent", "1.1.abc@desk.example").await.is_err());
    peer.heard().await;
}

#[tokio::test]
async fn a_server_that_stops_within_a_literal_is_left() {
    let (mut session, peer) = logged_in_with("", [hear("APPEND \"Sent\""), Step::Ignore]).await;
    session.settings.exchange_timeout = IMPATIENCE;
    let failure = session.append("Sent", LETTER, sent_at()).await.unwrap_err();
    assert!(failure.to_string().contains("did not answer"), "{failure}");
    drop(session);
    peer.heard().await;
}

#[tokio::test]
async fn how_large_a_copy_may_be_is_read_where_the_server_tells() {
    for (capability, then, expected) in [
        ("APPENDLIMIT=35651584", vec![], Some(35_651_584)),
        ("IDLE", vec![], None),
        (
            "APPENDLIMIT",
            vec![hear("STATUS \"Sent\" (APPENDLIMIT)"), say("* STATUS \"Sent\" (APPENDLIMIT 257890)\r\n{tag} OK\r\n")],
            Some(257_890),
        ),
        ("APPENDLIMIT", vec![hear("STATUS"), say("{tag} BAD what\r\n")], None),
    ] {
        let (mut session, _peer) = logged_in_with(capability, then).await;
        assert_eq!(session.append_limit("Sent").await.unwrap(), expected, "{capability}");
    }
}
