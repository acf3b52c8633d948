use std::path::Path;

use super::*;
use crate::desk::clock::{Easter, Weekend};
use crate::desk::{EscalationBy, KnownFixThresholds, LanguagePolicy, Level, Privacy};
use crate::dns;
use crate::gateway::{AuthenticationBy, KeptBy};
use crate::imap::Which;
use crate::lmtp::Listen;
use crate::mail::Language;
use crate::mail::authenticity::{Border, Place, Tenant, Witnesses};
use crate::net::{Login, Tls};

/// Every table and most keys, as an operator would write them.
const WHOLE: &str = r#"
[store]
url = "sqlite:state/guichet.db"

[[desk]]
name = "support"
display_name = "Centre d'assistance"
addresses = ["aide@bureau.test", "help@bureau.test"]
tag = "CA"
languages = ["fr", "en"]
known_fixes = "fixes"
hours = { fr = "du lundi au vendredi, 8 h à 17 h", en = "Monday to Friday, 8 to 5" }

[[mailbox]]
name = "support"
host = "127.0.0.1"
port = 10143
tls = "none"
user = "aide"
password = "tres-secret"
folder = "INBOX"
processed_folder = "Traités"
poll_seconds = 1
idle_timeout_seconds = 10
ca_file = "ca.pem"
authentication = "header"
authserv_id = "mx.bureau.test"

[smtp]
host = "127.0.0.1"
port = 10025
tls = "none"
user = "aide"
password_env = "RELAY_PASSWORD"
timeout_seconds = 8
retry_seconds = [1, 1, 2]
ca_file = ""

[limits]
message_bytes = 1_000_000
acknowledgements_per_address_per_hour = 5
letters_per_minute = 6000

[rules]
own_lists = ["tous@bureau.test"]
after_answer = "open"
suggest_from = 0.4
answer_from = 1

[[agent]]
address = "aline@bureau.test"
name = "Aline Roy"
level = "L1"

[[team]]
level = "L2"
address = "n2@bureau.test"
members = ["denis@bureau.test"]

[[vendor]]
name = "fabricant"
address = "cases@maker.test"
privacy = "full"
language = "en"
first_answer_hours = 4
escalation = "cc"
case_number = 'MK-[0-9]{5}'

[http]
listen = "127.0.0.1:8025"

[letters]
folder = "letters"

[log]
format = "json"
"#;

fn read(text: &str) -> Result<Config, Faults> {
    let variable = |name: &str| (name == "RELAY_PASSWORD").then(|| "relay-secret".to_owned());
    Config::read(text, &Surroundings { folder: Path::new("/etc/guichet"), variable: &variable })
}

fn faults_of(text: &str) -> String {
    read(text).err().expect("a faulty configuration").to_string()
}

#[test]
fn a_whole_configuration_means_what_it_says() {
    let config = read(WHOLE).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(config.store.url, "sqlite:/etc/guichet/state/guichet.db");
    let desk = &config.policy.desks[0];
    assert_eq!(
        (desk.tag.as_str(), desk.time_zone.iana_name(), desk.sub_addressing),
        ("CA", Some("America/Toronto"), false)
    );
    assert_eq!(desk.hours.len(), 2);
    assert_eq!(config.policy.known_fixes, KnownFixThresholds { suggest_from: 0.4, answer_from: 1.0 });
    assert_eq!(config.known_fixes, [("support".to_owned(), PathBuf::from("/etc/guichet/fixes"))]);
    let mailbox = &config.mailboxes[0];
    assert_eq!(mailbox.processed_folder.as_deref(), Some("Traités"));
    assert_eq!(mailbox.authentication, AuthenticationBy::Header(Border::named("mx.bureau.test")));
    assert_eq!(mailbox.imap.ca_file.as_deref(), Some(Path::new("/etc/guichet/ca.pem")));
    assert_eq!((config.smtp.ca_file, config.smtp.helo.as_str()), (None, "bureau.test"));
    assert_eq!(config.smtp.login.as_ref().and_then(Login::password), Some("relay-secret"));
    assert_eq!(config.sending.retry.len(), 3);
    assert_eq!(config.sending.give_up, Duration::from_secs(4 * 86_400));
    assert_eq!((config.message_bytes_max, config.sending.letters_per_minute), (1_000_000, 6000));
    assert_eq!(config.connections_per_server, 100);
    assert_eq!(config.policy.after_answer, AfterAnswer::Open);
    assert_eq!(config.policy.teams[0].level, Level::L2);
    let vendor = &config.policy.vendors[0];
    assert_eq!((vendor.privacy, vendor.escalation), (Privacy::Full, EscalationBy::Cc));
    assert_eq!(vendor.first_answer, Duration::from_secs(4 * 3600));
    assert_eq!(config.http, Some(([127, 0, 0, 1], 8025).into()));
    assert_eq!(config.log, Log { format: LogFormat::Json, filter: "info".to_owned() });
}

#[test]
fn the_smallest_configuration_has_defaults_for_the_rest() {
    let config = read(
        r#"
        store.url = "postgres://guichet@db.bureau.test/guichet"
        smtp.host = "smtp.bureau.test"
        [[desk]]
        name = "support"
        display_name = "Support"
        addresses = ["aide@bureau.test"]
        [[mailbox]]
        name = "main"
        host = "imap.bureau.test"
        user = "aide"
        password = "x"
        authserv_id = "mx.bureau.test"
        [[team]]
        level = "L1"
        address = "n1@bureau.test"
        "#,
    )
    .unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(config.policy.desks[0].language_policy, LanguagePolicy::Correspondent);
    assert_eq!(config.policy.teams[0].desk, None);
    let mailbox = &config.mailboxes[0];
    assert_eq!(
        (mailbox.imap.port, mailbox.imap.tls, mailbox.imap.folder.to_string()),
        (993, Tls::Implicit, "INBOX".to_owned())
    );
    assert_eq!(mailbox.processed_folder.as_deref(), None);
    let junk: Vec<_> = config.junk.iter().map(|junk| (junk.imap.name.as_str(), &junk.imap.folder)).collect();
    assert_eq!(junk, [("main/junk", &Which::Junk)]);
    assert_eq!((config.smtp.port, config.smtp.login.is_some()), (465, false));
    assert_eq!(config.policy.desks[0].languages[..], [Language::FRENCH, Language::ENGLISH]);
    assert_eq!((config.http, config.letters_folder), (None, None));
}

