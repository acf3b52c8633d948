//! SMTP, line by line.

use guichet::demo::server::{INBOX, SmtpMishap, SmtpMoment};
use guichet::mail::ReturnPath;

use crate::client::{CLOSED, Client};
use crate::{marie, servers, support};

const LOGIN: &str = "AUTH PLAIN AG1hcmllQGNsaWVudC50ZXN0AHNlY3JldA==";

#[tokio::test]
async fn a_mail_of_a_local_user_arrives_and_is_vouched_for() {
    let (post, servers) = servers().await;
    let mut client = Client::outside(servers.smtp()).await;
    assert_eq!(client.smtp(LOGIN).await, "235 2.7.0 Welcome");
    assert_eq!(client.smtp("MAIL FROM:<marie@client.test> SIZE=100 RET=HDRS ENVID=q1").await, "250 2.1.0 OK");
    assert_eq!(client.smtp("RCPT TO:<support+k1@desk.test> NOTIFY=FAILURE").await, "250 2.1.5 OK");
    assert_eq!(client.smtp("RCPT TO:<out@elsewhere.test>").await, "250 2.1.5 OK");
    assert_eq!(client.smtp("RCPT TO:<nobody@desk.test>").await, "550 5.1.1 No such user here");
    assert!(client.smtp("DATA").await.starts_with("354 "));
    client.send("From: marie@client.test\r\nSubject: x\r\n\r\n..dot\r\n..\r\n").await;
    assert_eq!(client.smtp(".").await, "250 2.0.0 Accepted");
    assert_eq!(client.smtp("QUIT").await, "221 Bye");
    assert_eq!(client.line().await, CLOSED);

    let mails = post.mails(&support(), INBOX);
    let results = mails[0].header("Authentication-Results").unwrap();
    assert_eq!(results, "mx.desk.test;\tdmarc=pass header.from=client.test");
    assert_eq!(mails[0].header("Delivered-To").unwrap(), "support+k1@desk.test");
    assert!(mails[0].text().ends_with("\r\n\r\n.dot\r\n.\r\n"), "{}", mails[0].text());

    let submissions = post.submissions();
    assert_eq!(submissions[0].authenticated, Some(marie()));
    assert_eq!(submissions[0].return_path, ReturnPath::Path(marie()));
    assert_eq!(submissions[0].parameters, ["SIZE=100", "RET=HDRS", "ENVID=q1"]);
    assert_eq!(submissions[0].recipients[0].1, ["NOTIFY=FAILURE"]);
    assert_eq!(post.outside()[0].0.as_str(), "out@elsewhere.test");
    assert_eq!(post.outside().len(), 1);
}

#[tokio::test]
async fn a_mail_from_outside_comes_unvouched_and_a_report_with_an_empty_path() {
    let (post, servers) = servers().await;
    let mut client = Client::outside(servers.smtp()).await;
    client.send("MAIL FROM:<>\r\nRCPT TO:<support@desk.test>\r\nDATA\r\n").await;
    for code in ["250", "250", "354"] {
        assert!(client.line().await.starts_with(code));
    }
    assert!(client.smtp("From: robot@far.test\r\n\r\nfailed\r\n.").await.starts_with("250 "));
    let mail = &post.mails(&support(), INBOX)[0];
    assert_eq!(mail.header("Return-Path").unwrap(), "<>");
    assert_eq!(mail.header("Authentication-Results").unwrap(), "mx.desk.test;\tdmarc=none header.from=far.test");
}

#[tokio::test]
async fn a_wrong_password_and_a_wrong_order_are_refused() {
    let (_post, servers) = servers().await;
    let mut client = Client::outside(servers.smtp()).await;
    assert_eq!(client.smtp("AUTH LOGIN").await, "334 VXNlcm5hbWU6");
    assert_eq!(client.smtp("bWFyaWVAY2xpZW50LnRlc3Q=").await, "334 UGFzc3dvcmQ6");
    assert_eq!(client.smtp("d3Jvbmc=").await, "535 5.7.8 Wrong user or password");
    assert!(client.smtp("RCPT TO:<support@desk.test>").await.starts_with("503 "));
    assert!(client.smtp("MAIL FROM:<marie@client.test> SIZE=99999999").await.starts_with("552 "));
    assert!(client.smtp("MAIL FROM:<not an address>").await.starts_with("553 "));
    assert!(client.smtp("MAIL TO:<a@b.test>").await.starts_with("501 "));
    assert!(client.smtp("MAIL FROM:<marie@client.test>").await.starts_with("250 "));
    assert!(client.smtp("DATA").await.starts_with("503 "));
    assert_eq!(client.smtp("RSET").await, "250 OK");
    assert!(client.smtp("BREW").await.starts_with("500 "));
}

