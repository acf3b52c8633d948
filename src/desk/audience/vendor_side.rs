//! A vendor's words as a requester may read them: without the vendor's people, addresses, links, numbers and signature.

use std::sync::LazyLock;

use regex::Regex;

use crate::desk::docket::case_mark::stands_in;
use crate::desk::policy::is_within;
use crate::desk::{Mark, Pseudonyms, Subject};
use crate::mail::fold::folded;
use crate::mail::pattern::pattern;
use crate::mail::{Address, Language};

use super::pseudonyms::signed_names;

const ELLIPSIS: &str = "…";

/// Stands for the requester while names go: a private-use character that no mail's text keeps.
const REQUESTER: char = '\u{f8ff}';

/// The vendor's side of a case.
#[derive(Clone, Debug, Default)]
pub(in crate::desk) struct VendorSide<'a> {
    /// Its name in the configuration.
    pub(in crate::desk) vendor: &'a str,
    /// Names of people who wrote.
    pub(in crate::desk) names: Vec<String>,
    /// What they wrote from.
    pub(in crate::desk) addresses: Vec<Address>,
    /// Where it writes from, and where its links lead.
    pub(in crate::desk) domains: Vec<String>,
    /// Its marks of the case.
    pub(in crate::desk) marks: &'a [Mark],
    /// What the vendor knows the people of the ticket by, and their own names.
    pub(in crate::desk) stand_ins: Vec<(String, Option<String>)>,
}

impl VendorSide<'_> {
    /// The text for the requester.
    pub(in crate::desk) fn without(&self, text: &str) -> String {
        let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        self.cut_signature(&mut lines);
        let greeting = lines.iter().position(|line| !line.is_empty()).filter(|at| is_greeting(lines[*at]));
        if let Some(at) = greeting.filter(|at| !self.greets_requester(lines[*at])) {
            lines.drain(..=at);
        }
        let kept = lines.iter().filter_map(|line| self.line(line)).collect::<Vec<_>>().join("\n");
        tidy(&self.people(&kept))
    }

    /// A sign-off with names and titles below it, and whatever at the end tells how to reach the vendor.
    fn cut_signature(&self, lines: &mut Vec<&str>) {
        let from = lines.len().saturating_sub(12);
        let is_short = |line: &&str| line.split_whitespace().count() <= 8;
        let sign_off = lines[from..].iter().position(|line| is_sign_off(line)).map(|at| from + at);
        if let Some(at) = sign_off.filter(|at| *at > 0 && lines[at + 1..].iter().all(is_short)) {
            lines.truncate(at);
        }
        let signed: Vec<String> =
            signed_names(&lines.join("\n")).iter().chain(&self.names).map(|name| folded(name)).collect();
        let mut cut = false;
        while let Some(last) = lines.last() {
            let is_name = signed.contains(&folded(last.trim_matches([',', '.', ' ', '-'])));
            let is_title = cut && looks_like_name(last);
            if !(last.is_empty() || is_name || is_title || self.reaches_vendor(last) && is_short(last))
                || lines.len() == 1
            {
                break;
            }
            cut |= !last.is_empty();
            lines.pop();
        }
    }

    /// Whether a line holds the vendor's address or page beside little else.
    fn reaches_vendor(&self, line: &str) -> bool {
        self.without_links(line) != line || self.marks.iter().any(|mark| line.trim() == mark.mark)
    }

    fn greets_requester(&self, line: &str) -> bool {
        self.stand_ins.iter().any(|(stand_in, name)| name.is_some() && line.contains(stand_in))
    }

    /// A line without links and addresses; `None` where it said nothing else.
    fn line(&self, line: &str) -> Option<String> {
        let mut left = self.without_links(line);
        for mark in self.marks {
            left = left.replace(&mark.mark, ELLIPSIS);
            let tells = mark.number.len() >= 5 || mark.number.bytes().any(|byte| byte.is_ascii_alphabetic());
            if tells && stands_in(&left, &mark.number) {
                left = left.replace(&mark.number, ELLIPSIS);
            }
        }
        let words = left.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).count();
        (left == line || words > 2).then_some(left)
    }

    fn without_links(&self, text: &str) -> String {
        let replaced = LINK.replace_all(text, |found: &regex::Captures<'_>| {
            let host = found.name("host").or(found.name("domain")).map_or("", |host| host.as_str());
            let theirs = self.domains.iter().any(|own| is_within(host, own) || is_within(own, host));
            if theirs { ELLIPSIS.to_owned() } else { found[0].to_owned() }
        });
        replaced.into_owned()
    }

    /// Without names and telephone numbers; the requester's stand-in becomes the requester's name.
    fn people(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (at, (stand_in, _)) in self.stand_ins.iter().enumerate() {
            text = text.replace(stand_in, &format!("{REQUESTER}{at}{REQUESTER}"));
        }
        let subject = Subject { names: self.names.clone(), addresses: self.addresses.clone(), telephones: Vec::new() };
        let theirs = Pseudonyms::new(&[subject], Language::ENGLISH);
        let mut text = theirs.apply(&text);
        for stand_in in [theirs.name(0).as_str(), "[address removed]", "[number removed]"] {
            text = text.replace(stand_in, ELLIPSIS);
        }
        text = self.without_vendor_name(&text);
        for (at, (_, name)) in self.stand_ins.iter().enumerate() {
            text = text.replace(&format!("{REQUESTER}{at}{REQUESTER}"), name.as_deref().unwrap_or(ELLIPSIS));
        }
        text
    }

    /// Where it is written as a name: a vendor may be called "cables".
    fn without_vendor_name(&self, text: &str) -> String {
        let form = format!(r"(?i)\b{}\b", regex::escape(self.vendor));
        let replaced = pattern(&form).replace_all(text, |found: &regex::Captures<'_>| {
            let is_name = found[0].starts_with(char::is_uppercase);
            if is_name { ELLIPSIS.to_owned() } else { found[0].to_owned() }
        });
        replaced.into_owned()
    }
}