/// A second desk, whose team of its own is L1's or L2's.
fn second_desk(level: &str) -> String {
    format!(
        "[[desk]]\nname = \"paie\"\ndisplay_name = \"Paie\"\naddresses = [\"paie@bureau.test\"]\ntag = \"PAIE\"\n\
         language_policy = \"only\"\n[[team]]\nlevel = \"{level}\"\naddress = \"equipe-paie@bureau.test\"\ndesk = \"Paie\"\n"
    )
}

#[test]
fn a_desk_has_a_language_policy_and_may_have_a_team_of_its_own() {
    let config = read(&(WHOLE.to_owned() + &second_desk("L2"))).unwrap_or_else(|faults| panic!("{faults}"));
    let policy = config.policy;
    assert_eq!(policy.desks[1].language_policy, LanguagePolicy::Only);
    assert_eq!(policy.team("paie", Level::L2).unwrap().address.as_str(), "equipe-paie@bureau.test");
    assert_ne!(policy.team("support", Level::L2).unwrap().address.as_str(), "equipe-paie@bureau.test");
}

#[test]
fn every_desk_has_somebody_at_the_first_level() {
    let of_pay = WHOLE.replace("level = \"L1\"", "level = \"L1\"\ndesk = \"paie\"");
    let faults = faults_of(&(of_pay + &second_desk("L2")));
    assert!(faults.contains("nobody works at L1 of \"support\""), "{faults}");
    let faults = faults_of(&WHOLE.replace("tag = \"CA\"", "tag = \"CA\"\nlanguage_policy = \"french\""));
    assert!(faults.contains("language_policy = \"french\" is not known"), "{faults}");
    let faults = faults_of(&WHOLE.replace("level = \"L1\"", "level = \"L1\"\ndesk = \"paye\""));
    assert!(faults.contains("desk = \"paye\" is no [[desk]]"), "{faults}");
}

#[test]
fn all_faults_are_told_at_once_with_line_and_remedy() {
    let text = WHOLE
        .replace("sqlite:state/guichet.db", "mysql://db/guichet")
        .replace("display_name = \"Centre d'assistance\"", "displayname = \"Centre d'assistance\"")
        .replace("tag = \"CA\"", "tag = \"[CA]\"\ntime_zone = \"Montréal\"")
        .replace("languages = [\"fr\", \"en\"]", "languages = [\"fr\", \"english\"]")
        .replace("host = \"127.0.0.1\"\nport = 10143", "host = \"imap.bureau.test\"\nport = 101430")
        .replace("poll_seconds = 1", "poll_seconds = 0")
        .replace("user = \"aide\"\npassword = \"tres-secret\"", "password_file = \"nowhere\"")
        .replace("authserv_id = \"mx.bureau.test\"", "")
        .replace("RELAY_PASSWORD", "OTHER_VARIABLE")
        .replace("retry_seconds = [1, 1, 2]", "retry_seconds = []")
        .replace("level = \"L1\"", "level = 1")
        .replace("name = \"Aline Roy\"", "name = \"\"")
        .replace("[0-9]{5}", "[0-9{5}")
        .replace("privacy = \"full\"", "privacy = \"some\"")
        .replace("listen = \"127.0.0.1:8025\"", "listen = 8025")
        .replace("[letters]", "[colours]\nbold = true\n[letters]")
        .replace("format = \"json\"", "format = \"xml\"\nfilter = \"info,,=\"");
    insta::assert_snapshot!(faults_of(&text));
}

#[test]
fn contradictions_between_tables_are_faults() {
    let text = WHOLE.to_owned()
        + r#"
        [[desk]]
        name = "Support"
        display_name = "Twin"
        addresses = ["HELP@bureau.test"]
        tag = "ca"

        [[mailbox]]
        name = "archive"
        host = "127.0.0.1"
        port = 10143
        tls = "none"
        user = "aide"
        password = "x"
        authentication = "token"
        processed_folder = "inbox"

        [[mailbox]]
        name = "other"
        host = "localhost"
        tls = "none"
        user = "b"
        password = "x"
        authentication = "token"

        [[agent]]
        address = "aide+x@bureau.test"
        name = "Bruno"
        level = "L2"

        [[team]]
        level = "L2"
        address = "aline@bureau.test"
        members = ["help@bureau.test"]

        [[vendor]]
        name = "FABRICANT"
        address = "n2@bureau.test"
        domains = ["bureau.test"]
        escalation = "cc"
        "#;
    insta::assert_snapshot!(faults_of(&text));
}

#[test]
fn what_is_missing_altogether_is_named() {
    insta::assert_snapshot!(faults_of(""));
}

#[test]
fn a_file_that_is_no_toml_tells_every_place() {
    insta::assert_snapshot!(faults_of("[store]\nurl = sqlite:x\n[[desk]\nname = \"a\"\nname = \"b\"\n"));
}

#[test]
fn an_account_has_one_folder_for_junk_which_is_no_other_folder() {
    let junk = |text: &str| {
        let config = read(text).unwrap_or_else(|faults| panic!("{faults}"));
        config.junk.into_iter().map(|junk| (junk.imap.name, junk.imap.folder)).collect::<Vec<_>>()
    };
    let with = |line: &str| WHOLE.replace("folder = \"INBOX\"", &format!("folder = \"INBOX\"\n{line}"));
    assert_eq!(junk(WHOLE), [("support/junk".to_owned(), Which::Junk)]);
    let named = ("support/junk".to_owned(), Which::Named("Spam".to_owned()));
    assert_eq!(junk(&with("junk_folder = \"Spam\"")), [named]);
    assert!(junk(&with("junk_folder = \"\"")).is_empty());
    for taken in ["inbox", "Traités"] {
        let faults = faults_of(&with(&format!("junk_folder = \"{taken}\"")));
        assert!(faults.contains("junk_folder is the folder of other mail, or of handled mail"), "{faults}");
    }
}