#[tokio::test]
async fn only_a_dot_between_crlf_ends_the_text() {
    let (post, servers) = servers().await;
    let mut client = Client::outside(servers.smtp()).await;
    client.smtp("MAIL FROM:<a@far.test>").await;
    client.smtp("RCPT TO:<support@desk.test>").await;
    client.smtp("DATA").await;
    assert!(client.smtp("Subject: x\r\n\r\na\n.\r\nMAIL FROM:<b@far.test>\r\n.").await.starts_with("250 "));
    assert_eq!(client.smtp("NOOP").await, "250 OK");
    assert!(post.mails(&support(), INBOX)[0].text().ends_with("a\r\n.\r\nMAIL FROM:<b@far.test>\r\n"));
}

/// Sends one mail; the reply at each step, up to the first that is no success.
async fn attempt(client: &mut Client) -> Vec<String> {
    let mut replies = Vec::new();
    let text = "From: marie@client.test\r\n\r\nx\r\n.";
    for step in ["MAIL FROM:<marie@client.test>", "RCPT TO:<support@desk.test>", "DATA", text] {
        let reply = client.smtp(step).await;
        let refused = !reply.starts_with(['2', '3']);
        replies.push(reply);
        if refused {
            break;
        }
    }
    replies
}

#[tokio::test]
async fn every_phase_can_refuse() {
    let (post, servers) = servers().await;
    let moments = [
        SmtpMoment::Mail,
        SmtpMoment::Recipient,
        SmtpMoment::RecipientIs(support()),
        SmtpMoment::Data,
        SmtpMoment::EndOfData,
    ];
    for (moment, steps) in moments.into_iter().zip([1, 2, 2, 3, 4]) {
        let mut client = Client::outside(servers.smtp()).await;
        servers.mishaps().smtp(moment, SmtpMishap::Reply(451, "4.3.0 Later".to_owned()));
        let replies = attempt(&mut client).await;
        assert_eq!((replies.len(), replies.last().unwrap().as_str()), (steps, "451 4.3.0 Later"));
    }
    assert!(post.submissions().is_empty());
}

#[tokio::test]
async fn a_connection_can_be_cut_before_or_after_the_mail_is_taken() {
    let (post, servers) = servers().await;
    servers.mishaps().smtp(SmtpMoment::EndOfData, SmtpMishap::Drop);
    servers.mishaps().smtp(SmtpMoment::EndOfData, SmtpMishap::AcceptThenDrop);
    for taken in [0, 1] {
        let mut client = Client::outside(servers.smtp()).await;
        assert_eq!(attempt(&mut client).await.last().unwrap(), CLOSED);
        assert_eq!(post.mails(&support(), INBOX).len(), taken);
    }
}

#[tokio::test]
async fn a_server_may_be_shut_or_full() {
    let (_post, servers) = servers().await;
    servers.mishaps().smtp(SmtpMoment::Connect, SmtpMishap::Reply(554, "No".to_owned()));
    servers.mishaps().smtp(SmtpMoment::Connect, SmtpMishap::Drop);
    servers.mishaps().smtp(SmtpMoment::Mail, SmtpMishap::Reply(421, "4.7.0 Go away".to_owned()));
    let mut client = Client::connect(servers.smtp()).await;
    assert_eq!((client.line().await.as_str(), client.line().await.as_str()), ("554 No", CLOSED));
    assert_eq!(Client::connect(servers.smtp()).await.line().await, CLOSED);
    let mut client = Client::outside(servers.smtp()).await;
    assert_eq!(client.smtp("MAIL FROM:<a@far.test>").await, "421 4.7.0 Go away");
    assert_eq!(client.line().await, CLOSED);
}

#[tokio::test]
async fn a_stalled_server_answers_no_more() {
    let (_post, servers) = servers().await;
    servers.mishaps().smtp(SmtpMoment::Mail, SmtpMishap::Stall);
    let mut client = Client::outside(servers.smtp()).await;
    client.send("NOOP\r\nMAIL FROM:<a@far.test>\r\n").await;
    assert_eq!(client.line().await, "250 OK");
    drop(servers);
    assert_eq!(client.line().await, CLOSED);
}
