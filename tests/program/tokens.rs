//! Signing in by OAuth 2.0, with a Dovecot that takes tokens and a token server that gives them out, lets them end, takes them
//! back and refuses.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::{BASE64URL_NOPAD, HEXUPPER};

use guichet::gateway::TokenKeeper;
use guichet::net::{Bearer, Obstacle};
use guichet::oauth::{Account, SealingKey, Tokens};
use guichet::store::{Store, TablesMay};
use secrecy::ExposeSecret;
use serde_json::Value;
use tempfile::TempDir;

use crate::configuration::Configuration;
use crate::support::{Answers, Delivery, Dovecot, Guichet, Postfix, TokenServer, eventually};

const SUPPORT: &str = "support@helpdesk.test";
const MARIE: &str = "marie@helpdesk.test";
const KEY: &str = "a-key-of-thirty-two-characters-or-more";
const HOUR: Duration = Duration::from_secs(3600);

/// A desk whose mailbox and relay are opened with tokens, or its mailbox alone.
struct Office {
    tokens: TokenServer,
    dovecot: Dovecot,
    _postfix: Postfix,
    folder: TempDir,
}

impl Office {
    fn open(life: Duration, oauth2: &str) -> Office {
        let tokens = TokenServer::start(life);
        let dovecot = Dovecot::start_with_tokens(tokens.port());
        let postfix = Postfix::start(&Delivery::Lmtp(dovecot.lmtp_port()));
        let folder = tempfile::tempdir().unwrap();
        let urls = format!("token_url = {:?}\ndevice_url = {:?}", tokens.url("token"), tokens.url("device"));
        let text = Configuration::new()
            .with_ports(dovecot.imap_port(), postfix.smtp_port())
            .with_store("sqlite:guichet.db")
            .with_lines("[store]", "url", &format!("url = \"sqlite:guichet.db\"\ntoken_key = {KEY:?}"))
            .with_key("[[desk]]", "addresses", &format!("[{SUPPORT:?}]"))
            .with_key("[[mailbox]]", "user", &format!("{SUPPORT:?}"))
            .with_lines(
                "[[mailbox]]",
                "password",
                &format!("[mailbox.oauth2]\nclient_id = {SUPPORT:?}\n{urls}\n{oauth2}"),
            );
        // The table within the mailbox's must be its last.
        let (before, rest) = text.text().split_once("[mailbox.oauth2]").unwrap();
        let (within, rest) = rest.split_once(oauth2).unwrap();
        let (left, after) = rest.split_once("\n\n").unwrap();
        let text = format!("{before}{}\n[mailbox.oauth2]{within}{oauth2}\n\n{after}", left.trim_start());
        fs::write(folder.path().join("guichet.toml"), text).unwrap();
        Office { tokens, dovecot, _postfix: postfix, folder }
    }

    fn run(&self, arguments: &[&str]) -> (bool, String) {
        let output = Guichet::run(self.folder.path(), arguments);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.success(), said)
    }

    fn ask_for_help(&self, subject: &str) {
        let mail = format!(
            "From: Marie <{MARIE}>\r\nTo: {SUPPORT}\r\nSubject: {subject}\r\nMessage-ID: <{}@client.test>\r\n\r\nPlease.\r\n",
            subject.len()
        );
        self.dovecot.append(SUPPORT, mail.as_bytes());
    }

    fn handled(&self, subject: &str) {
        eventually(subject, || {
            let (_, listed) = self.run(&["ticket", "list"]);
            listed.contains(subject).then_some(())
        });
    }
}

#[test]
fn the_end_of_a_sign_in_is_told_before_it_comes() {
    let office = Office::open(Duration::from_secs(3600), "flow = \"device\"");
    office.tokens.limit_sign_ins(7 * 86_400);
    office.tokens.will_sign_in(SUPPORT);
    assert!(office.run(&["login", "support"]).0);
    let (works, said) = office.run(&["check"]);
    assert!(!works && said.contains("✗ the sign-in of support: it ends on ") && said.contains("in testing"), "{said}");
    office.tokens.limit_sign_ins(180 * 86_400);
    office.tokens.will_sign_in(SUPPORT);
    assert!(office.run(&["login", "support"]).0);
    let (_, said) = office.run(&["check"]);
    assert!(said.contains("✓ the sign-in of support: good until "), "{said}");
}