#[test]
fn copies_of_letters_lie_in_a_folder_that_is_not_watched() {
    let with = |keys: &str| format!("{WHOLE}\n[sent]\n{keys}\n");
    let sent = |keys: &str| read(&with(keys)).unwrap_or_else(|faults| panic!("{faults}")).sent.unwrap();
    assert!(read(WHOLE).ok().unwrap().sent.is_none());
    let found = sent("mailbox = \"Support\"");
    assert_eq!(
        (found.imap.name.as_str(), found.imap.folder, found.kept_by),
        ("support/sent", Which::Sent, KeptBy::Guichet)
    );
    assert_eq!(found.imap.host, "127.0.0.1");
    let named = sent("mailbox = \"support\"\nfolder = \"INBOX.Envoyés\"\nkept_by = \"guichet\"");
    assert_eq!(named.imap.folder, Which::Named("INBOX.Envoyés".to_owned()));

    assert_eq!(sent("mailbox = \"support\"\nkept_by = \"relay\"").kept_by, KeptBy::Relay);

    for (keys, words) in [
        ("", "there is no mailbox"),
        ("mailbox = \"suport\"", "Did you mean \"support\"?"),
        ("mailbox = \"support\"\nfolder = \"Inbox\"", "folder is a folder that is watched for mail"),
        ("mailbox = \"support\"\nkept_by = \"nobody\"", "kept_by = \"nobody\" is not known"),
    ] {
        let faults = faults_of(&with(keys));
        assert!(faults.contains(words), "{keys}: {faults}");
    }
    let junk = with("mailbox = \"support\"\nfolder = \"spam\"")
        .replace("folder = \"INBOX\"", "folder = \"INBOX\"\njunk_folder = \"Spam\"");
    assert!(faults_of(&junk).contains("folder is a folder that is watched"));
    let handed_over = format!("{}\n[sent]\nmailbox = \"support\"\n", unwatched(""));
    assert!(faults_of(&handed_over).contains("has no IMAP account"));
}

/// The one mailbox of [`WHOLE`] as one whose mail is handed over.
fn unwatched(keys: &str) -> String {
    let (before, rest) = WHOLE.split_once("[[mailbox]]").unwrap();
    let (_, behind) = rest.split_once("[smtp]").unwrap();
    format!(
        "{before}[[mailbox]]\nname = \"support\"\nwatch = false\n{keys}\nauthserv_id = \"mx.bureau.test\"\n[smtp]{behind}"
    )
}

#[test]
fn an_mta_of_this_machine_may_hand_mail_over() {
    let lmtp = |keys: &str| format!("{WHOLE}\n[lmtp]\n{keys}\n");
    let read = |keys: &str| read(&lmtp(keys)).unwrap_or_else(|faults| panic!("{faults}")).lmtp.unwrap();
    let by_port = read("listen = \"127.0.0.1:8024\"");
    assert_eq!(by_port.listen, Listen::Tcp(([127, 0, 0, 1], 8024).into()));
    assert_eq!((by_port.mailbox.as_str(), by_port.name.as_str()), ("support", "bureau.test"));
    assert_eq!(by_port.message_bytes_max, 1_000_000);
    assert_eq!(read("listen = \"unix:run/lmtp\"").listen, Listen::Unix("/etc/guichet/run/lmtp".into()));
    assert_eq!(read("listen = \"[::1]:24\"\nmailbox = \"Support\"").mailbox, "support");

    for (keys, words) in [
        ("listen = \"0.0.0.0:8024\"", "can be reached from other machines"),
        ("listen = \"192.0.2.1:8024\"", "can be reached from other machines"),
        ("listen = \"8024\"", "is no place to listen at"),
        ("listen = \"unix:\"", "is no place to listen at"),
        (&format!("listen = \"unix:{}\"", "x".repeat(100)), "longer than 107 bytes"),
        ("listen = \"127.0.0.1:8024\"\nmailbox = \"suport\"", "Did you mean \"support\"?"),
        ("mailbox = \"support\"", "there is no listen"),
    ] {
        let faults = faults_of(&lmtp(keys));
        assert!(faults.contains(words), "{keys}: {faults}");
    }
}

#[test]
fn a_mailbox_may_be_one_without_a_folder() {
    let config = read(&unwatched("")).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(config.mailbox_names, ["support"]);
    assert_eq!((config.mailboxes.len(), config.junk.len(), config.unwatched.len()), (0, 0, 1));
    let border = Border::new(&["mx.bureau.test".to_owned()]);
    assert_eq!(config.unwatched[0].authentication, AuthenticationBy::Header(border));
    let faults = faults_of(&unwatched("host = \"imap.bureau.test\"\nfolder = \"INBOX\""));
    assert_eq!(faults.matches("is read where a folder is watched alone").count(), 2, "{faults}");
}

#[test]
fn passwords_in_clear_over_a_network_must_be_meant() {
    let outside = WHOLE.replace("host = \"127.0.0.1\"\nport = 10025", "host = \"relay.bureau.test\"\nport = 25");
    assert!(faults_of(&outside).contains("in clear"));
    let meant = outside.replace("timeout_seconds = 8", "timeout_seconds = 8\ntls_none_is_deliberate = true");
    assert_eq!(read(&meant).map(|config| config.smtp.port).ok(), Some(25));
}

#[test]
fn a_secret_is_given_in_one_way_only() {
    let twice = WHOLE.replace("password = \"tres-secret\"", "password = \"tres-secret\"\npassword_file = \"x\"");
    let message = faults_of(&twice);
    assert!(message.contains("exclude one another"), "{message}");
    assert!(!message.contains("tres-secret"), "{message}");
}

