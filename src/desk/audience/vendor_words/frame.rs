//! Lines that a ticket system puts around words: rules, properties, "X added the comment:", links to the case.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use crate::desk::policy::is_within;
use crate::mail::pattern::{pattern, patterns};

use super::heard::Heard;
use super::quoted::unmarked;

/// A frame's lines are short.
const LINE_MAX: usize = 300;

/// Reads lines, and remembers what they say about the case.
pub(super) struct Frame<'a> {
    heard: &'a Heard<'a>,
    /// A line told a change of the case.
    pub(super) changes: bool,
    /// A line told that it is over.
    pub(super) closes: bool,
    /// The line before.
    last: Last,
}

/// What stood on the line before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Words,
    Property,
    /// "You are receiving this because:".
    Because,
}

/// What systems call the properties of a case. None under which people write what to do: resolution, type, file, URL.
const PROPERTY: &str = r"(?:status|[ée]tat|statut|priority|priorit[ée]|severity|assignee|assigned[ -]?to|assigned|author|auteur|reporter|reported by|handler|owner|propri[ée]taire|queue|requestors?|tracker|category|cat[ée]gorie|project|projet|target version|version cible|start date|due date|date de d[ée]but|[ée]ch[ée]ance|% ?done|% r[ée]alis[ée]|estimated time|spent time|component|composant|milestone|jalon|keywords|nosy|messages|superseder|reproducibility|ticket url|ticket(?: id)?|issue(?: id)?|case(?: number)?|transaction|last modified|date submitted|urgency)";

static FRAMES: LazyLock<RegexSet> = LazyLock::new(|| {
    let rules = [
        // Rules and borders.
        r"^[^\p{Alphabetic}\p{N}]{3,}$".to_owned(),
        r"(?i)^\W*(?:please |veuillez )?(?:type |write |enter )?(?:your )?(?:reply|replies|answer|r[ée]pon\w+|[ée]cri\w+)\b.{0,30}\b(?:above|below|au[- ]dess(?:us|ous)(?: de)?) (?:this|the|cette|la) (?:line|ligne)\b.{0,10}$".to_owned(),
        // Redmine: "Issue #12 has been updated by X."
        r"(?i)^[^.:]{0,40}(?:#\d+|\b[A-Z][A-Z0-9]+-\d+) (?:has been|was) (?:updated|reported|created|opened|edited|modified|commented(?: on)?)(?: by [^.:]{1,60})?[.:]?$".to_owned(),
        r"(?i)^[^.:]{0,30}#\d+ a [ée]t[ée] (?:mise? [àa] jour|cr[ée][ée]e?|signal[ée]e?)(?: par [^.:]{1,60})?[.:]?$".to_owned(),
        // Roundup: "X added the comment:"; clients: "On …, X wrote:".
        r"(?i)^.{1,160}\b(?:added (?:the|a|this) (?:following )?comment|commented|wrote|a [ée]crit|a ajout[ée] (?:un|le) commentaire|schrieb)\s?[:.]$".to_owned(),
        r"(?i)^(?:new submission from|new comment from|comment (?:added )?by|posted by|update from|reported by|created by|updated by|nouveau commentaire de) .{1,120}$".to_owned(),
        // Somebody's name and address, and a header block's lines.
        r#"^(?:[\p{L}\p{M} .,'"’()-]{0,60}<(?:mailto:)?[^<>@\s]{1,64}@[^<>@\s]{1,120}>|[^<>@\s]{1,64}@[^<>@\s]{1,120})[:;,]?$"#.to_owned(),
        r"(?i)^\W*(?:from|to|cc|reply-to|de|[àa])\s*:.{0,150}[^<>@\s]@[^<>@\s].{0,150}$".to_owned(),
        r"(?i)^\W*(?:sent|date|envoy[ée])\s*:.{0,60}\d{1,2}:\d\d.{0,30}$".to_owned(),
        r"(?i)^(?:you have received this|you'?re receiving this|you are receiving this|you received this|to (?:change|manage|update) your (?:notification|email|mail)|to unsubscribe|(?:please )?(?:do not|don'?t) (?:reply|respond) to|(?:merci de |veuillez )?ne pas r[ée]pondre|this (?:e-?mail|message|is an automat).{0,40}automat|ce (?:courriel|message).{0,40}automati|vous recevez ce|vous avez re[çc]u cette notification|pour changer les pr[ée]f[ée]rences)".to_owned(),
        // A listed file: "- settings.zip (12 kB)".
        r"(?i)^[*•\-\s]*\S[^()]{0,80}\.\w{1,5} \(\d+(?:[.,]\d+)? ?(?:[kmg]?i?[bo]|bytes|octets)\)$".to_owned(),
        r"^--\s*$".to_owned(),
        r"(?i)^(?:view request|turn off this request.s notifications)\b.{0,250}$".to_owned(),
        r"^Ref:[A-Z]{2,4}[0-9]{4,15}(?:_\w{4,40})?$".to_owned(),
        r"(?i)^(?:sent from|envoy[ée] (?:de|depuis)|powered by|propuls[ée] par) .{1,60}$".to_owned(),
    ];
    patterns(rules)
});

static CHANGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)^[*•\-\s]*(?:(?:{PROPERTY}|title|titre|resolution|r[ée]solution|type)\s*:.{{0,150}}(?:->|=>|→).{{0,150}}|{PROPERTY}\s+(?:(?:has )?changed from|(?:has )?changed to|set to|deleted|mise? [àa]|chang[ée]e? de)\b.{{0,150}})$"
    ))
});

static PROPERTIES: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(?i)^[*•\-\s]*{PROPERTY}\s*:(?:\s+\S+){{0,3}}\s*$")));

/// Properties under which people write, too: they count only among others, or set in a column.
static PROPERTY_IN_BLOCK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:product|version|resolution|type|os|hardware|platform|summary|state|description|key|created|updated|url|cc|group|impact|title|short description|bug id|id|target milestone|see also|blocks|depends on|classification)\s*:(?:\s+\S+){0,3}\s*$",
    )
});

static OVER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^[*•\-\s]*(?:status|state|[ée]tat|statut|resolution|r[ée]solution)\b.*(?:->|=>|→|\bto\b|[àa]|:)\s*(?:closed?|resolved|solved|done|fixed|completed?|done-cbb|ferm[ée]e?|r[ée]solue?|termin[ée]e?|cl[ôo]tur[ée]e?|clos)\W*$",
    )
});

static LINK: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\W*<?https?://([^\s/>:]{1,250})([^\s>]{0,500})>?\W*$"));

/// Where vendors' systems are kept for them.
const HOSTED: [&str; 12] = [
    "atlassian.net",
    "desk.zoho.com",
    "force.com",
    "freshdesk.com",
    "freshservice.com",
    "helpscout.com",
    "myjetbrains.com",
    "salesforce.com",
    "service-now.com",
    "zammad.com",
    "zendesk.com",
    "zoho.com",
];

/// Where systems show a case.
static CASE_PAGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:issue|ticket|bug|case|incident|request|browse|track|sys_id|survey|satisfaction|feedback|view\.php|my_view|support/|portal|/helpdesk)",
    )
});

impl<'a> Frame<'a> {
    pub(super) fn new(heard: &'a Heard<'a>) -> Frame<'a> {
        Frame { heard, changes: false, closes: false, last: Last::Words }
    }

    /// Whether the line is the system's.
    pub(super) fn takes(&mut self, line: &str) -> bool {
        let written = line.trim();
        let bare = unmarked(written).trim();
        if bare.is_empty() {
            self.last = if self.last == Last::Because { Last::Words } else { self.last };
            return !written.is_empty();
        }
        let column = line.len() - line.trim_start().len() >= 4;
        let taken = bare.len() <= LINE_MAX && self.takes_bare(bare, column);
        if !taken {
            self.last = Last::Words;
        }
        taken
    }

    fn takes_bare(&mut self, line: &str, column: bool) -> bool {
        if self.last == Last::Because {
            return true;
        }
        let changes = CHANGE.is_match(line);
        self.changes |= changes;
        self.closes |= self.heard.automatic && OVER.is_match(line);
        let framed = FRAMES.is_match(line);
        let is_property = PROPERTIES.is_match(line)
            || is_link_to_case(line, self.heard.domains)
            || (column || self.last == Last::Property) && PROPERTY_IN_BLOCK.is_match(line);
        let taken = changes || framed || is_property || self.is_title(line);
        self.last = match (is_property, framed && line.ends_with("because:")) {
            (true, _) => Last::Property,
            (false, true) => Last::Because,
            (false, false) if line.contains(char::is_alphanumeric) => Last::Words,
            (false, false) => self.last,
        };
        taken
    }

    /// "Bug #12: " and our subject.
    fn is_title(&self, line: &str) -> bool {
        let subject = self.heard.our_subject.trim();
        let around = |(before, behind): (&str, &str)| {
            let short = before.split_whitespace().count() <= 5 && behind.split_whitespace().count() <= 3;
            short
                && (before.is_empty()
                    || before.trim_end().ends_with([':', '#', ']', '"', '-', '»', '«', '“'])
                    || before.bytes().any(|b| b.is_ascii_digit()))
        };
        !subject.is_empty() && line.split_once(subject).is_some_and(around)
    }
}

/// Whether a text is a link to a page of the vendor's on which its system shows a case.
pub(super) fn is_link_to_case<D: AsRef<str>>(text: &str, domains: &[D]) -> bool {
    let Some(found) = LINK.captures(text) else { return false };
    let host = found[1].to_ascii_lowercase();
    let mut places = domains.iter().map(AsRef::as_ref).chain(HOSTED.iter().copied());
    let at_vendor = places.any(|domain| is_within(&host, domain));
    at_vendor && CASE_PAGE.is_match(&found[0])
}