#[test]
fn a_desk_signs_in_once_and_goes_on_while_tokens_end_until_they_are_taken_back() {
    let mut office = Office::open(Duration::from_secs(2), "flow = \"device\"");
    let (works, said) = office.run(&["check"]);
    assert!(!works && said.contains("nobody has signed in for") && said.contains("guichet login "), "{said}");

    office.tokens.will_sign_in(SUPPORT);
    let (works, said) = office.run(&["login", "support"]);
    assert!(works && said.contains("Open http://device.test/page and type the code WDJB-MJHT"), "{said}");
    assert!(said.contains("✓ support: signed in by IMAP"), "{said}");
    let (_, said) = office.run(&["check"]);
    assert!(said.contains("✓ mailbox support") && !said.contains("nobody has signed in"), "{said}");
    let stored = fs::read(office.folder.path().join("guichet.db")).unwrap();
    assert!(!stored.windows(8).any(|bytes| bytes == b"refresh-"), "tokens are sealed");

    let guichet = Guichet::serve(office.folder.path());
    office.ask_for_help("The first token");
    office.handled("The first token");
    // Two seconds on, the token has ended, and a connection that breaks needs another one.
    let granted = office.tokens.granted();
    eventually("another token", || {
        office.dovecot.restart();
        (office.tokens.granted() > granted).then_some(())
    });
    office.ask_for_help("Another token");
    office.handled("Another token");

    let (works, said) = office.run(&["reconcile"]);
    assert!(works, "{said}");
    // Whoever signs in and opens nothing does not take the place of who does.
    office.tokens.will_sign_in("zoe@helpdesk.test");
    let (works, said) = office.run(&["login", "support"]);
    assert!(!works && said.contains("The sign-in of before is kept"), "{said}");
    let (_, said) = office.run(&["check"]);
    assert!(said.contains("✓ mailbox support"), "{said}");

    office.tokens.revoke();
    office.dovecot.restart();
    guichet.await_log("gives no token for support, the sign-in has ended");
    guichet.await_log("guichet login support");
    office.ask_for_help("Meanwhile");
    office.tokens.will_sign_in(SUPPORT);
    assert!(office.run(&["login", "support"]).0);
    office.handled("Meanwhile");
    assert!(!guichet.log().contains("access-") && !guichet.log().contains("refresh-"));
    assert_eq!(guichet.stop().code(), Some(0));
}