#[test]
fn a_secret_that_the_service_manager_hands_over_goes_before_the_file_that_only_root_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let handed_over = folder.path().join("credentials");
    std::fs::create_dir(&handed_over).unwrap();
    let variable = |name: &str| match name {
        "CREDENTIALS_DIRECTORY" => Some(handed_over.display().to_string()),
        _ => Some("of the relay".to_owned()),
    };
    let surroundings = Surroundings { folder: folder.path(), variable: &variable };
    let text = WHOLE.replace("password = \"tres-secret\"", "password_file = \"secrets/aide\"");
    let password = || Config::read(&text, &surroundings).unwrap().mailboxes[0].imap.login.password().map(str::to_owned);
    std::fs::create_dir(folder.path().join("secrets")).unwrap();
    std::fs::write(folder.path().join("secrets/aide"), "beside the configuration\n").unwrap();
    assert_eq!(password().as_deref(), Some("beside the configuration"), "where nothing of that name was handed over");
    std::fs::write(handed_over.join("secrets_aide"), "handed over\n").unwrap();
    assert_eq!(password().as_deref(), Some("handed over"));
}

#[test]
fn a_password_file_is_read_without_its_line_end() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), "from a file\n").unwrap();
    let text = WHOLE.replace("password = \"tres-secret\"", "password_file = \"secret\"").replace("RELAY_PASSWORD", "R");
    let config = Config::read(&text, &Surroundings { folder: folder.path(), variable: &|_| Some("x".to_owned()) });
    let config = config.unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(config.mailboxes[0].imap.login.password(), Some("from a file"));
}

#[test]
fn the_border_has_names_and_a_place_for_its_results() {
    let border_of =
        |text: &str| match read(text).unwrap_or_else(|faults| panic!("{faults}")).mailboxes.remove(0).authentication {
            AuthenticationBy::Header(border) => border,
            other => panic!("a border was named: {other:?}"),
        };
    let two =
        WHOLE.replace("= \"mx.bureau.test\"", "= [\"MX1.bureau.test\", \"mx2.bureau.test.\"]\nresults = \"below\"");
    let names = ["mx1.bureau.test".to_owned(), "mx2.bureau.test".to_owned()];
    assert_eq!(border_of(&two), Border::new(&names).with_results(Place::Below));
    assert_eq!((border_of(&two).authserv_ids(), border_of(&two).hosts()), (&names[..], &names[..]));
    let apart = WHOLE.replace("= \"mx.bureau.test\"", "= \"bureau.test\"\nborder = \"mx2.bureau.test\"");
    assert_eq!(border_of(&apart), Border::named("bureau.test").with_hosts(&names[1..]));
}

#[test]
fn exchange_and_submission_need_what_they_go_by_and_no_more() {
    let by = |lines: &str| {
        let text = WHOLE.replace("authentication = \"header\"\nauthserv_id = \"mx.bureau.test\"", lines);
        read(&text).map(|mut config| config.mailboxes.remove(0).authentication).map_err(|faults| faults.to_string())
    };
    let AuthenticationBy::Exchange(tenant) = by("authentication = \"exchange\"").unwrap() else { panic!() };
    assert_eq!(tenant.hosts(), [Tenant::HOSTS]);
    assert!(tenant.own_domains().contains(&"bureau.test".to_owned()), "those of the desks: {tenant:?}");
    let told = by("authentication = \"exchange\"\nown_domains = [\"Corp.test\"]\nborder = \"eop.example\"").unwrap();
    let hosts = ["eop.example".to_owned()];
    assert_eq!(told, AuthenticationBy::Exchange(Tenant::of(&["corp.test".to_owned()]).with_hosts(&hosts)));

    let submission = AuthenticationBy::Submission(vec!["mail.bureau.test".to_owned()]);
    assert_eq!(by("authentication = \"submission\"\nborder = \"mail.bureau.test\""), Ok(submission.clone()));
    assert_eq!(by("authentication = \"submission\"\nauthserv_id = \"mail.bureau.test\""), Ok(submission));
    let nameless = by("authentication = \"submission\"").unwrap_err();
    assert!(nameless.contains("there is no border, so no author could be authenticated"), "{nameless}");
    let idle = by("authentication = \"token\"\nown_domains = [\"corp.test\"]").unwrap_err();
    assert!(idle.contains("own_domains is read with authentication = \"exchange\" alone"), "{idle}");
}

#[test]
fn name_servers_may_be_asked() {
    let by = |lines: &str| {
        let text = WHOLE.replace("authentication = \"header\"\nauthserv_id = \"mx.bureau.test\"", lines);
        read(&text).map(|mut config| config.mailboxes.remove(0).authentication).map_err(|faults| faults.to_string())
    };
    let usual = dns::Settings { servers: Vec::new(), deadline: Duration::from_secs(5) };
    assert_eq!(by("authentication = \"dns\""), Ok(AuthenticationBy::Dns(Witnesses::default(), usual)));
    let told = by("authentication = \"dns\"\nborder = \"MX.bureau.test\"\nsealers = [\"Lists.test\"]\n\
                   resolvers = [\"127.0.0.1:5353\", \"2001:db8::53\"]\nlookup_timeout_seconds = 2");
    let witnesses = Witnesses::new(&["mx.bureau.test".to_owned()], &["lists.test".to_owned()]);
    let servers = vec!["127.0.0.1:5353".parse().unwrap(), "[2001:db8::53]:53".parse().unwrap()];
    let settings = dns::Settings { servers, deadline: Duration::from_secs(2) };
    assert_eq!(told, Ok(AuthenticationBy::Dns(witnesses, settings)));
    for (lines, told) in [
        ("authentication = \"dns\"\nresolvers = \"ns.test\"", "resolvers = \"ns.test\" is no address of a server"),
        ("authentication = \"dns\"\nresolvers = []", "resolvers is empty"),
        (
            "authentication = \"token\"\nsealers = [\"lists.test\"]",
            "sealers is read with authentication = \"dns\" alone",
        ),
        (
            "authentication = \"token\"\nresolvers = \"192.0.2.1\"",
            "resolvers is read with authentication = \"dns\" alone",
        ),
    ] {
        let fault = by(lines).unwrap_err();
        assert!(fault.contains(told), "{lines}: {fault}");
    }
}

