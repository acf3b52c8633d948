//! Templates that an operator edits.

use guichet::desk::Purpose;
use guichet::letters::{BarrierKind, Templates};
use guichet::mail::Language;

use crate::cast::{TEMPLATES, compose_at_noon, letter};

fn overridden(path: &str, text: &str) -> Result<Templates, String> {
    Templates::new(&[(path.to_owned(), text.to_owned())]).map_err(|faults| faults.to_string())
}

fn fault(path: &str, text: &str) -> String {
    overridden(path, text).expect_err("a fault")
}

#[test]
fn one_file_may_be_replaced() {
    let templates = overridden("en/answer.txt.hbs", "Dear customer,\n\n{{text}}\n{{> _bottom}}\n").unwrap();
    let preview = templates.preview(Purpose::Answer, Language::ENGLISH).unwrap();
    assert!(preview.text.starts_with("Dear customer,\n\nHello,\n"), "{}", preview.text);
    assert_eq!(templates.source("en/answer.txt.hbs").unwrap().lines().next(), Some("Dear customer,"));
    assert!(templates.list().any(|path| path == "fr/answer.html.hbs"));
}

#[test]
fn an_unknown_name_is_refused_with_its_line_also_where_handlebars_would_be_silent() {
    let found = fault("fr/answer.txt.hbs", "{{text}}\n{{#if requester_nam}}\nx\n{{/if}}\n{{> _bottom}}\n");
    assert!(
        found.starts_with("fr/answer.txt.hbs, line 2: There is no \"requester_nam\". Did you mean \"requester_name\""),
        "{found}"
    );
    let found = fault("fr/answer.html.hbs", "{{#each fixes}}{{titel}}{{/each}}");
    assert!(found.contains("There is no \"titel\""), "{found}");
}

#[test]
fn every_branch_is_looked_at_and_kept() {
    let branches =
        "{{#if (eq state \"new\")}}a{{else if (eq state \"open\")}}b {{> _state}}{{else}}c{{/if}}\n{{> _bottom}}\n";
    let templates = overridden("en/status.txt.hbs", branches).unwrap();
    assert!(templates.preview(Purpose::Status, Language::ENGLISH).unwrap().text.starts_with("c\n"));
    let templates = overridden("en/status.txt.hbs", &branches.replace("open", "pending")).unwrap();
    assert!(templates.preview(Purpose::Status, Language::ENGLISH).unwrap().text.starts_with("b pending"));
    let found = fault("en/status.txt.hbs", &branches.replace("}}b", "}}{{#if stat}}b{{/if}}"));
    assert!(found.starts_with("en/status.txt.hbs, line 1: There is no \"stat\"."), "{found}");
}

#[test]
fn live_html_of_a_mail_is_refused() {
    assert!(fault("fr/answer.html.hbs", "\n\n{{{text}}}").contains("fr/answer.html.hbs, line 3: {{{…}}}"));
    assert!(fault("fr/answer.html.hbs", "{{&text}}").contains("unescaped"));
    assert!(fault("fr/answer.html.hbs", "{{safe text}}{{token}}").contains("fr/answer.html.hbs"));
}

#[test]
fn a_syntax_error_is_refused_in_one_line() {
    let found = fault("fr/answer.txt.hbs", "a\n{{#if text}}\nb\n");
    assert!(found.starts_with("fr/answer.txt.hbs, line ") && found.lines().count() == 1, "{found}");
}

#[test]
fn the_line_that_answers_are_known_by_must_stay() {
    assert!(fault("en/answer.txt.hbs", "{{text}}").contains("{{> _bottom}}"));
}

#[test]
fn a_file_that_would_never_be_read_is_a_fault() {
    let found = fault("fr/acknowledgment.txt.hbs", "x");
    assert!(found.contains("Did you mean fr/acknowledgement.txt.hbs?"), "{found}");
}

#[test]
fn a_part_that_includes_itself_is_a_fault() {
    assert!(fault("fr/_bottom.txt.hbs", "{{> _bottom}}").contains("includes itself"));
    assert!(fault("fr/answer.txt.hbs", "{{> _buttom}}").contains("There is no _buttom.txt.hbs to include"));
}

#[test]
fn a_language_is_added_by_a_folder_and_must_be_whole() {
    let copied = |path: &str| path.starts_with("en/").then(|| path.replacen("en/", "de/", 1));
    let mut folder: Vec<(String, String)> =
        TEMPLATES.list().filter_map(|path| Some((copied(path)?, TEMPLATES.source(path)?.to_owned()))).collect();
    let german: Language = "de".parse().unwrap();
    assert!(Templates::new(&folder).unwrap().speaks(german));
    folder.retain(|(path, _)| path != "de/case.html.hbs");
    let faults = Templates::new(&folder).unwrap_err().to_string();
    assert!(faults.contains("de/case.html.hbs: The folder de lacks this file"), "{faults}");
}

#[test]
fn a_language_without_a_folder_is_written_in_the_desks_first() {
    let order = letter(Purpose::Acknowledgement, "de".parse().unwrap());
    assert!(compose_at_noon(&order).text.starts_with("Bonjour,"));
}

#[test]
fn what_keeps_people_from_reading_an_operators_letter_is_told_and_the_letter_sent() {
    let pale = "{{> _top}}\n<p style=\"color:#999;background:#fff\">Hello,</p>\n{{> _bottom}}\n";
    let templates = overridden("en/chase.html.hbs", pale).unwrap();
    let barriers: Vec<_> = templates.barriers().into_iter().collect();
    let [(barrier, files)] = barriers.as_slice() else { panic!("{barriers:?}") };
    assert_eq!(
        (barrier.kind, barrier.place.as_str()),
        (BarrierKind::Contrast, "<p style=\"color:#999;background:#fff\"> (2.8:1)")
    );
    assert_eq!(*files, ["en/chase.html.hbs".to_owned()].into());
    assert!(templates.preview(Purpose::Chase, Language::ENGLISH).is_ok());
}

#[test]
fn a_barrier_in_a_part_is_told_once_for_all_letters() {
    let top = TEMPLATES.source("fr/_top.html.hbs").unwrap();
    let spoilt = top.replace(" lang=\"{{language}}\"", "").replace("line-height:1.5", "line-height:1.1;color:#333");
    let barriers = overridden("fr/_top.html.hbs", &spoilt).unwrap().barriers();
    let told: Vec<_> = barriers.iter().map(|(barrier, files)| (barrier.kind, files.len())).collect();
    let all = Purpose::ALL.len();
    assert_eq!(
        told,
        [(BarrierKind::NoLanguage, all), (BarrierKind::HalfColours, all), (BarrierKind::TightLines, all)],
        "{barriers:?}"
    );
    let others = barriers.values().flatten().filter(|file| !file.starts_with("fr/"));
    assert_eq!(others.count(), 0);
}

#[test]
fn french_templates_keep_colons_and_quotes_with_their_words() {
    for path in TEMPLATES.list().filter(|path| path.starts_with("fr/")) {
        let text = TEMPLATES.source(path).unwrap();
        for bad in ["« ", " »", " : ", " ;"] {
            let offending =
                text.lines().find(|line| line.contains(bad) && !line.contains("style=") && !line.contains("{ margin"));
            assert!(offending.is_none(), "{path}: {offending:?} holds {bad:?}");
        }
    }
}