#[test]
fn a_token_server_that_gives_none_is_told_with_what_to_do() {
    let office = Office::open(HOUR, "flow = \"client_credentials\"\nclient_secret = \"client-secret-value\"");
    let (_, said) = office.run(&["check"]);
    assert!(said.contains("✓ mailbox support"), "{said}");
    for (answers, cause, remedy) in [
        (
            Answers::Always(
                401,
                r#"{"error": "invalid_client", "error_description": "AADSTS7000222: too old, client-secret-value"}"#,
                "",
            ),
            "the client secret has expired: invalid_client AADSTS7000222: too old, [REDACTED]",
            "Make a new client secret",
        ),
        (
            Answers::Always(
                400,
                r#"{"error": "unauthorized_client", "error_description": "AADSTS700016: unknown"}"#,
                "",
            ),
            "it does not know the application",
            "Look at client_id in [mailbox.oauth2]",
        ),
        (
            Answers::Always(
                401,
                r#"{"error": "invalid_client", "error_description": "AADSTS700024: time"}"#,
                "Date: Mon, 30 Nov 2099 00:00:00 GMT\r\n",
            ),
            " s behind: invalid_client",
            "Set the clock",
        ),
        (
            Answers::Always(200, "<html><body>Quota reached", ""),
            "does not answer as a token server: 200, a web page",
            "token_url",
        ),
        (Answers::Always(503, "<html>Down", ""), "does not answer as a token server: 503 <html>Down", "token_url"),
        (Answers::Always(200, r#"{"access_token": 7}"#, ""), "does not answer as a token server", "token_url"),
        // What may be a token in a form that is not read is told to nobody, nor what a page repeats of the request.
        (
            Answers::Always(200, r#"{"access_token": "access-leak", "refresh_token": 5}"#, ""),
            "does not answer as a token server: 200, without a token",
            "",
        ),
        (
            Answers::Always(400, "<html>client_secret=client-secret-value", ""),
            "does not answer as a token server: 400 <html>client_secret=[REDACTED]",
            "",
        ),
        (Answers::Cut, "closes the connection without an answer", ""),
    ] {
        // What was got before is kept for an hour.
        fs::remove_file(office.folder.path().join("guichet.db")).ok();
        office.tokens.answers(answers);
        let (works, said) = office.run(&["login", "support"]);
        assert!(!works && said.contains(cause) && said.contains(remedy), "{cause}\n{said}");
        assert!(!said.contains("client-secret-value") && !said.contains("access-leak"), "{said}");
    }
}

#[tokio::test]
async fn of_many_that_need_a_token_one_asks_for_it() {
    let office = Office::open(HOUR, "flow = \"client_credentials\"\nclient_secret = \"client-secret-value\"");
    let config = guichet::config::Config::load(&office.folder.path().join("guichet.toml")).unwrap();
    let account = config.tokens[0].account().clone();
    let gateways = (0..4).map(|_| {
        let (settings, account) = (config.store.clone(), account.clone());
        async move {
            let store = Store::open_where(&settings, TablesMay::BeMade).await.unwrap();
            let tokens = Arc::new(Tokens::new(account));
            tokens.keep_in(Arc::new(TokenKeeper::new(store)), Arc::new(SealingKey::of(KEY).unwrap()));
            let asked: Vec<_> = (0..4).map(|_| tokens.token()).collect();
            let given: Vec<Result<_, Obstacle>> = futures_util::future::join_all(asked).await;
            given.into_iter().map(|token| token.unwrap().expose_secret().to_owned()).collect::<Vec<_>>()
        }
    });
    let given = futures_util::future::join_all(gateways).await.concat();
    assert_eq!((given.len(), office.tokens.granted()), (16, 1));
    assert!(given.iter().all(|token| token == "access-1"), "{given:?}");

    // The same name for another mailbox: what was given out for the first one is not shown there.
    let elsewhere = Account { opens: "support@helpdesk.test elsewhere.test".to_owned(), ..account.clone() };
    let tokens = Arc::new(Tokens::new(elsewhere));
    let store = Store::open_where(&config.store, TablesMay::BeMade).await.unwrap();
    tokens.keep_in(Arc::new(TokenKeeper::new(store)), Arc::new(SealingKey::of(KEY).unwrap()));
    assert_eq!(tokens.token().await.unwrap().expose_secret(), "access-2");
    // Where what is kept cannot be got at, nothing is asked for: it may be good once.
    let tokens = Arc::new(Tokens::new(account));
    tokens.keep_from("the store is of an older guichet".to_owned());
    let cause = tokens.token().await.unwrap_err().cause();
    assert!(cause.contains("cannot be kept: the store is of an older guichet"), "{cause}");
    assert_eq!(office.tokens.granted(), 2);
}

impl Drop for Office {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("Dovecot logged:\n{}", self.dovecot.log());
        }
    }
}

#[test]
fn a_service_account_and_a_certificate_sign_what_they_say() {
    let service = Office::open(HOUR, "flow = \"service_account\"\nkey_file = \"google.json\"");
    let folder = service.folder.path();
    openssl(
        folder,
        &[
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=app", "-keyout", "key.pem", "-out",
            "cert.pem",
        ],
    );
    openssl(folder, &["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"]);
    let key = fs::read_to_string(folder.join("key.pem")).unwrap();
    let account = serde_json::json!({
        "type": "service_account", "client_email": "guichet@project.test", "client_id": "7", "private_key": key,
        "private_key_id": "key-1", "token_uri": service.tokens.url("token"),
    });
    fs::write(folder.join("google.json"), account.to_string()).unwrap();
    let (works, said) = service.run(&["login", "support"]);
    assert!(works && said.contains("✓ support: signed in by IMAP"), "{said}");
    let claims = claims_of(folder, &service.tokens.last_asked()["assertion"], ("kid", "key-1"));
    assert_eq!(claims["iss"], "guichet@project.test");
    assert_eq!((&claims["sub"], &claims["scope"]), (&SUPPORT.into(), &"https://mail.google.com/".into()));
    assert_eq!(claims["aud"], service.tokens.url("token"));

    let application = Office::open(HOUR, "flow = \"client_credentials\"\ncertificate_file = \"app.pem\"");
    let certificate = fs::read_to_string(folder.join("cert.pem")).unwrap();
    fs::write(application.folder.path().join("app.pem"), certificate + &key).unwrap();
    let (works, said) = application.run(&["login", "support"]);
    assert!(!works && said.contains("invalid_client"), "this server knows no certificates: {said}");
    let asked = application.tokens.last_asked();
    let digest = openssl(folder, &["x509", "-in", "cert.pem", "-noout", "-fingerprint", "-sha256"]);
    let hex = String::from_utf8(digest).unwrap().trim().rsplit_once('=').unwrap().1.replace(':', "");
    let thumbprint = BASE64URL_NOPAD.encode(&HEXUPPER.decode(hex.as_bytes()).unwrap());
    let claims = claims_of(folder, &asked["client_assertion"], ("x5t#S256", &thumbprint));
    assert_eq!((&claims["iss"], &claims["sub"]), (&SUPPORT.into(), &SUPPORT.into()));
    assert!(!asked.contains_key("client_secret"), "{asked:?}");
}

/// What an assertion says, once its signature is verified by somebody else.
fn claims_of(folder: &Path, assertion: &str, (name, value): (&str, &str)) -> Value {
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    let decoded = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
    fs::write(folder.join("signed"), signed).unwrap();
    fs::write(folder.join("signature"), decoded(signature)).unwrap();
    openssl(folder, &["dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "signed"]);
    let (header, claims) = signed.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&decoded(header)).unwrap();
    assert_eq!((&header["alg"], &header[name]), (&"RS256".into(), &value.into()));
    serde_json::from_slice(&decoded(claims)).unwrap()
}

fn openssl(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