#[test]
fn a_border_that_no_mail_could_name_is_refused() {
    for (key, value, told) in [
        ("authserv_id", "\"mx.bureau.test; dmarc=pass\"", "is no name of a server"),
        ("authserv_id", "[\"mx1.bureau.test\", \"\"]", "holds an entry that does not fit: \"\" is no name"),
        ("authserv_id", "[]", "authserv_id is empty"),
        ("authserv_id", "25", "authserv_id is a whole number"),
        ("border", "\"mx bureau\"", "border = \"mx bureau\" is no name of a server"),
        ("results", "\"under\"", "results = \"under\" is not known"),
    ] {
        let key_and_value = format!("{key} = {value}");
        let text = match key {
            "authserv_id" => WHOLE.replace("authserv_id = \"mx.bureau.test\"", &key_and_value),
            _ => WHOLE.replace("[smtp]", &format!("{key_and_value}\n[smtp]")),
        };
        let faults = faults_of(&text);
        assert!(faults.starts_with("1 fault\n") && faults.contains(told), "{faults}");
    }
}

#[test]
fn every_key_is_documented_and_every_documented_key_is_known() {
    let documentation = include_str!("../../docs/configuration.md");
    let mut sections: Vec<(String, Vec<String>)> = Vec::new();
    for line in documentation.lines() {
        if let Some(table) = line.strip_prefix("## `").and_then(|rest| rest.strip_suffix('`')) {
            sections.push((table.to_owned(), Vec::new()));
        } else if let (Some((_, keys)), Some(row)) = (sections.last_mut(), line.strip_prefix("| `")) {
            let cell = row.split(" | ").next().unwrap_or_default();
            keys.extend(cell.split('`').filter(|key| !key.is_empty() && *key != ", ").map(str::to_owned));
        }
    }
    assert!(sections.len() > 10, "{sections:?}");
    for (table, mut documented) in sections {
        let of = if table == "[mailbox.oauth2]" { "[[mailbox]]\n" } else { "" };
        let faults = faults_of(&format!("{of}{table}\nzzzzzzzzzzzzzzzzzzzzzzz = 1\n"));
        let list = faults.split("Known here: ").nth(1).and_then(|rest| rest.split(".\n").next()).unwrap_or_default();
        let mut known: Vec<String> = list.trim_end_matches('.').split(", ").map(str::to_owned).collect();
        known.sort();
        documented.sort();
        assert_eq!(documented, known, "{table}");
    }
}

#[test]
fn a_password_of_the_store_is_given_apart_or_percent_encoded() {
    let with = |store: &str| WHOLE.replace("url = \"sqlite:state/guichet.db\"", store);
    let apart = read(&with("url = \"postgres://aide@db.bureau.test/aide\"\npassword_env = \"RELAY_PASSWORD\""));
    let url = apart.unwrap_or_else(|faults| panic!("{faults}")).store.url;
    assert_eq!(url, "postgres://aide:relay%2Dsecret@db.bureau.test/aide");
    let within = faults_of(&with("url = \"postgres://aide:tres/secret@db.bureau.test/aide\""));
    assert!(within.contains("url has / in its password") && within.contains("%2F"), "{within}");
    assert!(!within.contains("tres"), "{within}");
}

#[test]
fn a_desk_works_by_the_calendar_that_it_names() {
    let office = r#"
        [[calendar]]
        name = "office"
        hours = ["lun-ven 08:30-12:00, 13:00-16:30"]
        holidays = ["QC", "CA"]
        easter = "both"
        days_off = ["2026-12-24", 2026-12-31]
        closures = ["2026-12-28/2026-12-30"]
        "#;
    let text = WHOLE.replace("tag = \"CA\"", "tag = \"CA\"\ncalendar = \"office\"") + office;
    let config = read(&text).unwrap_or_else(|faults| panic!("{faults}"));
    let calendar = config.policy.desks[0].calendar.as_ref().unwrap();
    assert_eq!(calendar.week.lines(), ["mon-fri 08:30-12:00, 13:00-16:30"]);
    assert_eq!((calendar.days_off.days.len(), calendar.days_off.closures.len()), (2, 1));
    let [quebec, canada] = &calendar.days_off.holidays[..] else { panic!("two sets were named") };
    assert_eq!((quebec.easter, quebec.weekend), (Easter::Both, Weekend::None));
    assert_eq!(canada.weekend, Weekend::After, "unless the employer says otherwise");
    assert!(read(WHOLE).unwrap().policy.desks[0].calendar.is_none());
}

#[test]
fn a_calendar_that_promises_nothing_is_told_with_line_and_remedy() {
    let calendars = r#"
        [[calendar]]
        name = "empty"
        hours = []
        holidays = ["US"]

        [[calendar]]
        name = "twice"
        hours = ["mon-fri 09:00-17:00", "fri 16:00-18:00"]
        easter = "sunday"
        closures = ["2027-01-02/2026-12-24"]

        [[calendar]]
        name = "odd"
        hours = ["mon 9h-17h"]
        days_off = ["31 décembre"]
        time_zone = "Montréal"

        [[calendar]]
        name = "still"
        hours = ["mon 09:00-09:00"]

        [[calendar]]
        name = "Still"
        "#;
    let text = WHOLE.replace("tag = \"CA\"", "tag = \"CA\"\ncalendar = \"office\"") + calendars;
    insta::assert_snapshot!(faults_of(&text));
    let unknown = WHOLE.replace("tag = \"CA\"", "tag = \"CA\"\ncalendar = \"office\"");
    assert!(faults_of(&unknown).contains("Add a [[calendar]] with name = \"office\" and hours."));
}

/// What a desk promises, to whom, and who hears of it.
const PROMISES: &str = r#"
[[calendar]]
name = "office"
hours = ["mon-fri 08:30-17:00"]

