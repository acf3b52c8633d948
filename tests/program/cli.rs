//! The built command, from outside.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::configuration::Configuration;

/// Runs the command in a folder, without a terminal and with nothing of the caller's environment that it reads.
fn guichet(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_guichet"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("GUICHET_CONFIG")
        .env_remove("GUICHET_LOG")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

const INIT: [&str; 7] =
    ["init", "--preset", "own", "--address", "aide@bureau.test", "--agent", "Aline Roy <aline@bureau.test>"];

#[test]
fn help_and_version_are_answers() {
    let folder = folder();
    for (argument, expected) in [("--help", "Examples:"), ("--version", env!("CARGO_PKG_VERSION"))] {
        let output = guichet(folder.path(), &[argument]);
        assert_eq!((status(&output), text(&output.stderr)), (0, String::new()));
        assert!(text(&output.stdout).contains(expected));
    }
}

#[test]
fn wrong_usage_is_one_message_and_status_2() {
    let folder = folder();
    for arguments in
        [&["tikcet"][..], &["fix", "match"], &["fix", "list", "--colour"], &["init", "--agent", "nobody"], &[]]
    {
        let output = guichet(folder.path(), arguments);
        assert_eq!((status(&output), text(&output.stdout)), (2, String::new()), "{arguments:?}");
        let message = text(&output.stderr);
        assert!(!message.is_empty() && !message.contains("panicked"), "{message}");
    }
}

#[test]
fn without_a_configuration_it_says_how_to_get_one() {
    let folder = folder();
    let output = guichet(folder.path(), &["fix", "list"]);
    assert_eq!(status(&output), 2);
    assert!(text(&output.stderr).contains("guichet init"));
}

#[test]
fn a_faulty_configuration_tells_all_faults_and_status_2() {
    let folder = folder();
    fs::write(folder.path().join("bad.toml"), "[store]\nurl = 3\n[smtp]\nhots = \"x\"\n").unwrap();
    let output = guichet(folder.path(), &["--config", "bad.toml", "fix", "list"]);
    assert_eq!(status(&output), 2);
    let message = text(&output.stderr);
    for part in
        ["bad.toml: ", "line 2, [store]: url is a whole number", "Did you mean \"host\"?", "there is no [[desk]]"]
    {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn a_spreadsheet_becomes_known_fixes_and_what_exists_stays() {
    let folder = folder();
    let csv = "titre;symptômes;texte\nLe scanneur ne numérise plus;le scanneur fait des pages noires|la vitre est rayée|numérisation vide;Nettoyez la vitre.\nSans texte;x;\n";
    fs::write(folder.path().join("faq.csv"), csv).unwrap();
    let import = ["fix", "import", "faq.csv", "--fixes", "fixes"];
    let output = guichet(folder.path(), &import);
    assert_eq!(status(&output), 0, "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("1 of 2 articles written to fixes"), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("Left out: Sans texte: it has no text"), "{}", text(&output.stderr));
    let output = guichet(folder.path(), &["fix", "match", "le scanneur fait des pages noires", "--fixes", "fixes"]);
    assert_eq!(status(&output), 0, "{}", text(&output.stdout));
    assert_eq!(status(&guichet(folder.path(), &import)), 1, "nothing is overwritten");
}

#[test]
fn articles_that_contradict_each_other_are_told() {
    let folder = folder();
    let fixes = folder.path().join("fixes");
    fs::create_dir(&fixes).unwrap();
    let article = |more: &str| {
        format!(
            "+++\nid = \"un\"\ntitle = \"Clavier\"\nlanguage = \"fr\"\nsymptoms = [\"le clavier colle\", \"les touches collent\", \"clavier sale\"]\nanswer = \"suggest\"\n{more}+++\nNettoyez.\n"
        )
    };
    fs::write(fixes.join("a.md"), article("")).unwrap();
    assert_eq!(status(&guichet(folder.path(), &["fix", "check", "--fixes", "fixes"])), 0);
    fs::write(fixes.join("a.md"), article("translation_of = \"nobody\"\n")).unwrap();
    fs::write(fixes.join("b.md"), article("")).unwrap();
    let output = guichet(folder.path(), &["fix", "check", "--fixes", "fixes"]);
    assert_eq!(status(&output), 1);
    let told = text(&output.stdout);
    assert!(told.contains("✗ two articles have the id un") && told.contains("translation of nobody"), "{told}");
}

#[test]
fn inspect_knows_what_is_quoted_by_the_letters_of_a_folder() {
    let folder = folder();
    let words = "Quel est le numéro collé sous la pointeuse ?\nEst-ce que l'écran reste allumé la nuit ?";
    fs::create_dir(folder.path().join("sent")).unwrap();
    let letter = format!("From: Marie <aide@ville.test>\nMessage-ID: <lettre@ville.test>\n\n{words}\n");
    fs::write(folder.path().join("sent/lettre.eml"), letter).unwrap();
    let quote = "De : Marie\nEnvoyé : lundi 2 mars 2026 10:12\nÀ : Odile\nObjet : pointeuse";
    let answered = words.replace('\n', "\nLe 4471.\n");
    let answer = format!("From: o@client.test\nIn-Reply-To: <lettre@ville.test>\n\nVoici.\n\n{quote}\n\n{answered}\n");
    fs::write(folder.path().join("mail.eml"), answer).unwrap();
    let new_words = |options: &[&str]| {
        let output = guichet(folder.path(), &[&["inspect", "--json", "mail.eml"], options].concat());
        let facts: serde_json::Value = serde_json::from_str(&text(&output.stdout)).unwrap();
        facts["reply_text"].as_str().unwrap().to_owned()
    };
    assert_eq!(new_words(&[]), "Voici.");
    assert_eq!(new_words(&["--letters", "sent"]), "Voici.\n\nLe 4471.");
    let nowhere = guichet(folder.path(), &["inspect", "--letters", "nowhere", "mail.eml"]);
    assert_ne!(status(&nowhere), 0);
    assert!(text(&nowhere.stderr).contains("Cannot read the letters in nowhere"), "{}", text(&nowhere.stderr));
}

#[test]
fn inspect_says_what_would_be_promised_of_a_mail_by_its_own_date() {
    let folder = folder();
    let client = "[[organisation]]\nname = \"client\"\ndisplay_name = \"Client inc.\"\ndomains = [\"client.test\"]";
    let agreed = "[[target]]\norganisation = \"client\"\npriority = 2\ntto = \"30 min\"";
    let urgent = "[[escalation]]\nname = \"urgent\"\nwords = [\"écran\"]\nset_priority = 2";
    let screens = "[[escalation]]\nname = \"screens\"\norganisation = \"client\"\nlevel = \"L2\"";
    let never = "[[escalation]]\nname = \"never\"\nwords = [\"écran\"]\nset_priority = 1";
    let house = [client, agreed, urgent, screens, never].into_iter().fold(house(), Configuration::and);
    house.write(folder.path());
    let written = |from: &str| REQUEST.replace("luc@client.test", from);
    fs::write(folder.path().join("mail.eml"), written("luc@client.test")).unwrap();
    let inspect = ["inspect", "--config", "guichet.toml", "mail.eml"];
    let page = done(folder.path(), &inspect);
    for line in [
        "Organisation Client inc.",
        "Escalation   urgent: priority 2",
        "Escalation   screens: to L2",
        "Promised     tto (first answer), 30 min in the hours of bureau: due 2026-11-02 09:30 -05:00",
        "Promised     ttr (solution), 20 h 00 min in the hours of bureau: due 2026-11-04 09:00 -05:00",
        "Counted from 2026-11-02 09:00 -05:00, the mail's own Date",
    ] {
        assert!(page.contains(&format!("\n{line}\n")), "{line}: {page}");
    }
    assert!(!page.contains("never"), "a rule that escalates is the last: {page}");
    let facts = json(folder.path(), &[&inspect[..], &["--json"]].concat());
    let promised = &facts["promised"];
    assert_eq!(promised["organisation"], "client");
    assert_eq!(promised["escalations"], serde_json::json!(["urgent", "screens"]));
    assert_eq!(promised["clocks"][0]["due_at"], "2026-11-02T14:30:00Z", "{promised}");

    // What opens no ticket has nothing promised; and without a configuration nobody knows.
    fs::write(folder.path().join("mail.eml"), written("support@acme.example")).unwrap();
    assert!(json(folder.path(), &[&inspect[..], &["--json"]].concat())["promised"].is_null());
    assert!(json(folder.path(), &["inspect", "mail.eml", "--json"]).get("promised").is_none());
}

#[test]
fn inspect_says_what_would_be_done_and_does_none_of_it() {
    let folder = folder();
    Configuration::new().write(folder.path());
    let results = "Authentication-Results: mx.demo.example; dmarc=pass header.from=client.test\n";
    let hop = "Received: from out.client.test by mx.demo.example with ESMTPS id 7;\n Mon, 2 Mar 2026 08:30:00 +0000\n";
    fs::write(folder.path().join("mail.eml"), format!("{results}{hop}{REQUEST}")).unwrap();
    let inspect = ["inspect", "--config", "guichet.toml", "--as-of", "2026-11-02T14:00:00Z", "mail.eml"];
    let output = guichet(folder.path(), &[&inspect[..], &["--json"]].concat());
    let facts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(facts["decision"].is_null() && status(&output) == 0, "{facts}");
    assert!(text(&output.stderr).contains("There is no store"), "{}", text(&output.stderr));

    let call = ["ticket", "new", "--requester", "luc@client.test", "--subject", "Écran", "--text", "Il est noir."];
    done(folder.path(), &call);
    let decision = json(folder.path(), &[&inspect[..], &["--json"]].concat())["decision"].clone();
    assert_eq!(decision["party"], "requester", "{decision}");
    assert_eq!(decision["trust"], "verified", "{decision}");
    assert_eq!(decision["why"][0], "dmarc=pass of client.test", "{decision}");
    assert_eq!(decision["outcome"], "ticket", "{decision}");
    assert_eq!(decision["ticket"], "R-000002", "{decision}");
    assert_eq!(decision["opens"], serde_json::json!(["R-000002"]), "{decision}");
    assert_eq!(decision["audience"], "requester", "{decision}");
    assert_eq!(decision["letters"][0]["purpose"], "acknowledgement", "{decision}");
    assert_eq!(decision["letters"][0]["to"], serde_json::json!(["luc@client.test"]), "{decision}");
    let page = done(folder.path(), &inspect);
    assert!(page.contains("\nWould be     ticket, R-000002, new, read by the requester\n"), "{page}");
    assert!(page.contains("\nLetter       acknowledgement → luc@client.test\n"), "{page}");
    let listed = json(folder.path(), &["ticket", "list", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 1, "nothing was opened");

    assert_eq!(decision["why"].as_array().unwrap().len(), 1, "no ticket that it opens leads it there: {decision}");
    for as_of in ["2026-12-24", "3d"] {
        let inspect = ["inspect", "--config", "guichet.toml", "--as-of", as_of, "mail.eml"];
        assert!(done(folder.path(), &inspect).contains("R-000002"), "{as_of}");
    }

    let nowhere = guichet(folder.path(), &[&inspect[..], &["--mailbox", "sales"]].concat());
    assert_eq!(status(&nowhere), 2);
    assert!(text(&nowhere.stderr).contains("There is no mailbox of this name; there are support."));
}

#[test]
fn inspect_says_for_whom_a_form_or_a_list_handed_a_mail_in() {
    let folder = folder();
    let form = "[[form]]\nname = \"site\"\nsender = \"www@web.test\"\nrequester = \"reply-to\"";
    Configuration::new().and(form).and("[rules]\nown_lists = [\"aide@lists.test\"]").write(folder.path());
    let results = "Authentication-Results: mx.demo.example; dmarc=pass header.from=";
    let hop = "Received: from out.test by mx.demo.example with ESMTPS id 7;\n Mon, 2 Mar 2026 08:30:00 +0000\n";
    let handed_in = |domain: &str, header: &str| {
        let mail = format!("{results}{domain}\n{hop}{header}Subject: x\n\nBonjour\n");
        fs::write(folder.path().join("mail.eml"), mail).unwrap();
        let inspect = ["inspect", "--config", "guichet.toml", "mail.eml"];
        (done(folder.path(), &inspect), json(folder.path(), &[&inspect[..], &["--json"]].concat()))
    };
    let named = "From: www@web.test\nAuto-Submitted: auto-generated\nReply-To: Marie <marie@client.test>\n";
    let (page, facts) = handed_in("web.test", named);
    assert!(
        page.contains("Handed in    the form site, for Marie <marie@client.test>, whom nothing proves\n"),
        "{page}"
    );
    assert_eq!((&facts["handed_in"]["author"], &facts["may_ack"]), (&"marie@client.test".into(), &true.into()));
    let (page, facts) = handed_in("web.test", "From: www@web.test\n");
    assert!(page.contains("Handed in    the form site; for whom cannot be read: no letter\n"), "{page}");
    assert_eq!((&facts["handed_in"]["names"], &facts["may_ack"]), (&"nobody".into(), &false.into()));
    let list =
        "From: Marie via Aide <aide@lists.test>\nList-Id: <aide.lists.test>\nX-Original-From: marie@client.test\n";
    let (page, facts) = handed_in("lists.test", list);
    assert!(
        page.contains("Handed in    the list aide@lists.test, for marie@client.test, whom nothing proves\n"),
        "{page}"
    );
    assert_eq!((&facts["handed_in"]["by"], &facts["kind"]), (&"list".into(), &"new".into()));
    let (_, facts) = handed_in("client.test", "From: marie@client.test\n");
    assert!(facts["handed_in"].is_null());
}

#[test]
fn inspect_says_whether_an_author_is_believed_and_why() {
    let folder = folder();
    Configuration::new().write(folder.path());
    let results = "Authentication-Results: mx.demo.example; dmarc=pass header.from=client.test\n";
    let hop = "Received: from out.client.test by mx.demo.example with ESMTPS id 7;\n Mon, 2 Mar 2026 08:30:00 +0000\n";
    let inspect = |header: String, options: &[&str]| {
        fs::write(folder.path().join("mail.eml"), format!("{header}From: marie@client.test\nSubject: x\n\nx\n"))
            .unwrap();
        let output = guichet(folder.path(), &[&["inspect", "mail.eml"], options].concat());
        assert_eq!(status(&output), 0, "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let configured = ["--config", "guichet.toml"];
    let believed = inspect(format!("{results}{hop}"), &configured);
    assert!(believed.contains("\nAuthor       passed in support: dmarc=pass of client.test\n"), "{believed}");
    assert!(
        believed.contains("\nBorder hop   from out.client.test by mx.demo.example with ESMTPS id 7;"),
        "{believed}"
    );
    let brought = inspect(format!("{hop}{results}"), &configured);
    assert!(brought.contains("\nAuthor       unverified in support: no Authentication-Results"), "{brought}");
    assert!(
        brought.contains("\nResults      does not count, the mail may have brought it along: mx.demo.example;"),
        "{brought}"
    );
    let facts = inspect(format!("{results}{hop}"), &["--json", "--config", "guichet.toml"]);
    let facts: serde_json::Value = serde_json::from_str(&facts).unwrap();
    let judged = &facts["authentication"][0];
    assert_eq!((&judged["verdict"], &judged["results"][0]["counts"]), (&"passed".into(), &true.into()));
}

#[test]
fn nobody_reading_the_answer_is_no_panic() {
    let folder = folder();
    let fixes = folder.path().join("fixes");
    fs::create_dir(&fixes).unwrap();
    for number in 0..2000 {
        let article = format!(
            "+++\nid = \"fix-{number}\"\ntitle = \"Titre {number}\"\nlanguage = \"fr\"\nsymptoms = [\"un\"]\nanswer = \"suggest\"\n+++\ntexte\n"
        );
        fs::write(fixes.join(format!("{number}.md")), article).unwrap();
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_guichet"))
        .args(["fix", "list", "--fixes", "fixes"])
        .current_dir(folder.path())
        .env("LC_ALL", "C.UTF-8")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((status(&output), text(&output.stderr)), (0, String::new()));
}

/// The house, with a store in a folder of its own and no border: proof is asked for by mail.
fn house() -> Configuration {
    let house = Configuration::new().with_store("sqlite:state/guichet.db");
    house.with_lines("[[mailbox]]", "authserv_id", "authentication = \"token\"")
}

const REQUEST: &str = "From: Luc <luc@client.test>\r\nTo: support@desk.example\r\nSubject: =?utf-8?B?w4ljcmFuIG5vaXLigK4=?=\r\n\
    Date: Mon, 02 Nov 2026 09:00:00 -0500\r\nMessage-ID: <m1@client.test>\r\n\r\n\
    Bonjour, mon \u{e9}cran reste noir \x1b[31mdepuis midi.\r\n";

/// A folder with a configuration and one request that an MTA piped in.
fn office() -> tempfile::TempDir {
    let folder = folder();
    house().write(folder.path());
    fs::write(folder.path().join("request.eml"), REQUEST).unwrap();
    done(folder.path(), &["ingest", "request.eml"]);
    folder
}

/// What a command says that must succeed.
fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = guichet(folder, arguments);
    assert_eq!(status(&output), 0, "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn json(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    serde_json::from_str(&done(folder, arguments)).unwrap()
}

#[test]
fn a_request_is_followed_from_the_pipe_to_its_close() {
    let office = office();
    let folder = office.path();
    let ledger = json(folder, &["ledger", "--json"]);
    assert_eq!((&ledger[0]["outcome"], &ledger[0]["ref"]), (&"ticket".into(), &"R-000001".into()), "{ledger}");

    done(folder, &["ticket", "note", "R-000001", "--agent", "alice.roy@desk.example", "--text", "rappeler demain"]);
    done(folder, &["ticket", "reply", "1", "--agent", "alice.roy@desk.example", "--text", "Branchez le câble."]);
    done(folder, &["ticket", "escalate", "R-000001", "--level", "L2", "--text", "carte vidéo?"]);
    done(folder, &["ticket", "close", "R-000001"]);

    let list = json(folder, &["ticket", "list", "--json"]);
    assert_eq!(list[0]["status"], "closed", "{list}");
    assert_eq!(json(folder, &["ticket", "list", "--status", "open", "--json"]), serde_json::json!([]));
    let ticket = json(folder, &["ticket", "show", "R-000001", "--json"]);
    assert_eq!((&ticket["level"], &ticket["requester"]), (&"L2".into(), &"luc@client.test".into()), "{ticket}");
    let messages = ticket["messages"].as_array().unwrap();
    let kinds = |direction: &str| {
        let of_direction = messages.iter().filter(|message| message["direction"] == direction);
        of_direction.map(|message| message["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kinds("in"), ["request", "note", "agent_reply", "escalation"], "{ticket}");
    assert!(kinds("out").contains(&"ack".to_owned()) && kinds("out").contains(&"agent_reply".to_owned()), "{ticket}");
    let own = messages.iter().filter(|message| message["raw_sha256"] == ledger[0]["raw_sha256"]);
    assert_eq!(own.count(), 1, "a mail stands on its ticket once");
    let events: Vec<_> = ticket["history"].as_array().unwrap().iter().map(|event| &event["event"]).collect();
    assert!(events.contains(&&"opened".into()) && events.contains(&&"closed".into()), "{events:?}");
}

#[test]
fn no_page_carries_a_control_character_of_a_mail() {
    let office = office();
    for arguments in [&["ticket", "list"][..], &["ticket", "show", "1"], &["ledger"], &["outbox", "list"], &["status"]]
    {
        let page = done(office.path(), arguments);
        let odd = page.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(odd, None, "{arguments:?}: {page}");
    }
}

#[test]
fn the_status_says_by_which_edition_of_the_time_zones_it_goes() {
    let office = office();
    let own = json(office.path(), &["status", "--json"])["time_zones"]["own"].clone();
    let page = done(office.path(), &["status"]);
    let line = page.lines().last().unwrap();
    assert!(line.starts_with("time zones: edition 20") && line.contains(own.as_str().unwrap()), "{own} {page}");
}

#[test]
fn what_is_not_there_is_status_1() {
    let office = office();
    for arguments in [
        &["ticket", "show", "R-000099"][..],
        &["ticket", "close", "R-000099"],
        &["ticket", "note", "R-000001", "--agent", "mallory@client.test", "--text", "x"],
        &["ledger", "retry", "99"],
        &["ledger", "show", "99"],
        &["outbox", "drop", "99"],
        &["reconcile"],
        &["check"],
        &["template", "show", "nothing"],
    ] {
        let output = guichet(office.path(), arguments);
        assert_eq!(status(&output), 1, "{arguments:?}: {}", text(&output.stderr));
        assert!(!text(&output.stderr).contains("panicked"));
    }
}

#[test]
fn a_pipe_that_cannot_take_a_mail_asks_for_it_again() {
    let folder = folder();
    fs::write(folder.path().join("request.eml"), REQUEST).unwrap();
    assert_eq!(status(&guichet(folder.path(), &["ingest", "request.eml"])), 75, "without a configuration");
    house().write(folder.path());
    assert_eq!(status(&guichet(folder.path(), &["ingest", "--mailbox", "other", "request.eml"])), 75);
    assert_eq!(status(&guichet(folder.path(), &["ingest", "nowhere.eml"])), 75);
}

#[test]
fn a_slip_in_a_path_makes_no_store() {
    let folder = folder();
    house().write(folder.path());
    let output = guichet(folder.path(), &["ticket", "list"]);
    assert_eq!(status(&output), 1);
    assert!(text(&output.stderr).contains("There is no store"));
    assert!(!folder.path().join("state").exists());
}

#[test]
fn sending_stops_and_goes_on_by_command() {
    let office = office();
    let folder = office.path();
    let waiting = json(folder, &["outbox", "list", "--json"]);
    assert!(!waiting.as_array().unwrap().is_empty());
    done(folder, &["outbox", "hold-all"]);
    assert!(json(folder, &["status", "--json"])["held_since"].is_string());
    done(folder, &["outbox", "resume", "--drop-automatic"]);
    assert_eq!(json(folder, &["status", "--json"])["outbox_pending"], 0);
}

#[test]
fn a_call_becomes_a_ticket() {
    let office = office();
    let call =
        ["ticket", "new", "--requester", "zoe@client.test", "--subject", "Clavier", "--text", "Une touche manque."];
    assert_eq!(done(office.path(), &call), "R-000002\n");
    assert_eq!(json(office.path(), &["ticket", "show", "2", "--json"])["requester"], "zoe@client.test");
}

/// Runs the command with this on stdin.
fn guichet_reading(folder: &Path, arguments: &[&str], input: &str) -> Output {
    fs::write(folder.join("stdin"), input).unwrap();
    Command::new(env!("CARGO_BIN_EXE_guichet"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("GUICHET_CONFIG")
        .env_remove("LC_ALL")
        .env("LANG", "C.UTF-8")
        .stdin(fs::File::open(folder.join("stdin")).unwrap())
        .output()
        .unwrap()
}

#[test]
fn a_list_is_as_long_as_was_asked_and_says_what_it_leaves_out() {
    let office = office();
    let folder = office.path();
    for (requester, subject) in [("zoe@client.test", "Clavier"), ("luc@client.test", "Souris fêlée")] {
        done(folder, &["ticket", "new", "--requester", requester, "--subject", subject, "--text", "Depuis lundi."]);
    }
    let refs = |options: &[&str]| {
        let list = json(folder, &[&["ticket", "list", "--json"], options].concat());
        list.as_array().unwrap().iter().map(|row| row["ref"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(refs(&[]), ["R-000003", "R-000002", "R-000001"]);
    assert_eq!(refs(&["--limit", "2"]), ["R-000003", "R-000002"]);
    assert_eq!(refs(&["--requester", "LUC@client.test"]), ["R-000003", "R-000001"]);
    assert_eq!(refs(&["--search", "SOURIS felee"]), ["R-000003"]);
    assert_eq!(refs(&["--search", "zoe"]), ["R-000002"]);
    assert_eq!(refs(&["--search", "souris zoe"]), [""; 0]);
    assert_eq!(refs(&["--owner", "alice.roy@desk.example"]), [""; 0]);
    assert_eq!((refs(&["--active"]).len(), refs(&["--since", "1h"]).len()), (3, 3));
    assert_eq!(refs(&["--since", "2099-01-01"]), [""; 0]);

    let short = guichet(folder, &["ticket", "list", "--limit", "1"]);
    assert_eq!(text(&short.stdout).lines().count(), 2);
    assert_eq!(text(&short.stderr), "1 of 3 shown: --all, --limit N\n");
    let all = guichet(folder, &["ticket", "list", "--all"]);
    assert_eq!((text(&all.stdout).lines().count(), text(&all.stderr)), (4, String::new()));
    let zone = text(&all.stdout);
    assert!(zone.contains(" -05:00 ") || zone.contains(" -04:00 "), "{zone}");
    assert_eq!(json(folder, &["ledger", "--json", "--outcome", "quarantine"]), serde_json::json!([]));
    assert_eq!(
        json(folder, &["ledger", "list", "--outcome", "ticket", "--limit", "1", "--json"])[0]["ref"],
        "R-000001"
    );
}

#[test]
fn words_come_from_stdin_and_never_are_blank() {
    let office = office();
    let folder = office.path();
    let reply = ["ticket", "reply", "r-1", "--agent", "alice.roy@desk.example", "--text", "-"];
    let answered = guichet_reading(folder, &reply, "Le câble est changé.\n");
    assert_eq!(status(&answered), 0, "{}", text(&answered.stderr));
    let told = text(&answered.stderr);
    assert!(told.contains("Done on R-000001.") && told.contains("Letter answer to luc@client.test."), "{told}");
    let ticket = json(folder, &["ticket", "show", "1", "--json"]);
    let texts: Vec<_> = ticket["messages"].as_array().unwrap().iter().map(|m| m["text"].as_str().unwrap()).collect();
    assert!(texts.iter().any(|text| text.contains("Le câble est changé.")) && !texts.contains(&"-"), "{texts:?}");

    for order in [
        &["ticket", "reply", "1", "--agent", "alice.roy@desk.example"][..],
        &["ticket", "note", "1", "--agent", "alice.roy@desk.example"],
        &["ticket", "escalate", "1", "--level", "L2"],
        &["ticket", "close", "1"],
        &["ticket", "new", "--requester", "luc@client.test", "--subject", "Écran"],
    ] {
        for blank in ["", " \n\t", "\u{200b}", "-"] {
            let refused = guichet_reading(folder, &[order, &["--text", blank]].concat(), "\n \n");
            assert_eq!(status(&refused), 2, "{order:?} {blank:?}");
            assert!(text(&refused.stderr).contains("The text is empty"), "{}", text(&refused.stderr));
        }
    }
    let nothing = guichet_reading(folder, &["ticket", "note", "1", "--agent", "alice.roy@desk.example"], "x");
    assert_eq!(status(&nothing), 2);
    let told = text(&nothing.stderr);
    assert!(told.contains("guichet ticket note R-000001 --agent alice.roy@desk.example --text"), "{told}");
    let slip = guichet_reading(folder, &["ticket", "show", "T-1"], "");
    assert!(text(&slip.stderr).contains("write R-000123, or 123"), "{}", text(&slip.stderr));
}

#[test]
fn letters_are_given_up_and_tried_again_several_at_once() {
    let office = office();
    let folder = office.path();
    let ids = || -> Vec<(String, String)> {
        let list = json(folder, &["outbox", "list", "--json"]);
        list.as_array()
            .unwrap()
            .iter()
            .map(|row| (row["id"].to_string(), row["state"].as_str().unwrap().into()))
            .collect()
    };
    let waiting = ids();
    assert!(waiting.len() > 1 && waiting.iter().all(|(_, state)| state == "queued"), "{waiting:?}");
    let first = json(folder, &["outbox", "list", "--json"])[0].clone();
    assert_eq!((&first["ticket"], &first["to"]), (&first["ref"], &first["recipient"]));
    let explained = done(folder, &["outbox", "explain", &waiting[0].0]);
    assert!(explained.contains("leaves as soon as it can") && explained.contains("Nobody serves"), "{explained}");
    let numbers: Vec<&str> = waiting.iter().map(|(id, _)| id.as_str()).collect();
    done(folder, &[&["outbox", "drop"], &numbers[..]].concat());
    assert!(ids().iter().all(|(_, state)| state == "failed"));
    assert!(json(folder, &["outbox", "list", "--json"])[0]["reason"].as_str().unwrap().contains("operator"));
    let retried = guichet(folder, &["outbox", "retry", "--failed"]);
    assert!(text(&retried.stderr).contains(": 0."), "what was dropped stays dropped: {}", text(&retried.stderr));
    let mixed = guichet(folder, &[&["outbox", "retry", "999"], &numbers[..]].concat());
    assert_eq!(status(&mixed), 1, "{}", text(&mixed.stderr));
    assert_eq!(ids(), waiting, "the others are tried");
    assert_eq!(status(&guichet(folder, &["outbox", "explain", "999"])), 1);
}

#[test]
fn the_status_of_a_store_that_nobody_serves_says_so() {
    let office = office();
    let page = done(office.path(), &["status"]);
    assert!(page.starts_with("nobody serves") && !page.contains("watching"), "{page}");
    assert!(page.contains("active tickets: 1 (L1 new 1)") && page.contains("they wait for a gateway"), "{page}");
    let status = json(office.path(), &["status", "--json"]);
    assert_eq!((&status["serving"], &status["tickets"][0]["count"]), (&false.into(), &1.into()), "{status}");
}

#[test]
fn templates_are_listed_shown_and_exported_without_a_configuration() {
    let folder = folder();
    let list = done(folder.path(), &["template", "list"]);
    assert!(list.contains("fr/acknowledgement.txt.hbs") && list.contains("en/acknowledgement.txt.hbs"), "{list}");
    assert!(!done(folder.path(), &["template", "show", "fr/answer.txt.hbs"]).is_empty());
    assert!(done(folder.path(), &["template", "preview", "acknowledgement", "--language", "en"]).contains("Subject: "));
    done(folder.path(), &["template", "export", "mine"]);
    assert_eq!(done(folder.path(), &["template", "list", "--letters", "mine"]), list);
}

#[test]
fn templates_are_exported_into_the_folder_that_the_configuration_names_already() {
    let folder = folder();
    Configuration::new().and("[letters]\nfolder = \"mine\"").write(folder.path());
    assert_eq!(status(&guichet(folder.path(), &["template", "list"])), 2);
    done(folder.path(), &["template", "export", "mine"]);
    done(folder.path(), &["template", "list"]);
}

#[test]
fn a_known_fix_is_found_and_replayed() {
    let folder = folder();
    done(folder.path(), &INIT);
    let fixes = ["--fixes", "known-fixes"];
    assert_eq!(status(&guichet(folder.path(), &[&["fix", "check"][..], &fixes].concat())), 0);
    let symptom = "J'ai oublié mon mot de passe";
    let found = json(folder.path(), &[&["fix", "match", symptom, "--json"][..], &fixes].concat());
    assert!(found["answered"].is_string(), "{found}");
    let case = serde_json::json!({"text": symptom, "expected": found["answered"]});
    fs::write(folder.path().join("cases.jsonl"), format!("{case}\n")).unwrap();
    let replayed = json(folder.path(), &[&["fix", "backtest", "cases.jsonl", "--json"][..], &fixes].concat());
    assert_eq!((&replayed["cases"], &replayed["correct"]), (&1.into(), &1.into()), "{replayed}");
}

#[test]
fn the_demo_needs_no_configuration_and_is_plain_and_narrow_where_no_terminal_is() {
    let folder = folder();
    let output = guichet(folder.path(), &["demo"]);
    assert_eq!((status(&output), text(&output.stderr)), (0, String::new()));
    let page = text(&output.stdout);
    let wide: Vec<&str> = page.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:?}");
    assert!(!page.contains('\u{1b}') && page.contains("difference 0."), "{page}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_command_line_is_french_where_the_environment_is() {
    let folder = folder();
    let in_language = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
        for name in ["LC_ALL", "LC_MESSAGES", "LANG", "GUICHET_CONFIG"] {
            command.env_remove(name);
        }
        command.args(arguments).current_dir(folder.path()).envs(variables.iter().copied());
        let output = command.stdin(Stdio::null()).output().unwrap();
        (status(&output), (text(&output.stdout) + &text(&output.stderr)).replace('\u{a0}', " "))
    };
    for variables in
        [&[("LANG", "fr_CA.UTF-8")][..], &[("LC_MESSAGES", "fr"), ("LANG", "en_CA.UTF-8")], &[("LC_ALL", "fr_FR")]]
    {
        let (code, help) = in_language(variables, &["serve", "--help"]);
        assert!(code == 0 && help.contains("Usage : guichet serve") && help.contains("Afficher l’aide"), "{help}");
        let (code, told) = in_language(variables, &["statut"]);
        assert!(code == 2 && told.starts_with("erreur : la commande « statut » n’existe pas"), "{told}");
        let (code, told) = in_language(variables, &[]);
        assert!(code == 2 && told.contains("Commandes :"), "{told}");
        let (code, told) = in_language(variables, &["status"]);
        assert!(code == 2 && told.contains("configuration"), "{told}");
    }
    let (code, help) = in_language(&[("LC_ALL", "C.UTF-8"), ("LANG", "fr_CA.UTF-8")], &["--help"]);
    assert!(code == 0 && help.contains("Usage: guichet"), "{help}");
}

#[test]
fn the_ledger_says_what_proves_each_author() {
    let folder = folder();
    let folder = folder.path();
    Configuration::new().with_store("sqlite:state/guichet.db").write(folder);
    let results = "Authentication-Results: mx.demo.example; dmarc=pass header.from=client.test\r\n";
    for (name, header) in [("believed.eml", results), ("doubted.eml", "")] {
        fs::write(folder.join(name), format!("{header}{}", REQUEST.replace("m1@", name))).unwrap();
        done(folder, &["ingest", name]);
    }
    let found = |line: &serde_json::Value| line["authentication"].clone();
    let ledger = json(folder, &["ledger", "--json"]);
    let why = "no Authentication-Results of the border counts";
    assert_eq!(found(&ledger[0]), serde_json::json!({"verdict": "unverified", "by": "header", "why": why}));
    let why = "dmarc=pass of client.test";
    assert_eq!(found(&ledger[1]), serde_json::json!({"verdict": "passed", "by": "header", "why": why}));

    let shown = json(folder, &["ledger", "show", "1", "--json"]);
    assert_eq!((&shown["id"], &shown["ref"]), (&1.into(), &"R-000001".into()));
    assert_eq!(found(&shown), found(&ledger[1]));
    assert_eq!(shown["proof"]["reason"], "dmarc");
    let acknowledgement = &shown["letters"][0];
    assert_eq!(acknowledgement["purpose"], "acknowledgement", "{shown}");
    assert_eq!(acknowledgement["deliveries"][0]["recipient"], "luc@client.test", "{shown}");
    let page = done(folder, &["ledger", "show", "1"]);
    assert!(page.contains("author: passed: dmarc=pass of client.test\noutcome: ticket R-000001, "), "{page}");
    assert!(page.contains("→ acknowledgement: "), "{page}");

    let page = done(folder, &["ledger"]);
    assert!(page.lines().next().unwrap().ends_with("AUTHOR"), "{page}");
    assert!(page.contains("  unverified: no Authentication-Results of the border counts\n"), "{page}");
    assert!(page.contains("  passed: dmarc=pass of client.test\n"), "{page}");
    let mut french = Command::new(env!("CARGO_BIN_EXE_guichet"));
    french.arg("ledger").current_dir(folder).env_remove("GUICHET_CONFIG").env("LC_ALL", "fr_CA.UTF-8");
    let page = text(&french.output().unwrap().stdout);
    assert!(page.lines().next().unwrap().ends_with("AUTEUR"), "{page}");
    assert!(page.contains("  non vérifié\u{a0}: aucun résultat de la frontière ne compte\n"), "{page}");
    assert!(page.contains("  authentifié\u{a0}: dmarc=pass de client.test\n"), "{page}");
}

#[test]
fn a_calendar_shows_its_year_and_counts_business_time() {
    let folder = folder();
    let folder = folder.path();
    let calendar = "[[calendar]]\nname = \"office\"\nhours = [\"mon-fri 08:30-12:00, 13:00-16:30\"]\n\
        holidays = [\"QC\"]\ndays_off = [\"2026-12-24\"]\nclosures = [\"2026-12-28/2027-01-02\"]";
    house().with_key("[[desk]]", "calendar", "\"office\"").and(calendar).write(folder);

    let year = json(folder, &["calendar", "--year", "2026", "--json"]);
    assert_eq!(year["hours"], serde_json::json!(["mon-fri 08:30-12:00, 13:00-16:30"]));
    assert_eq!(
        year["holidays"][3],
        serde_json::json!({"date": "2026-06-24", "name": "National Holiday", "moved": false})
    );
    assert_eq!(year["closures"], serde_json::json!([{"first": "2026-12-28", "last": "2027-01-02"}]));
    let page = done(folder, &["calendar", "--year", "2026"]);
    assert!(
        page.contains("2026-12-24") && page.contains("day off") && page.contains("2026-12-28/2027-01-02"),
        "{page}"
    );
    let mut french = Command::new(env!("CARGO_BIN_EXE_guichet"));
    french
        .args(["calendar", "--year", "2029"])
        .current_dir(folder)
        .env_remove("GUICHET_CONFIG")
        .env("LC_ALL", "fr_CA.UTF-8");
    let page = text(&french.output().unwrap().stdout);
    let document = text(&french.arg("--json").output().unwrap().stdout);
    assert!(document.contains("Canada Day") && !document.contains("Fête"), "{document}");
    assert!(page.contains("Fête du Canada (jour reporté)") && page.contains("POURQUOI"), "{page}");

    // From the afternoon before Saint John's Day to the morning after it.
    let between = ["calendar", "--between", "2026-06-23T16:00:00-04:00", "2026-06-25T09:00:00-04:00"];
    assert_eq!(done(folder, &between), "3600\n");
    assert_eq!(json(folder, &[&between[..], &["--json"]].concat()), serde_json::json!({"seconds": 3600}));

    let unread = guichet(folder, &["calendar", "--between", "hier", "demain"]);
    assert_eq!(status(&unread), 2);
    assert!(text(&unread.stderr).contains("write 2026-11-01T08:00:00-05:00 or"), "{}", text(&unread.stderr));
    let other = guichet(folder, &["calendar", "--desk", "nobody"]);
    assert_eq!(
        (status(&other), text(&other.stderr)),
        (2, "guichet: There is no desk \"nobody\": support.\n".to_owned())
    );
    house().without("[[target]]").without_key("[[desk]]", "calendar").write(folder);
    let none = guichet(folder, &["calendar"]);
    assert_eq!(status(&none), 1);
    assert!(text(&none.stderr).contains("support has no calendar. Add a [[calendar]]"), "{}", text(&none.stderr));
}