static LINK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:https?://|\bwww\.)(?:[^\s/@]{1,80}@)?(?P<host>[a-z0-9.-]{1,250}[a-z0-9])[^\s<>]*|<?(?:mailto:)?[a-z0-9._%+-]{1,64}@(?P<domain>[a-z0-9.-]{1,250}[a-z0-9])>?",
    )
});

static GREETING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:dear|hello|hi|hey|greetings|good (?:morning|afternoon|day|evening)|bonjour|bonsoir|cher|ch[èe]re|salut)\b[^.?:;]{0,60}[,!:.]?\s*$",
    )
});

static SIGN_OFF: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:-- ?|—|\W*(?:(?:best|kind|warm|many)? ?(?:regards|wishes)|(?:yours )?(?:sincerely|truly|faithfully)|cheers|thanks(?: again)?|many thanks|thank you|cordialement|(?:mes |meilleures |sinc[èe]res )?salutations(?: distingu[ée]es)?|bien [àa] vous|amicalement|merci(?: d.avance)?|bonne (?:journ[ée]e|soir[ée]e))\W*)$",
    )
});

fn is_greeting(line: &str) -> bool {
    line.split_whitespace().count() <= 6 && GREETING.is_match(line)
}

fn is_sign_off(line: &str) -> bool {
    SIGN_OFF.is_match(line.trim_end())
}

/// One to four words, each with a capital.
fn looks_like_name(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    (1..=4).contains(&words.len())
        && words.iter().all(|word| word.starts_with(char::is_uppercase))
        && !line.ends_with(['.', '!', '?', ':'])
}

/// One ellipsis where several meet, one blank line where several do.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut blank = true;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() && blank {
            continue;
        }
        blank = line.is_empty();
        let mut words: Vec<&str> = line.split(' ').collect();
        words.dedup_by(|next, before| *next == ELLIPSIS && *before == ELLIPSIS);
        tidied.push_str(&words.join(" "));
        tidied.push('\n');
    }
    tidied.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(marks: &[Mark]) -> VendorSide<'_> {
        VendorSide {
            vendor: "lumen",
            names: vec!["Lena Lux".to_owned()],
            addresses: vec!["lena@lumen.test".parse().unwrap()],
            domains: vec!["lumen.test".to_owned()],
            marks,
            stand_ins: vec![("Requester A".to_owned(), Some("Hélène Côté".to_owned()))],
        }
    }

    #[test]
    fn the_vendors_side_goes_and_its_advice_stays() {
        let marks = [Mark { mark: "[care.lumen.test #90210]".to_owned(), number: "90210".to_owned() }];
        for (text, expected) in [
            (
                "Dear Requester A,\n\nchange the fan.\n\nKind regards,\nLena Lux\nLumen Care",
                "Dear Hélène Côté,\n\nchange the fan.",
            ),
            ("Hi Alice,\nchange the fan.\n\nJoe Glim\nLumen Care | care@lumen.test | Case 90210", "change the fan."),
            (
                "Change the fan: https://lumen.test/kb?key=s3cret shows how.\nhttps://kb.lumen.test/fans",
                "Change the fan: … shows how.",
            ),
            (
                "See https://elsewhere.test/fan and user@client.test.",
                "See https://elsewhere.test/fan and user@client.test.",
            ),
            (
                "Lena will call you from +1 418 555 0111 about [care.lumen.test #90210].",
                "… will call you from … about ….",
            ),
            ("Lumen's driver 4 does it; a lumen is a unit.", "…'s driver 4 does it; a lumen is a unit."),
            ("Thanks", "Thanks"),
        ] {
            assert_eq!(side(&marks).without(text), expected, "{text}");
        }
    }
}