[[calendar]]
name = "always"
hours = ["mon-sun 00:00-24:00"]

[[manager]]
address = "chef@bureau.test"
name = "Claire Roy"
language = "en"
desk = "SUPPORT"

[[organisation]]
name = "cegep"
display_name = "Cégep du Nord"
domains = ["Cegep.test"]
addresses = ["prof@gmail.com"]
calendar = "always"
language = "fr"
vendor = "Fabricant"

[[organisation]]
name = "arts"
domains = ["arts.cegep.test"]

[[target]]
organisation = "Cegep"
tto = "2 h"

[[target]]
request_type = "incident"
priority = 1
tto = "15 min"
ttr = "1 h 30 min"

[[target]]
desk = "support"
tto = "4h"
ttr = "12 h 15"
tnr = "8 h"

[[escalation]]
name = "paie"
words = ["paie", "feuille de temps"]
senders = ["ressources.test", "paie@bureau.test"]
to_address = "help@bureau.test"
service = "paie"
organisation = "arts"
priority = 2
level = "L2"
set_priority = 1

[[escalation]]
name = "oublie"
clock = "tto"
level = "L2"

[[escalation]]
name = "machines"
words = ["four"]
vendor = "fabricant"

[waiting]
reminder_days = 2
resolve_days = 0
chases = 1
"#;

/// [`WHOLE`] with promises, and a desk and a team that keep hours.
fn promising() -> String {
    let text = WHOLE.replace("tag = \"CA\"", "tag = \"CA\"\ncalendar = \"office\"\non_call = \"garde@bureau.test\"");
    let text = text.replace(
        "members = [\"denis@bureau.test\"]",
        "members = [\"denis@bureau.test\"]\ncalendar = \"always\"\nfirst_answer_hours = 6",
    );
    text.replace("escalation = \"cc\"", "escalation = \"cc\"\ncalendar = \"office\"") + PROMISES
}

fn hours(hours: u64) -> Option<Duration> {
    Some(Duration::from_secs(hours * 3600))
}

#[test]
fn promises_organisations_and_rules_mean_what_they_say() {
    let policy = read(&promising()).unwrap_or_else(|faults| panic!("{faults}")).policy;
    let calendar_of =
        |calendar: &Option<crate::desk::clock::Calendar>| calendar.as_ref().map(|known| known.name.clone());
    assert_eq!(policy.desks[0].on_call.as_ref().map(ToString::to_string).as_deref(), Some("garde@bureau.test"));
    assert_eq!(calendar_of(&policy.teams[0].calendar).as_deref(), Some("always"));
    assert_eq!(policy.teams[0].first_answer, hours(6));
    assert_eq!(calendar_of(&policy.vendors[0].calendar).as_deref(), Some("office"));
    let manager = &policy.managers[0];
    assert_eq!((manager.language, manager.desk.as_deref()), (Some(Language::ENGLISH), Some("support")));

    let [cegep, arts] = &policy.organisations[..] else { panic!("two organisations") };
    assert_eq!((cegep.display_name.as_str(), arts.display_name.as_str()), ("Cégep du Nord", "arts"));
    assert_eq!((cegep.language, cegep.vendor.as_deref()), (Some(Language::FRENCH), Some("fabricant")));
    let whose = |address: &str| policy.organisation_of(&address.parse().unwrap()).map(|one| one.name.as_str());
    assert_eq!(whose("a@CEGEP.test"), Some("cegep"));
    assert_eq!(whose("a@www.arts.cegep.test"), Some("arts"));
    assert_eq!((whose("prof@gmail.com"), whose("eleve@gmail.com")), (Some("cegep"), None));

    let [agreed, urgent, usual] = &policy.targets[..] else { panic!("three targets") };
    assert_eq!((agreed.organisation.as_deref(), agreed.tto, agreed.ttr), (Some("cegep"), hours(2), None));
    assert_eq!((urgent.tto, urgent.ttr), (Some(Duration::from_secs(900)), Some(Duration::from_secs(5400))));
    assert_eq!((usual.ttr, usual.tnr), (Some(Duration::from_secs(12 * 3600 + 900)), hours(8)));

    let [payroll, forgotten, machines] = &policy.escalations[..] else { panic!("three rules") };
    assert_eq!(payroll.senders, ["ressources.test", "paie@bureau.test"]);
    assert_eq!((payroll.level, payroll.set_priority.map(|priority| priority.0)), (Some(Level::L2), Some(1)));
    assert_eq!(forgotten.clock, Some(crate::desk::ClockName::Tto));
    assert_eq!((machines.level, machines.vendor.as_deref()), (Some(Level::L3), Some("fabricant")));
    assert_eq!((policy.waiting.reminder_days, policy.waiting.resolve_days, policy.waiting.close_days), (2, 0, 5));
}

#[test]
fn promises_that_nobody_could_keep_are_told_with_line_and_remedy() {
    let targets = r#"
        [[target]]
        tto = "0 h"

        [[target]]
        ttr = "2 days"

        [[target]]
        tto = 4

        [[target]]
        priority = 5

        [[target]]
        tto = "8 h"
        ttr = "4 h"

        [[target]]
        organisation = "cegp"
        desk = "supporrt"
        tto = "1 h"

        [[target]]
        request_type = "service_request"
        tnr = "4 h"

        [[target]]
        tnr = "30000 h"

        [waiting]
        reminder_days = 9

        [[calendar]]
        name = "again"
        hours = ["mon-fri 08:00-12:00"]
        holidays = ["QC", "NY"]
        "#;
    insta::assert_snapshot!(faults_of(
        &(promising().replace("[waiting]\nreminder_days = 2\nresolve_days = 0\nchases = 1\n", "") + targets)
    ));
}

