//! IMAP, line by line.

use guichet::demo::server::{Delivery, Ending, INBOX, ImapMishap, ImapMoment, Verdict};

use crate::client::{CLOSED, Client};
use crate::{mail, servers, support};

#[tokio::test]
async fn a_client_logs_in_selects_and_reads_a_mail() {
    let (post, servers) = servers().await;
    post.deliver(&support(), &mail("first")).unwrap();
    let mut client = Client::inbox(servers.imap()).await;
    let answer = client.imap("UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY.PEEK[TEXT])").await;
    assert_eq!(
        answer,
        "* 1 FETCH (UID 1 FLAGS () BODY[HEADER.FIELDS (SUBJECT)] {18}\nSubject: first\n\n BODY[TEXT] {8}\nHello.\n)\n\
         t OK Fetched"
    );
    assert!(client.imap("FETCH 1 BODY[]").await.contains(" FLAGS (\\Seen))"));
    assert_eq!(client.imap("SEARCH UNSEEN").await, "* SEARCH\nt OK Searched");
    assert_eq!(client.imap("LOGOUT").await, "* BYE See you\nt OK Done");
    assert_eq!(client.line().await, CLOSED);
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_nothing_works_before_login() {
    let (_post, servers) = servers().await;
    let mut client = Client::connect(servers.imap()).await;
    assert!(client.line().await.starts_with("* OK [CAPABILITY IMAP4rev1 "));
    assert_eq!(client.imap("SELECT INBOX").await, "t BAD Log in first");
    let refused = "t NO [AUTHENTICATIONFAILED] Wrong user or password";
    assert_eq!(client.imap("LOGIN support@desk.test wrong").await, refused);
    assert_eq!(client.imap("LOGIN nobody@desk.test secret").await, refused);
    assert!(client.imap("LOGIN support@desk.test \"secret\"").await.ends_with("Welcome"));
}

#[tokio::test]
async fn authenticate_takes_a_password_or_a_bearer_token() {
    let (_post, servers) = servers().await;
    let base64 = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
    let mut client = Client::connect(servers.imap()).await;
    client.line().await;
    client.send("t AUTHENTICATE PLAIN\r\n").await;
    assert_eq!(client.line().await, "+");
    client.send(&format!("{}\r\n", base64("\0support@desk.test\0secret"))).await;
    assert!(client.imap_answer().await.ends_with("Welcome"));

    let mut client = Client::connect(servers.imap()).await;
    client.line().await;
    let bearer = |token: &str| base64(&format!("user=support@desk.test\x01auth=Bearer {token}\x01\x01"));
    client.send(&format!("t AUTHENTICATE XOAUTH2 {}\r\n", bearer("expired"))).await;
    assert!(client.line().await.starts_with("+ eyJzdGF0dXMiOiI0MDEi"));
    client.send("\r\n").await;
    assert!(client.imap_answer().await.starts_with("t NO [AUTHENTICATIONFAILED]"));
    let command = format!("AUTHENTICATE XOAUTH2 {}", bearer("secret"));
    assert!(client.imap(&command).await.ends_with("Welcome"));
}

#[tokio::test]
async fn an_idle_client_hears_of_a_mail_at_once() {
    let (post, servers) = servers().await;
    let mut client = Client::inbox(servers.imap()).await;
    client.send("t IDLE\r\n").await;
    assert_eq!(client.line().await, "+ idling");
    servers.until_idle(1).await;
    post.deliver(&support(), &mail("first")).unwrap();
    assert_eq!(client.line().await, "* 1 EXISTS");
    client.send("DONE\r\n").await;
    assert_eq!(client.imap_answer().await, "t OK Done");
    servers.until_idle(0).await;
}

#[tokio::test]
async fn sessions_hear_of_each_others_changes() {
    let (post, servers) = servers().await;
    for subject in ["a", "b", "c"] {
        post.deliver(&support(), &mail(subject)).unwrap();
    }
    let mut one = Client::inbox(servers.imap()).await;
    let mut other = Client::inbox(servers.imap()).await;
    assert_eq!(one.imap("STORE 3 +FLAGS (\\Flagged)").await, "* 3 FETCH (FLAGS (\\Flagged))\nt OK Stored");
    assert_eq!(one.imap("CREATE Done").await, "t OK Created");
    let moved = "* OK [COPYUID 3 1:2 1:2] Moved\n* 1 EXPUNGE\n* 1 EXPUNGE\nt OK Moved";
    assert_eq!(one.imap("UID MOVE 1:2 Done").await, moved);
    post.deliver(&support(), &mail("d")).unwrap();
    // Numbers must not shift under a client that uses them (RFC 3501 §7.4.1).
    assert_eq!(other.imap("FETCH 3 UID").await, "* 3 FETCH (UID 3)\nt OK Fetched");
    let told = "* 1 EXPUNGE\n* 1 EXPUNGE\n* 2 EXISTS\n* 1 FETCH (UID 3 FLAGS (\\Flagged))\nt OK Done";
    assert_eq!(other.imap("NOOP").await, told);
    assert_eq!(one.imap("NOOP").await, "* 2 EXISTS\nt OK Done");
}

#[tokio::test]
async fn a_mail_that_came_and_went_unseen_is_not_told() {
    let (post, servers) = servers().await;
    let mut watcher = Client::inbox(servers.imap()).await;
    post.deliver(&support(), &mail("short-lived")).unwrap();
    let mut other = Client::inbox(servers.imap()).await;
    other.imap("STORE 1 +FLAGS.SILENT (\\Deleted)").await;
    assert_eq!(other.imap("EXPUNGE").await, "* 1 EXPUNGE\nt OK Expunged");
    assert_eq!(watcher.imap("NOOP").await, "t OK Done");
}

#[tokio::test]
async fn a_move_to_a_missing_folder_leaves_the_mail() {
    let (post, servers) = servers().await;
    post.deliver(&support(), &mail("a")).unwrap();
    let mut client = Client::inbox(servers.imap()).await;
    assert_eq!(client.imap("UID MOVE 1 Nowhere").await, "t NO [TRYCREATE] No such folder");
    assert_eq!(post.mails(&support(), INBOX).len(), 1);
}

#[tokio::test]
async fn folder_names_are_decoded() {
    let (post, servers) = servers().await;
    let mut client = Client::support(servers.imap()).await;
    assert_eq!(client.imap("CREATE Trait&AOk-s/2026").await, "t OK Created");
    assert_eq!(post.folders(&support()), [INBOX, "Traités", "Traités/2026"]);
    let listed = "* LIST (\\HasChildren) \"/\" \"Trait&AOk-s\"\n* LIST (\\HasNoChildren) \"/\" \"Trait&AOk-s/2026\"\n\
         t OK Done";
    assert_eq!(client.imap("LIST \"\" Trait*").await, listed);
    assert_eq!(client.imap("RENAME Trait&AOk-s \"Vu &- lu\"").await, "t OK Renamed");
    assert_eq!(post.folders(&support()), [INBOX, "Vu & lu", "Vu & lu/2026"]);
    assert_eq!(client.imap("DELETE \"Vu &- lu/2026\"").await, "t OK Deleted");
    assert!(client.imap("UNSUBSCRIBE \"Vu &- lu\"").await.starts_with("t OK"));
    assert_eq!(client.imap("LSUB \"\" %").await, "* LSUB (\\HasNoChildren) \"/\" \"INBOX\"\nt OK Done");
}

#[tokio::test]
async fn an_appended_mail_keeps_flags_and_date() {
    let (_post, servers) = servers().await;
    let mut client = Client::inbox(servers.imap()).await;
    client.send("t APPEND INBOX (\\Seen $Forwarded) \"02-Mar-2026 09:30:00 +0100\" {14}\r\n").await;
    assert_eq!(client.line().await, "+ go on");
    client.send("Subject: x\r\n\r\n\r\n").await;
    assert_eq!(client.imap_answer().await, "* 1 EXISTS\nt OK [APPENDUID 1 1] Appended");
    let fetched = "* 1 FETCH (FLAGS ($Forwarded \\Seen) INTERNALDATE \"02-Mar-2026 08:30:00 +0000\" RFC822.SIZE 14)\n\
         t OK Fetched";
    assert_eq!(client.imap("FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE)").await, fetched);
    let status = "* STATUS \"INBOX\" (MESSAGES 1 UNSEEN 0 UIDNEXT 2)\nt OK Done";
    assert_eq!(client.imap("STATUS INBOX (MESSAGES UNSEEN UIDNEXT)").await, status);
}

#[tokio::test]
async fn uid_expunge_spares_what_it_does_not_name() {
    let (post, servers) = servers().await;
    for subject in ["a", "b"] {
        post.deliver(&support(), &mail(subject)).unwrap();
    }
    let mut client = Client::inbox(servers.imap()).await;
    client.imap("STORE 1:2 +FLAGS.SILENT (\\Deleted)").await;
    assert_eq!(client.imap("UID EXPUNGE 2").await, "* 2 EXPUNGE\nt OK Expunged");
    assert_eq!(client.imap("CLOSE").await, "t OK Closed");
    assert!(post.mails(&support(), INBOX).is_empty());
    assert!(client.imap("FETCH 1 FLAGS").await.starts_with("t BAD"));
}

#[tokio::test]
async fn an_examined_folder_cannot_be_changed() {
    let (post, servers) = servers().await;
    post.deliver(&support(), &mail("a")).unwrap();
    let mut client = Client::support(servers.imap()).await;
    assert!(client.imap("EXAMINE INBOX").await.ends_with("t OK [READ-ONLY] Selected"));
    assert!(client.imap("STORE 1 +FLAGS (\\Seen)").await.starts_with("t NO [READ-ONLY]"));
    assert!(!client.imap("FETCH 1 BODY[]").await.contains("FLAGS"));
}

#[tokio::test]
async fn a_search_finds_by_flag_field_date_size_and_number() {
    let (post, servers) = servers().await;
    for (subject, at) in [("alpha", "2026-03-01T12:00:00Z"), ("beta", "2026-03-05T12:00:00Z")] {
        let raw = mail(subject);
        post.deliver_as(&support(), &raw, &Delivery::of(&raw).with_time(at.parse().unwrap())).unwrap();
    }
    let mut client = Client::inbox(servers.imap()).await;
    client.imap("STORE 2 +FLAGS (\\Seen Known)").await;
    for (criteria, found) in [
        ("ALL", " 1 2"),
        ("UNSEEN", " 1"),
        ("SEEN KEYWORD known", " 2"),
        ("SUBJECT ALPH", " 1"),
        ("FROM marie NOT SUBJECT alpha", " 2"),
        ("HEADER Message-ID <beta@client.test>", " 2"),
        ("OR SUBJECT alpha SUBJECT beta", " 1 2"),
        ("SINCE 2-Mar-2026", " 2"),
        ("BEFORE 2-Mar-2026", " 1"),
        ("ON 5-Mar-2026 UID 2:*", " 2"),
        ("LARGER 100000", ""),
        ("BODY hello 1", " 1"),
        ("UID 3:*", " 2"),
    ] {
        assert_eq!(
            client.imap(&format!("SEARCH {criteria}")).await,
            format!("* SEARCH{found}\nt OK Searched"),
            "{criteria}"
        );
    }
}

#[tokio::test]
async fn parts_and_partial_bodies_can_be_fetched() {
    let (post, servers) = servers().await;
    let raw = b"From: a@client.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\
        Content-Type: message/rfc822\n\nSubject: inner\n\ntwo\n--b--\n";
    post.deliver(&support(), raw).unwrap();
    let mut client = Client::inbox(servers.imap()).await;
    for (section, shown) in [
        ("BODY.PEEK[1]", "BODY[1] {3}\none)"),
        ("BODY.PEEK[2.1]<1.5>", "BODY[2.1]<1> {2}\nwo)"),
        ("BODY.PEEK[2.HEADER]", "BODY[2.HEADER] {18}\nSubject: inner\n\n)"),
        ("BODY.PEEK[2.MIME]", "BODY[2.MIME] {32}\nContent-Type: message/rfc822\n\n)"),
        ("BODY.PEEK[2.TEXT]", "BODY[2.TEXT] {3}\ntwo)"),
        ("BODY.PEEK[1.1]", "BODY[1.1] NIL)"),
        ("BODY.PEEK[3]", "BODY[3] NIL)"),
    ] {
        let answer = client.imap(&format!("FETCH 1 {section}")).await;
        assert_eq!(answer, format!("* 1 FETCH ({shown}\nt OK Fetched"), "{section}");
    }
}

#[tokio::test]
async fn a_mail_with_nul_bytes_can_be_fetched() {
    let (post, servers) = servers().await;
    post.deliver(&support(), b"Subject: n\0l\n\n\0\0\n").unwrap();
    let mut client = Client::inbox(servers.imap()).await;
    let answer = client.imap("FETCH 1 BODY.PEEK[TEXT]").await;
    assert_eq!(answer, "* 1 FETCH (BODY[TEXT] {4}\n\u{fffd}\u{fffd}\n)\nt OK Fetched");
}

#[tokio::test]
async fn a_malformed_command_is_answered_and_forgotten() {
    let (_post, servers) = servers().await;
    let mut client = Client::inbox(servers.imap()).await;
    assert_eq!(client.imap("SELECT Traités").await, "t BAD Cannot read the command");
    client.send("\r\n").await;
    assert_eq!(client.line().await, "* BAD Cannot read the command");
    assert_eq!(client.imap("XYZZY").await, "t BAD Cannot read the command");
    assert!(client.imap("FETCH 7 FLAGS").await.starts_with("t BAD"));
    assert_eq!(client.imap("NOOP").await, "t OK Done");
}

#[tokio::test]
async fn commands_may_be_pipelined() {
    let (_post, servers) = servers().await;
    let mut client = Client::inbox(servers.imap()).await;
    client.send("t NOOP\r\nt IDLE\r\nDONE\r\nt CAPABILITY\r\n").await;
    assert_eq!(client.imap_answer().await, "t OK Done");
    assert_eq!(client.imap_answer().await, "+ idling\nt OK Done");
    assert!(client.imap_answer().await.starts_with("* CAPABILITY IMAP4rev1"));
}

#[tokio::test]
async fn the_next_command_can_be_made_to_fail() {
    let (post, servers) = servers().await;
    post.deliver(&support(), &mail("a")).unwrap();
    let mut client = Client::inbox(servers.imap()).await;
    client.imap("CREATE Done").await;
    servers.mishaps().imap(ImapMoment::CommandIs("MOVE"), ImapMishap::No("[SERVERBUG] Not today".to_owned()));
    assert_eq!(client.imap("NOOP").await, "t OK Done");
    assert_eq!(client.imap("UID MOVE 1 Done").await, "t NO [SERVERBUG] Not today");
    assert!(client.imap("UID MOVE 1 Done").await.ends_with("t OK Moved"));
    servers.mishaps().imap(ImapMoment::Command, ImapMishap::Bye);
    assert_eq!(client.imap("NOOP").await, format!("* BYE The server goes down\n{CLOSED}"));
}

#[tokio::test]
async fn a_move_can_happen_while_its_answer_is_lost() {
    let (post, servers) = servers().await;
    post.deliver(&support(), &mail("a")).unwrap();
    let mut client = Client::inbox(servers.imap()).await;
    client.imap("CREATE Done").await;
    servers.mishaps().imap(ImapMoment::CommandIs("MOVE"), ImapMishap::AcceptThenDrop);
    assert_eq!(client.imap("UID MOVE 1 Done").await, CLOSED);
    assert_eq!(post.mails(&support(), "Done").len(), 1);
}

#[tokio::test]
async fn a_fetch_can_be_cut_in_its_middle() {
    let (post, servers) = servers().await;
    for subject in ["a", "b", "c"] {
        post.deliver(&support(), &mail(subject)).unwrap();
    }
    let mut client = Client::inbox(servers.imap()).await;
    servers.mishaps().imap(ImapMoment::CommandIs("FETCH"), ImapMishap::CutAfter(1));
    let answer = client.imap("UID FETCH 1:* BODY.PEEK[]").await;
    assert!(answer.contains("* 1 FETCH") && answer.contains("* 2 FETCH") && answer.ends_with(CLOSED), "{answer}");
    assert!(!answer.contains("Subject: b\n\nHello") && !answer.contains("* 3 FETCH"), "{answer}");
    let mut client = Client::inbox(servers.imap()).await;
    servers.mishaps().imap(ImapMoment::CommandIs("FETCH"), ImapMishap::NoAfter(2));
    let answer = client.imap("UID FETCH 1:* UID").await;
    assert_eq!(answer, "* 1 FETCH (UID 1)\n* 2 FETCH (UID 2)\nt NO The folder cannot be read to its end");
}

#[tokio::test]
async fn idle_sessions_can_be_ended_from_outside() {
    let (_post, servers) = servers().await;
    for (ending, last) in [(Ending::Bye, "* BYE The server goes down"), (Ending::Cut, CLOSED)] {
        let mut client = Client::inbox(servers.imap()).await;
        client.send("t IDLE\r\n").await;
        assert_eq!(client.line().await, "+ idling");
        servers.mishaps().end_imap_sessions(ending);
        assert_eq!(client.line().await, last);
        assert_eq!(client.line().await, CLOSED);
    }
}

#[tokio::test]
async fn a_server_may_lack_idle_and_move() {
    let (_post, servers) = servers().await;
    servers.mishaps().hide_capability("IDLE");
    servers.mishaps().hide_capability("MOVE");
    let mut client = Client::inbox(servers.imap()).await;
    let capability = client.imap("CAPABILITY").await;
    assert!(!capability.contains(" IDLE") && !capability.contains(" MOVE"), "{capability}");
    assert!(client.imap("IDLE").await.starts_with("t BAD"));
    assert!(client.imap("UID MOVE 1 INBOX").await.starts_with("t BAD"));
    servers.mishaps().clear();
    assert!(client.imap("CAPABILITY").await.contains(" IDLE"));
}

#[tokio::test]
async fn a_server_without_uidplus_tells_no_new_uids() {
    let (post, servers) = servers().await;
    post.deliver(&support(), &mail("a")).unwrap();
    servers.mishaps().hide_capability("UIDPLUS");
    let mut client = Client::inbox(servers.imap()).await;
    client.imap("CREATE Done").await;
    assert!(client.imap("UID EXPUNGE 1").await.starts_with("t BAD"));
    assert_eq!(client.imap("UID COPY 1 Done").await, "t OK Copied");
    assert_eq!(client.imap("UID MOVE 1 Done").await, "* 1 EXPUNGE\nt OK Moved");
}

#[tokio::test]
async fn a_fetch_can_stall_in_its_middle() {
    let (post, servers) = servers().await;
    post.deliver(&support(), &mail("a")).unwrap();
    let mut client = Client::inbox(servers.imap()).await;
    servers.mishaps().imap(ImapMoment::CommandIs("FETCH"), ImapMishap::StallAfter(0));
    client.send("t UID FETCH 1 (UID BODY.PEEK[])\r\n").await;
    assert!(client.line().await.starts_with("* 1 FETCH (UID 1 BODY[] {"));
    drop(servers);
    assert!(client.imap_answer().await.ends_with(CLOSED));
}

#[tokio::test]
async fn a_renumbered_folder_ends_the_sessions_that_have_it_selected() {
    let (post, servers) = servers().await;
    post.deliver(&support(), &mail("a")).unwrap();
    let mut client = Client::inbox(servers.imap()).await;
    post.renumber(&support(), INBOX);
    assert_eq!(client.imap("NOOP").await, format!("* BYE The folder is no longer what it was\n{CLOSED}"));
    let mut client = Client::support(servers.imap()).await;
    let selected = client.imap("SELECT INBOX").await;
    assert!(selected.contains("* 1 EXISTS") && selected.contains("[UIDVALIDITY 3]"), "{selected}");
}

#[tokio::test]
async fn what_the_server_found_out_about_the_author_can_be_chosen() {
    let (post, servers) = servers().await;
    let raw = mail("spoofed");
    for (verdict, shown) in [(Verdict::Fail, "dmarc=fail header.from=client.test"), (Verdict::None, "dmarc=none")] {
        let stored = post.deliver_as(&support(), &raw, &Delivery::of(&raw).with_verdict(verdict)).unwrap();
        assert!(stored.header("Authentication-Results").unwrap().contains(shown));
    }
    let mut client = Client::inbox(servers.imap()).await;
    let found = client.imap("SEARCH HEADER Authentication-Results dmarc=fail").await;
    assert_eq!(found, "* SEARCH 1\nt OK Searched");
}

#[tokio::test]
async fn everything_ends_when_the_servers_are_dropped() {
    let (_post, servers) = servers().await;
    let mut client = Client::inbox(servers.imap()).await;
    drop(servers);
    assert_eq!(client.line().await, CLOSED);
}
