//! What templates can name: the facts, and what a letter knows of itself.

use serde_json::{Map, Value, json};

use super::html::SafeHtml;
use super::identity::{self, Identity};
use super::{made, subject};
use crate::desk::{
    Audience, ChartFacts, CrowdFacts, Desk, DueFacts, Facts, FixFacts, Letter, OtherFacts, QuarantinedFacts, RowFacts,
    SectionFacts, TagPlace, TimelineFacts, WorkFacts,
};
use crate::mail::Language;

/// Languages that are written from right to left (ISO 639-1).
const RIGHT_TO_LEFT: [&str; 7] = ["ar", "dv", "fa", "he", "ps", "ur", "yi"];

/// The context of a letter. `letter_subject` is empty until the subject is rendered.
pub(super) fn of(
    letter: &Letter,
    desk: &Desk,
    language: Language,
    identity: &Identity,
    thread_subject: &str,
    words: Option<SafeHtml>,
) -> Value {
    let mut scope = facts(&letter.facts);
    let dir = if RIGHT_TO_LEFT.contains(&language.code()) { "rtl" } else { "ltr" };
    let work = letter.facts.worklist.iter().map(|work| on_worklist(work, letter, desk));
    scope.insert("worklist".to_owned(), work.collect());
    let suffix = made::suffix(identity, letter);
    let charts = letter
        .facts
        .charts
        .iter()
        .map(|chart| json!({ "title": chart.title, "alt": chart.alt, "cid": made::cid(&chart.cid, &suffix) }));
    scope.insert("charts".to_owned(), charts.collect());
    retain_for(&letter.audience, &mut scope);
    scope.extend([
        ("text_html".to_owned(), words.map_or(Value::Null, |words| json!(words))),
        ("desk_name".to_owned(), Value::from(desk.display_name.as_str())),
        ("writer".to_owned(), Value::from(letter.writer.clone())),
        ("thread_subject".to_owned(), Value::from(thread_subject)),
        ("letter_subject".to_owned(), Value::from("")),
        ("language".to_owned(), Value::from(language.code())),
        ("dir".to_owned(), Value::from(dir)),
        ("token".to_owned(), Value::from(identity.token.as_str())),
        ("reply_to".to_owned(), Value::from(identity.reply_to.as_str())),
        ("reply_to_holds_token".to_owned(), Value::from(identity.is_sub_addressed)),
    ]);
    Value::Object(scope)
}

/// A letter's context value of that name; null where there is none.
pub(super) fn value_of<'c>(context: &'c Value, name: &str) -> &'c Value {
    context.get(name).unwrap_or(&Value::Null)
}

/// Names of the fields of what stands in lists: known fixes, earlier entries, tickets, figures and their pictures.
pub(super) fn item_names() -> impl Iterator<Item = String> {
    let fix = FixFacts { id: String::new(), title: String::new(), text: String::new(), html: String::new() };
    let entry = TimelineFacts::default();
    let other = OtherFacts { reference: String::new(), subject: String::new(), standing: String::new(), owner: None };
    let (due, work, waits, one) =
        (DueFacts::default(), WorkFacts::default(), QuarantinedFacts::default(), CrowdFacts::default());
    let (section, row, chart) = (SectionFacts::default(), RowFacts::default(), ChartFacts::default());
    let of_report = [json!(section), json!(row), json!(chart)];
    [json!(fix), json!(entry), json!(other), json!(due), json!(work), json!(waits), json!(one)]
        .into_iter()
        .chain(of_report)
        .filter_map(|item| item.as_object().cloned())
        .flat_map(|item| item.into_iter().map(|(name, _)| name))
}

fn facts(facts: &Facts) -> Map<String, Value> {
    let Value::Object(mut scope) = json!(facts) else { return Map::new() };
    let fixes = facts.fixes.iter().map(|fix| {
        json!({ "id": fix.id, "title": fix.title, "text": fix.text, "html": SafeHtml::trusted(fix.html.clone()) })
    });
    scope.insert("fixes".to_owned(), fixes.collect());
    scope
}

/// A ticket on a worklist, with what a mail about it is written to and what its subject is.
fn on_worklist(work: &WorkFacts, letter: &Letter, desk: &Desk) -> Value {
    let token_address = desk.sub_addressing.then(|| identity::sub_address(&letter.from, &work.token)).flatten();
    let tag = work.reference.parse().ok().map(|ticket| (desk.tag.as_str(), ticket, TagPlace::Front));
    let bare = subject::bare(&work.subject, &desk.tag);
    let mut item = json!(work);
    item["reply_to_holds_token"] = token_address.is_some().into();
    item["reply_to"] = token_address.unwrap_or_else(|| letter.from.clone()).as_str().into();
    item["letter_subject"] = subject::finished(&bare, tag, None, "").into();
    item
}

/// Earlier entries cross no audience, whatever the order for the letter holds.
fn retain_for(audience: &Audience, scope: &mut Map<String, Value>) {
    let may_read = |entry: &Value| match (audience, entry["audience"].as_str().unwrap_or("desk")) {
        (Audience::Desk, _) | (Audience::Requester | Audience::Vendor(_), "requester") => true,
        (Audience::Vendor(_), written_for) => written_for == "vendor",
        (Audience::Requester, _) => false,
    };
    if let Some(timeline) = scope.get_mut("timeline").and_then(Value::as_array_mut) {
        timeline.retain(may_read);
    }
}

#[cfg(test)]
mod tests {
    use crate::letters::{helpers, sample};

    #[test]
    fn no_fact_has_the_name_of_a_helper() {
        let scope = sample::scope();
        assert!(helpers::names().all(|name| scope.get(name).is_none()));
    }
}