#[test]
fn a_promise_that_counts_in_nobodys_hours_is_a_fault() {
    let told = faults_of(&promising().replace("tag = \"CA\"\ncalendar = \"office\"", "tag = \"CA\""));
    assert!(told.contains("the desk support has no calendar in which this could count"), "{told}");
    assert_eq!(told.matches("has no calendar").count(), 2, "the organisation has one of its own: {told}");
    let team = faults_of(&WHOLE.replace("level = \"L2\"\naddress", "level = \"L2\"\nfirst_answer_hours = 4\naddress"));
    assert!(team.contains("neither the team nor a desk has one"), "{team}");
}

#[test]
fn a_promise_for_which_no_ticket_is_left_is_a_fault() {
    let behind = "\n[[target]]\nrequest_type = \"incident\"\npriority = 1\ndesk = \"support\"\nttr = \"2 h\"\n";
    let told = faults_of(&(promising() + behind));
    assert!(told.starts_with("1 fault\n") && told.contains("put it before line"), "{told}");
    let beside = "\n[[target]]\npriority = 1\ntnr = \"2 h\"\n";
    assert!(read(&(promising() + beside)).is_ok(), "other tickets, and another clock");
}

#[test]
fn who_belongs_to_whom_must_be_clear() {
    let organisations = r#"
        [[organisation]]
        name = "CEGEP"
        domains = ["cegep.test", "gmail.com", "videotron.ca", "qc.ca", "com"]
        addresses = ["PROF@gmail.com", "aide+x@bureau.test"]

        [[organisation]]
        name = "nobody"
        calendar = "offce"
        vendor = "fabriquant"
        language = "français"

        [[organisation]]
        name = "ours"
        domains = ["bureau.test"]

        [[organisation]]
        name = "empty"

        [[manager]]
        address = "aide@bureau.test"
        name = "Le guichet"
        desk = "autre"
        "#;
    let text = promising().replace("garde@bureau.test", "help@bureau.test");
    insta::assert_snapshot!(faults_of(&(text + organisations)));
}

#[test]
fn a_rule_that_leads_nowhere_is_told_with_line_and_remedy() {
    let rules = r#"
        [[escalation]]
        name = "never"
        level = "L2"

        [[escalation]]
        name = "nothing"
        words = ["four"]

        [[escalation]]
        name = "whom"
        words = ["…"]
        senders = ["@client.test"]
        organisation = "arst"
        vendor = "fabricant"

        [[escalation]]
        name = "down"
        service = "four"
        level = "L1"

        [[escalation]]
        name = "team"
        service = "four"
        level = "L2"
        vendor = "fabricant"

        [[escalation]]
        name = "Paie"
        to_address = "aide@autre.test"
        set_priority = 9

        [[escalation]]
        name = "elsewhere"
        to_address = "aide@autre.test"
        level = "L2"
        "#;
    insta::assert_snapshot!(faults_of(&(promising() + rules)));
    let nobody = "[[team]]\nlevel = \"L2\"\naddress = \"n2@bureau.test\"\nmembers = [\"denis@bureau.test\"]";
    let rule = "\n[[escalation]]\nname = \"paie\"\nwords = [\"paie\"]\nlevel = \"L2\"\n";
    let told = faults_of(&(WHOLE.replace(nobody, "") + rule));
    assert!(told.contains("nobody works at L2"), "{told}");
    let clock = "\n[[escalation]]\nname = \"oublie\"\nclock = \"tnr\"\nlevel = \"L2\"\n";
    assert!(faults_of(&(WHOLE.to_owned() + clock)).contains("no [[target]] promises a tnr"));
    let second = WHOLE.to_owned() + "\n[[vendor]]\nname = \"deux\"\naddress = \"deux@deux.test\"\n";
    let vendor = "\n[[escalation]]\nname = \"x\"\nwords = [\"x\"]\nlevel = \"L3\"\n";
    assert!(faults_of(&(second + vendor)).contains("it does not say which vendor"));
    assert!(read(&(WHOLE.to_owned() + vendor)).is_ok(), "there is only one");
}

/// A monitoring and a backup.
const MACHINES: &str = r#"
[[machine]]
name = "nagios"
sender = "Nagios@sonde.test"
key = 'alert: (?P<key>\S+) is'
recovers = '^\*\* RECOVERY'

[[machine]]
name = "bacula"
sender = "copies.test"
desk = "support"
key_from = "body"
key = '(?m)^Job: *(?P<key>[\w-]+)'
opens = '(?i)error'
"#;

