//! What a template's preview shows, real letters show: the same blocks together, and none that no letter ever has.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use guichet::desk::{Policy, Purpose};
use guichet::letters::Templates;
use guichet::mail::{self, Language};
use guichet::store::TicketFilter;
use jiff::SignedDuration;
use regex::Regex;

use crate::cast::{ACME, ALICE, ANNA, BOB, L2, LUC, MARIE, ROBOT, STRANGER};
use crate::client::{Verdict, bounce};
use crate::clocks;
use crate::crowds;
use crate::house;
use crate::routines;
use crate::stage::Stage;
use crate::waiting;

const TONER: &str = r#"+++
id = "toner-vide"
title = "Remplacer la cartouche de toner"
language = "fr"
symptoms = ["le toner est vide", "l'imprimante demande une cartouche", "remplacer la cartouche de toner"]
answer = "auto"
+++

Les cartouches sont dans l'armoire du couloir.
"#;

const ASKS: &str = "Bonjour, le toner est vide, comment remplacer la cartouche ?";

/// The literal pieces of a template, without what is too short to be told from other words.
type Blocks = BTreeSet<String>;

#[tokio::test]
async fn a_preview_shows_the_blocks_of_a_real_letter() {
    let templates = Templates::new(&[]).unwrap();
    let real = Box::pin(real_letters(&templates)).await;
    let mut wrong = Vec::new();
    for purpose in Purpose::ALL {
        let for_vendor = matches!(purpose, Purpose::Case | Purpose::FollowUp | Purpose::Chase);
        let language = if for_vendor { Language::ENGLISH } else { Language::FRENCH };
        let pieces = pieces(&templates, purpose, language);
        let preview = shown(&templates.preview(purpose, language).unwrap().text, &pieces);
        let letters = real.get(purpose.name()).map(Vec::as_slice).unwrap_or_default();
        let real: Vec<Blocks> = letters.iter().map(|text| shown(text, &pieces)).collect();
        if !real.contains(&preview) {
            wrong.push(format!("{} is previewed as no letter is:", purpose.name()));
            let differs = |real: &Blocks| format!("  too much {:?}, lacks {:?}", &preview - real, real - &preview);
            wrong.extend(real.iter().map(differs));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Both languages say the same of the same.
#[test]
fn both_languages_have_the_same_blocks() {
    static TAGS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\{\{[^{}]*\}\}").unwrap());
    let templates = Templates::new(&[]).unwrap();
    let french: Vec<&str> = templates.list().filter(|path| path.starts_with("fr/")).collect();
    assert!(french.len() > 60);
    for path in french {
        let tags = |path: &str| -> Vec<String> {
            let source = templates.source(path).unwrap_or_else(|| panic!("there is no {path}"));
            let tags = TAGS.find_iter(source).map(|tag| tag.as_str().to_owned());
            tags.filter(|tag| !tag.contains("mailto")).collect()
        };
        assert_eq!(tags(path), tags(&path.replacen("fr/", "en/", 1)), "{path}");
    }
}

/// Texts of letters as they leave, by the names of what they are for.
async fn real_letters(templates: &Templates) -> BTreeMap<String, Vec<String>> {
    // Letters about no ticket are known by their subject.
    let mut subjects: HashMap<String, String> = HashMap::new();
    for purpose in [Purpose::Challenge, Purpose::Quarantine, Purpose::QuarantineAlarm, Purpose::Junk, Purpose::Worklist]
    {
        let preview = templates.preview(purpose, Language::FRENCH).unwrap();
        subjects.insert(mail::parse(&preview.bytes).subject, purpose.name().to_owned());
    }
    // A report's names its week.
    let report = Purpose::WeeklyReport.name().to_owned();
    subjects.insert(report.clone(), report.clone());
    let mut letters: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for stage in Box::pin(a_long_day()).await {
        let purposes = purposes(&stage).await;
        for (_, letter) in stage.letters() {
            let subject = &letter.mail.subject;
            let subject = if subject.starts_with("Rapport du ") { &report } else { subject };
            let purpose = purposes.get(&letter.id()).or_else(|| subjects.get(subject));
            if let Some(purpose) = purpose {
                letters.entry(purpose.clone()).or_default().push(letter.mail.body.text.clone());
            }
        }
    }
    letters
}

/// What each letter about a ticket is for, by its identifier.
async fn purposes(stage: &Stage) -> HashMap<String, String> {
    let mut purposes = HashMap::new();
    for ticket in stage.gateway.store.tickets(&TicketFilter::default()).await.unwrap().tickets {
        for letter in stage.gateway.store.ticket(ticket.number).await.unwrap().unwrap().letters {
            purposes.insert(letter.message_id.unwrap().as_str().to_owned(), letter.purpose.name().to_owned());
        }
    }
    purposes
}

/// Every letter there is leaves once, and with all that it can hold together.
async fn a_long_day() -> [Stage; 7] {
    let mut policy: Policy = house::policy();
    policy.receipts_at_first = 100;
    policy.desks[0].hours =
        vec![(Language::FRENCH, "de 8 h à 17 h".to_owned()), (Language::ENGLISH, "8:00 to 17:00".to_owned())];
    let promised = clocks::policy();
    policy.desks[0].calendar = promised.desks[0].calendar.clone();
    (policy.calendars, policy.targets) = (promised.calendars, promised.targets);
    let suggested = TONER.replace("auto", "suggest");
    let mut stage = Stage::with(policy.clone(), house::library(&[&suggested])).await;
    // A request that is answered, solved and opened again.
    stage.mail(&MARIE.writes("Cartouche de toner", ASKS).attached("écran.png", "image/png", b"png")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Statut")).await;
    let asked = stage.last_to(ALICE.address);
    stage.mail(&ALICE.answers(&asked, "Bonjour,\n\nRegardez dans l'armoire.")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Statut")).await;
    stage.mail(&ALICE.answers(&asked, "#statut")).await;
    stage.mail(&ALICE.answers(&asked, "#resolut")).await;
    stage.mail(&ALICE.answers(&asked, "#résolu\nBonjour,\n\nElle est sous le bac.")).await;
    let solved = stage.last_to(MARIE.address);
    stage.mail(&MARIE.answers(&solved, "Elle n'y est pas.").attached("photo.png", "image/png", b"png")).await;
    let letter = stage.last_to(MARIE.address);
    stage.raw_mails(&[&bounce(&letter.id(), MARIE.address)]).await;
    stage.mail(&MARIE.answers(&letter, "Français")).await;
    // Through the levels.
    stage.mail(&ALICE.answers(&asked, "#escalader N2 : le bac est vide")).await;
    let escalated = stage.last_to(L2);
    stage.mail(&LUC.answers(&escalated, "#escalader N3 acme : le bac est vide")).await;
    let case = stage.last_to(ACME);
    let mark = format!("[ACME-7] {}", case.mail.subject);
    let mut confirmed = ROBOT.answers(&case, "Your request was received.").with("Auto-Submitted", "auto-replied");
    confirmed.subject = mark;
    stage.mail(&confirmed).await;
    let answer = ANNA.answers(&case, "Which firmware does it show? Ref:MSG0012345_aBcDeF");
    stage.mail(&answer.attached("menu.png", "image/png", b"png")).await;
    stage.mail(&LUC.answers(&stage.last_to(LUC.address), "#fournisseur acme : 4.2")).await;
    stage.wait(SignedDuration::from_hours(48)).await;
    stage.mail(&LUC.answers(&stage.last_to(LUC.address), "#retour N1 : acme cherche")).await;
    // What nobody proved.
    stage.later(SignedDuration::from_hours(1));
    let again = MARIE.writes("Toner du quai", ASKS).attached("photo.png", "image/png", b"png");
    stage.mail(&again.judged(Verdict::None)).await;
    let unproven = MARIE.writes("Toner du hall", ASKS).attached("hall.png", "image/png", b"png");
    stage.mail(&unproven.clone().judged(Verdict::None)).await;
    stage.mail(&unproven).await;
    for forged in [BOB.answers(&asked, "Débranchez tout."), ALICE.answers(&asked, "#note secret")] {
        stage.mail(&forged.judged(Verdict::None)).await;
    }
    stage.mail(&STRANGER.writes("Wifi", "???").judged(Verdict::None)).await;
    // An article that answers by itself.
    let mut other = Stage::with(policy, house::library(&[TONER])).await;
    other.mail(&MARIE.writes("Cartouche de toner", ASKS)).await;
    // Whoever owned a ticket is away.
    other.mail(&BOB.answers(&other.last_to(BOB.address), "#take\n#away until Monday")).await;
    // What was promised is not kept, by day and by night.
    let mut late = Stage::with(clocks::policy(), house::library(&[])).await;
    late.mail(&MARIE.writes("Cartouche de toner", ASKS)).await;
    late.wait(SignedDuration::from_hours(12)).await;
    late.mail(&ALICE.answers(&late.last_to(ALICE.address), "#priorité 1")).await;
    late.look().await;
    // The week is over.
    late.gateway.time.advance(SignedDuration::from_hours(7 * 24));
    late.look().await;
    // Who is asked says nothing, and nobody looks at what waits.
    let mut silent = waiting::asked(waiting::policy()).await;
    silent.wait(SignedDuration::from_hours(24 * 4)).await;
    let mut listed = routines::busy(routines::policy()).await;
    listed.wait(SignedDuration::from_hours(24)).await;
    let mut guarded = Stage::with(routines::guarded(), house::library(&[])).await;
    guarded.mail(&MARIE.writes("Liste", "Bonjour, je cherche la liste.")).await;
    let unproven = ALICE.answers(&guarded.last_to(ALICE.address), "#note Envoyez-moi la liste.");
    guarded.mail(&unproven.judged(Verdict::None)).await;
    guarded.mailbox("support/junk");
    guarded.mail(&STRANGER.writes("Offre", "Cliquez ici.")).await;
    guarded.wait(SignedDuration::from_hours(48)).await;
    // Many ask for the same.
    let mut crowd = Stage::new().await;
    crowds::ask(&mut crowd, 0..10).await;
    crowd.mail(&ALICE.answers(&crowd.last_to(ALICE.address), "#majeur Panne du VPN")).await;
    crowd.mail(&ALICE.answers(&crowd.last_to(ALICE.address), "#majeur\nLe serveur redémarre à 15 h.")).await;
    crowds::ask(&mut crowd, 10..12).await;
    crowd.wait(SignedDuration::from_mins(20)).await;
    [stage, other, late, silent, listed, guarded, crowd]
}

/// The pieces of a letter's text template, with what it includes.
fn pieces(templates: &Templates, purpose: Purpose, language: Language) -> Vec<String> {
    static TAGS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\{\{.*?\}\}").unwrap());
    let whole = with_includes(templates, language, purpose.name());
    let is_telling = |piece: &&str| piece.chars().filter(|c| c.is_alphabetic()).count() > 3;
    TAGS.split(&whole).flat_map(str::lines).map(str::trim).filter(is_telling).map(squeezed).collect()
}

fn with_includes(templates: &Templates, language: Language, name: &str) -> String {
    static INCLUDE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\{\{> (\w+)\}\}").unwrap());
    let source = templates.source(&format!("{language}/{name}.txt.hbs")).unwrap();
    INCLUDE
        .replace_all(source, |found: &regex::Captures<'_>| with_includes(templates, language, &found[1]))
        .into_owned()
}

fn shown(text: &str, pieces: &[String]) -> Blocks {
    let text = squeezed(text);
    pieces.iter().filter(|piece| text.contains(piece.as_str())).cloned().collect()
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
