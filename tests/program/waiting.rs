//! What letters wait for, as whoever asks `guichet outbox explain` is told; and that none is lost by it.

use std::fs;
use std::time::Duration;

use guichet::demo::server::{Post, Servers, SmtpMishap, SmtpMoment};
use tempfile::TempDir;

use crate::configuration::Configuration;
use crate::support::{Answers, Guichet, TokenServer, eventually};

const REQUEST: &str = "From: Luc <luc@client.test>\nTo: support@desk.example\nSubject: Imprimante\n\
    Message-ID: <a@client.test>\n\nElle ne sort plus rien.\n";

/// A desk with a request, whose letters have not left, and a relay that does what a test says.
struct Office {
    post: Post,
    relay: Servers,
    folder: TempDir,
}

impl Office {
    async fn open() -> Office {
        Office::open_with(|house| house).await
    }

    async fn open_with(otherwise: impl Fn(Configuration) -> Configuration) -> Office {
        let post = Post::new("mx.demo.example");
        post.add_account(&"support@desk.example".parse().unwrap(), "guichet");
        let relay = Servers::start(post.clone()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let house = Configuration::new().with_an_agent_elsewhere();
        otherwise(house.with_ports(relay.imap().port(), relay.smtp().port())).write(folder.path());
        fs::write(folder.path().join("request.eml"), REQUEST).unwrap();
        let office = Office { post, relay, folder };
        office.run(&["ingest", "request.eml"]);
        office
    }

    fn refuses(&self, moment: SmtpMoment, code: u16, words: &str) {
        self.relay.mishaps().smtp_lasting(moment, SmtpMishap::Reply(code, words.to_owned()));
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = Guichet::run(self.folder.path(), arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn serve(&self) -> Guichet {
        Guichet::serve(self.folder.path())
    }

    fn unsent(&self) -> Vec<serde_json::Value> {
        serde_json::from_str(&self.run(&["outbox", "list", "--json"])).unwrap()
    }

    /// What is said of each letter that has not left.
    fn explained(&self) -> Vec<String> {
        self.unsent().iter().map(|line| self.run(&["outbox", "explain", &line["id"].to_string()])).collect()
    }

    /// Waits until all of this is said of one letter.
    fn await_explanation(&self, words: &[&str]) {
        eventually(&format!("{words:?}"), || {
            self.explained().iter().any(|said| words.iter().all(|words| said.contains(words))).then_some(())
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_said_what_a_letter_waits_for_since_when_what_to_do_and_when_it_is_tried_next() {
    let client = || SmtpMoment::RecipientIs("luc@client.test".parse().unwrap());
    for (moment, code, reply, words) in [
        (
            SmtpMoment::EndOfData,
            550,
            "5.7.232 enough",
            &["as all letters do", "takes no more mail from us for now: 550 5.7.232 enough", "have the quota raised"][..],
        ),
        (
            SmtpMoment::EndOfData,
            554,
            "5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException",
            &["as all letters do", "while the mailbox that it is sent from is full: 554", "Empty its Sent Items"],
        ),
        (SmtpMoment::Auth, 535, "5.7.8 no", &["as all letters do", "535 5.7.8 no", "Mend user and password in [smtp]"]),
        (
            SmtpMoment::Mail,
            550,
            "5.7.1 not you",
            &["as all letters without a return path (<>) do", "550 5.7.1 not you", "Have the relay take it"],
        ),
    ] {
        let office = Office::open().await;
        office.refuses(moment, code, reply);
        let guichet = office.serve();
        office.await_explanation(
            &[words, &[": queued\nIt waits since 2", "Whether that is over is tried at 2"]].concat(),
        );
        let explained = office.explained().concat();
        assert!(!explained.contains("Nobody serves") && !explained.contains("..\n"), "{explained}");
        guichet.stop();
    }
    for (code, reply, words) in [
        (
            451,
            "4.7.1 greylisted",
            &["The relay said last: 451 4.7.1 greylisted", "Tried first 2", "(give_up_hours)"][..],
        ),
        (550, "5.1.1 nobody", &[": failed\nIt was given up 2", "550 5.1.1 nobody", "tries it at once"]),
    ] {
        let office = Office::open().await;
        office.refuses(client(), code, reply);
        let guichet = office.serve();
        office.await_explanation(words);
        guichet.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_no_token_sends_waits_and_says_so() {
    let tokens = TokenServer::start(Duration::from_secs(3600));
    let refusal = r#"{"error": "invalid_client", "error_description": "AADSTS7000222: too old"}"#;
    tokens.answers(Answers::Always(401, refusal, ""));
    let oauth2 = format!(
        "[mailbox.oauth2]\nflow = \"client_credentials\"\nclient_id = \"x\"\nclient_secret = \"y\"\ntoken_url = {:?}",
        tokens.url("token")
    );
    let by_token = |house: Configuration| {
        let house = house.without_key("[[mailbox]]", "password").and(&oauth2);
        house.with_lines("[smtp]", "password", "oauth2 = \"support\"")
    };
    let office = Office::open_with(by_token).await;
    let guichet = office.serve();
    let words =
        ["as all letters do", "the client secret has expired", "Make a new client secret", "is over is tried at 2"];
    office.await_explanation(&words);
    assert_eq!(guichet.stop().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_quota_is_used_up_no_letter_fails_the_operator_is_told_once_and_answers_leave_first() {
    let office = Office::open().await;
    let answer = ["ticket", "reply", "1", "--agent", "alex@agents.test", "--text", "Je passe."];
    office.run(&answer);
    office.refuses(SmtpMoment::EndOfData, 550, "5.7.232 enough");
    let guichet = office.serve();
    let waiting = office.unsent();
    assert!(waiting.len() > 2, "{waiting:?}");
    let refusals = || guichet.log().matches("Letters wait: ").count();
    eventually("a refusal", || (refusals() > 0).then_some(()));
    office.run(&["outbox", "resume"]);
    office.await_explanation(&["takes no more mail from us for now", "Whether that is over is tried at 2"]);
    assert_eq!(refusals(), 1, "{}", guichet.log());
    assert!(guichet.log().contains("ERROR"), "{}", guichet.log());

    office.relay.mishaps().clear();
    office.run(&["outbox", "resume"]);
    eventually("all letters", || office.unsent().is_empty().then_some(()));
    let left: Vec<String> = office.post.outside().iter().map(|(to, _)| to.to_string()).collect();
    assert!(left.len() >= waiting.len() && left[0] == "luc@client.test", "{left:?}");
    let first = String::from_utf8_lossy(&office.post.outside()[0].1).into_owned();
    assert!(first.contains("Je passe."), "{first}");
    assert_eq!(guichet.stop().code(), Some(0));
}