#[test]
fn machines_are_known_by_their_sender_and_say_what_they_report() {
    let config = read(&format!("{WHOLE}{MACHINES}")).unwrap_or_else(|faults| panic!("{faults}"));
    let at = |address: &str| {
        let address = address.parse().unwrap();
        config.policy.machines_at(&address).map(|machine| machine.name.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(at("nagios@SONDE.test"), ["nagios"]);
    assert_eq!(at("director@nas.copies.test"), ["bacula"]);
    assert_eq!((at("marie@sonde.test").len(), at("x@othercopies.test").len()), (0, 0));
    let held = read(&WHOLE.replace("[rules]", "[rules]\nrelay_hold_seconds = 90")).unwrap();
    assert_eq!(held.policy.relay_hold.as_secs(), 90);
    assert!(config.policy.relay_hold.is_zero());
}

#[test]
fn a_machine_that_nobody_could_know_is_told_with_line_and_remedy() {
    let faulty = r#"
[[machine]]
name = "no key"
sender = "sonde"
desk = "ventes"
key = '(?P<host>\S+) is'

[[machine]]
name = "endless"
sender = "a@sonde.test"
desk = "ventes"
key = '(?P<key>.*)'
opens = '('
recovers = ''

[[machine]]
name = "nagios"
sender = "aide@bureau.test"
desk = "ventes"
key = '(?P<key>\S+) is'

[[machine]]
name = "Nagios"
sender = "aide@bureau.test"
key = '(?P<key>\S+) is'
"#;
    insta::assert_snapshot!(faults_of(
        &format!("{WHOLE}{faulty}").replace("[rules]", "[rules]\nrelay_hold_seconds = -1")
    ));
}

#[test]
fn forms_say_where_they_name_who_asks() {
    let forms = r#"
[[form]]
name = "site"
sender = "www@site.test"
requester = "Reply-To"

[[form]]
name = "voicemail"
sender = "pbx.test"
requester = "body"
pattern = 'Caller: (?P<name>.*) <(?P<address>[^>]+)>'
acknowledgements_per_hour = 2

[[form]]
name = "scanner"
sender = "scan@site.test"
requester = "X-Scan-User"
"#;
    let rules = "[rules]\nforwarders = [\"aide@vieux.test\", \"relais.test\"]";
    let config = read(&format!("{WHOLE}{forms}").replace("[rules]", rules)).unwrap_or_else(|faults| panic!("{faults}"));
    let limits: Vec<u32> = config.policy.forms.iter().map(|form| form.acknowledgements_per_hour).collect();
    assert_eq!(limits, [20, 2, 20]);
    let forwarders: Vec<String> = config.policy.forwarders.iter().map(ToString::to_string).collect();
    assert_eq!(forwarders, ["aide@vieux.test", "relais.test"]);
    let at = |address: &str| config.policy.forms_at(&address.parse().unwrap()).count();
    assert_eq!((at("poste12@nord.PBX.test"), at("aline@bureau.test")), (1, 0));
}

#[test]
fn a_form_that_could_name_nobody_is_told_with_line_and_remedy() {
    let faulty = r#"
[[form]]
name = "nowhere"
sender = "www@site.test"

[[form]]
name = "no-pattern"
sender = "www@site.test"
requester = "body"

[[form]]
name = "no-group"
sender = "www@site.test"
requester = "subject"
pattern = 'from (?P<mail>\S+)'

[[form]]
name = "no-expression"
sender = "www@site.test"
requester = "body"
pattern = '('

[[form]]
name = "too-much"
sender = "www@site.test"
requester = "reply-to"
pattern = '(?P<address>\S+@\S+)'

[[form]]
name = "what"
sender = "www@site.test"
requester = "From"
acknowledgements_per_hour = 0

[[form]]
name = "aline"
sender = "aline@bureau.test"
requester = "reply-to"

[[form]]
name = "Aline"
sender = "www@site.test"
requester = "reply-to"

[[form]]
name = "everybody"
sender = "client.test"
requester = "reply-to"

[[form]]
name = "house"
sender = "bureau.test"
requester = "reply-to"

[[organisation]]
name = "client"
domains = ["client.test"]
"#;
    let forwarders =
        "[rules]\nforwarders = [\"bureau.test\", \"mail.client.test\", \"cases@maker.test\", \"vieux.test\"]";
    let whole = WHOLE.replace("tous@bureau.test", "n2@bureau.test");
    insta::assert_snapshot!(faults_of(&format!("{whole}{faulty}").replace("[rules]", forwarders)));
}

/// `[mailbox.oauth2]` in the place of the password, with these lines.
fn with_oauth2(lines: &str) -> String {
    let (mailbox, relay) = WHOLE.split_once("\n[smtp]").unwrap();
    let mailbox = mailbox.replace("password = \"tres-secret\"\n", "");
    format!("{mailbox}\n[mailbox.oauth2]\n{lines}\n\n[smtp]{relay}")
}

#[test]
fn a_mailbox_and_its_relay_may_share_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let surroundings = Surroundings { folder: folder.path(), variable: &|_| None };
    let lines = "flow = \"client_credentials\"\ntenant = \"bureau.test\"\nclient_id = \"app\"\nclient_secret = \"s\"";
    let text = with_oauth2(lines).replace("password_env = \"RELAY_PASSWORD\"", "oauth2 = \"support\"");
    let config = Config::read(&text, &surroundings).unwrap_or_else(|faults| panic!("{faults}"));
    let [tokens] = &config.tokens[..] else { panic!("{:?}", config.tokens) };
    let account = tokens.account();
    assert_eq!(account.token_url.to_string(), "https://login.microsoftonline.com/bureau.test/oauth2/v2.0/token");
    assert_eq!(
        (&account.name[..], &account.scopes[..]),
        ("support", &["https://outlook.office365.com/.default".to_owned()][..])
    );
    assert_eq!(config.smtp.login.as_ref().map(|login| (&login.user[..], login.password())), Some(("aide", None)));
}

#[test]
fn tokens_that_nobody_could_get_are_told_with_line_and_remedy() {
    let lines = [
        "flow = \"browser\"",
        "flow = \"client_credentials\"\nclient_id = \"app\"\nclient_secret = \"s\"",
        "flow = \"client_credentials\"\ntenant = \"a/b\"",
        "flow = \"client_credentials\"\ntenant = \"bureau.test\"\nclient_id = \"app\"",
        "flow = \"client_credentials\"\ntenant = \"bureau.test\"\nclient_id = \"app\"\ncertificate_file = \"app.pem\"",
        "flow = \"device\"\nclient_id = \"app\"\ntenant = \"bureau.test\"",
        "flow = \"refresh_token\"\nclient_id = \"app\"",
        "flow = \"service_account\"\nkey_file = \"google.json\"",
        "flow = \"refresh_token\"\nrefresh_token = \"r\"\ntoken_url = \"http://login.bureau.test/token\"\nclient_id = \"app\"",
        "flow = \"refresh_token\"\nrefresh_token = \"r\"\ntoken_url = \"login\"\nclient_id = \"app\"\nscope = \"x\"",
    ];
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.pem"), "no PEM").unwrap();
    std::fs::write(folder.path().join("google.json"), "{}").unwrap();
    let surroundings = Surroundings { folder: folder.path(), variable: &|_| Some("relay-secret".to_owned()) };
    let told = lines.map(|lines| match Config::read(&with_oauth2(lines), &surroundings) {
        Ok(_) => panic!("{lines}"),
        Err(faults) => format!("{lines}\n{faults}\n").replace(&folder.path().display().to_string(), "FOLDER"),
    });
    insta::assert_snapshot!(told.join("\n"));
}
