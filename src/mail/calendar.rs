//! An invitation (iCalendar, RFC 5545; its methods, RFC 5546) as the text that a reader gets of it.

use super::mime::Part;
use super::{Language, date, html, language};

/// Events beyond this number are told by the file alone.
const EVENTS_MAX: usize = 10;

/// Lines of a calendar that are looked at.
const LINES_MAX: usize = 20_000;

/// Whether a part is a calendar, whatever it is called.
pub(super) fn is_calendar(part: &Part<'_>) -> bool {
    let is_named = || part.name().is_some_and(|name| name.to_ascii_lowercase().ends_with(".ics"));
    part.is("text/calendar") || part.is("application/ics") || !part.is("text/html") && is_named()
}

/// What a calendar says: whether it asks, cancels or answers, what, when, where and by whom. Empty where it holds no event.
pub(super) fn to_text(part: &Part<'_>) -> String {
    let mut calendar = Calendar::read(part.text());
    if let Some(method) = part.content_type.get("method") {
        calendar.method = method.trim().to_ascii_uppercase();
    }
    let events: Vec<String> = calendar.events.iter().map(|event| event.told(&calendar.method)).collect();
    events.join("\n\n")
}

#[derive(Default)]
struct Calendar {
    method: String,
    events: Vec<Event>,
}

/// An event or task.
#[derive(Default)]
struct Event {
    summary: String,
    start: Option<Moment>,
    end: Option<Moment>,
    duration: String,
    location: String,
    organizer: String,
    /// Who takes part, and what they say to it.
    attendees: Vec<(String, String)>,
    rule: String,
    conference: String,
    comment: String,
    description: String,
    html_description: String,
    is_cancelled: bool,
}

impl Calendar {
    fn read(text: &str) -> Calendar {
        let mut calendar = Calendar::default();
        // Alarms and time zones have summaries and starts of their own.
        let mut open: Vec<String> = Vec::new();
        for line in unfolded(text) {
            let Some(property) = Property::of(&line) else { continue };
            match &*property.name {
                "BEGIN" => {
                    let component = property.value.trim().to_ascii_uppercase();
                    if is_event(&component) && calendar.events.len() <= EVENTS_MAX {
                        calendar.events.push(Event::default());
                    }
                    open.push(component);
                }
                "END" => {
                    open.pop();
                }
                "METHOD" => calendar.method = property.value.trim().to_ascii_uppercase(),
                _ if open.last().is_some_and(|component| is_event(component)) => {
                    if let Some(event) = calendar.events.last_mut() {
                        event.take(&property);
                    }
                }
                _ => {}
            }
        }
        calendar.events.truncate(EVENTS_MAX);
        calendar
    }
}

fn is_event(component: &str) -> bool {
    component == "VEVENT" || component == "VTODO"
}

impl Event {
    fn take(&mut self, property: &Property<'_>) {
        match &*property.name {
            "SUMMARY" => self.summary = property.text(),
            "LOCATION" => self.location = property.text(),
            "DESCRIPTION" => self.description = property.text(),
            "X-ALT-DESC" if property.value.contains('<') => self.html_description = property.text(),
            "COMMENT" => self.comment = property.text(),
            "DTSTART" => self.start = Some(Moment::of(property)),
            "DTEND" | "DUE" => self.end = Some(Moment::of(property)),
            "DURATION" => self.duration = property.value.trim().to_owned(),
            "RRULE" => self.rule = property.value.trim().to_owned(),
            "ORGANIZER" => self.organizer = property.person(),
            "ATTENDEE" if self.attendees.len() < 100 => {
                self.attendees.push((property.person(), property.parameter("PARTSTAT").to_ascii_uppercase()));
            }
            "CONFERENCE" | "X-GOOGLE-CONFERENCE" | "X-MICROSOFT-SKYPETEAMSMEETINGURL" => {
                self.conference = property.value.trim().to_owned();
            }
            "STATUS" => self.is_cancelled = property.value.trim().eq_ignore_ascii_case("CANCELLED"),
            _ => {}
        }
    }

    /// In the words of its own language; of which it is unsure, in both.
    fn told(&self, method: &str) -> String {
        let description = match self.description.trim() {
            "" => html::to_text(&self.html_description),
            description => description.to_owned(),
        };
        let words = Words::of(language::detect(&format!("{}\n{description}", self.summary)));
        let title = match method {
            _ if method == "CANCEL" || self.is_cancelled => words.cancelled,
            "REPLY" => words.answer,
            "COUNTER" | "DECLINECOUNTER" => words.counter,
            _ => words.invitation,
        };
        let answer = if matches!(method, "REPLY" | "COUNTER") { self.answer(&words) } else { String::new() };
        let mut text = String::new();
        for (label, value) in [
            (title, &self.summary),
            (words.when, &self.when()),
            (words.place, &self.location),
            (words.organizer, &self.organizer),
            (words.answer_of, &answer),
            (words.repeats, &self.rule),
            (words.link, &self.conference),
        ] {
            let value = value.trim();
            if !value.is_empty() || label == title {
                text.push_str(format!("{label} {}", value.replace('\n', ", ")).trim_end());
                text.push('\n');
            }
        }
        for more in [self.comment.trim(), description.trim()].into_iter().filter(|more| !more.is_empty()) {
            text.push('\n');
            text.push_str(more);
            text.push('\n');
        }
        text
    }

    fn when(&self) -> String {
        let Some(start) = &self.start else {
            return self.end.as_ref().map(Moment::whole).unwrap_or_default();
        };
        match &self.end {
            Some(end) => start.until(end),
            None if self.duration.is_empty() => start.whole(),
            None => format!("{} ({})", start.whole(), self.duration),
        }
    }

    fn answer(&self, words: &Words) -> String {
        let said = |state: &str| match state {
            "ACCEPTED" => Some(words.accepted),
            "DECLINED" => Some(words.declined),
            "TENTATIVE" => Some(words.tentative),
            _ => None,
        };
        let mut answers = self.attendees.iter().filter_map(|(who, state)| Some(format!("{who} – {}", said(state)?)));
        answers.next().unwrap_or_default()
    }
}

/// A moment as a calendar writes it, without a clock that would make another of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Moment {
    /// `2026-09-15`; what is no date stands here as it is.
    date: String,
    /// `10:00`, or empty for a whole day.
    time: String,
    /// `UTC`, `America/Toronto`, or empty where none is stated.
    zone: String,
}

impl Moment {
    fn of(property: &Property<'_>) -> Moment {
        let value = property.value.trim();
        let (date, time) = value.split_once(['T', 't']).unwrap_or((value, ""));
        let is_number =
            |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        let clock = time.trim_end_matches(['Z', 'z']);
        if !is_number(date, 8) || !(time.is_empty() || is_number(clock, 6) || is_number(clock, 4)) {
            return Moment { date: value.to_owned(), ..Moment::default() };
        }
        let zone = match property.parameter("TZID") {
            _ if clock.is_empty() => "",
            _ if clock.len() < time.len() => "UTC",
            zone => zone.trim_start_matches('/'),
        };
        Moment {
            date: format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]),
            time: if clock.is_empty() { String::new() } else { format!("{}:{}", &clock[..2], &clock[2..4]) },
            zone: zone.to_owned(),
        }
    }

    fn whole(&self) -> String {
        let pieces = [&self.date, &self.time, &self.zone];
        pieces.into_iter().filter(|piece| !piece.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    /// With its end; the end of whole days (RFC 5545 §3.6.1) is the day behind them.
    fn until(&self, end: &Moment) -> String {
        if self.time.is_empty() && end.time.is_empty() {
            return match date::day_before(&end.date) {
                Some(last) if last > self.date => format!("{} – {last}", self.date),
                _ => self.date.clone(),
            };
        }
        if self.zone != end.zone {
            format!("{} – {}", self.whole(), end.whole())
        } else if self.date == end.date {
            let end = Moment { date: end.time.clone(), time: String::new(), ..end.clone() };
            format!("{} {} – {}", self.date, self.time, end.whole())
        } else {
            format!("{} {} – {}", self.date, self.time, end.whole())
        }
    }
}

/// A content line (RFC 5545 §3.1): `NAME;PARAMETER=value:value`.
struct Property<'l> {
    name: String,
    parameters: Vec<(&'l str, &'l str)>,
    value: &'l str,
}

impl<'l> Property<'l> {
    fn of(line: &'l str) -> Option<Property<'l>> {
        let mut quoted = false;
        let mut cuts = vec![];
        let mut colon = None;
        for (at, byte) in line.bytes().enumerate().take(5_000) {
            match byte {
                b'"' => quoted = !quoted,
                b';' if !quoted => cuts.push(at),
                b':' if !quoted => {
                    colon = Some(at);
                    break;
                }
                _ => {}
            }
        }
        let colon = colon?;
        cuts.push(colon);
        let parameter = |cut: &[usize]| {
            let (name, value) = line[cut[0] + 1..cut[1]].split_once('=')?;
            Some((name, value.trim_matches('"')))
        };
        Some(Property {
            name: line[..cuts[0]].trim().to_ascii_uppercase(),
            parameters: cuts.windows(2).filter_map(parameter).collect(),
            value: &line[colon + 1..],
        })
    }

    fn parameter(&self, name: &str) -> &'l str {
        let own = self.parameters.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        own.map_or("", |(_, value)| value)
    }

    /// The value with its escapes undone (RFC 5545 §3.3.11).
    fn text(&self) -> String {
        let mut text = String::with_capacity(self.value.len());
        let mut characters = self.value.chars();
        while let Some(c) = characters.next() {
            let c = if c == '\\' {
                characters.next().unwrap_or('\\')
            } else {
                text.push(c);
                continue;
            };
            text.push(if matches!(c, 'n' | 'N') { '\n' } else { c });
        }
        text
    }

    /// Whom ORGANIZER or ATTENDEE names: `Claire <claire@client.test>`.
    fn person(&self) -> String {
        let name = self.parameter("CN").trim();
        let address = self.value.trim();
        let start = address.get(..7).unwrap_or_default();
        let address = if start.eq_ignore_ascii_case("mailto:") { &address[7..] } else { address };
        match (name, address.contains('@')) {
            ("", _) => address.to_owned(),
            (name, false) => name.to_owned(),
            (name, true) if name == address => name.to_owned(),
            (name, true) => format!("{name} <{address}>"),
        }
    }
}

/// Lines with their continuations (RFC 5545 §3.1).
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().take(LINES_MAX) {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(more), Some(last)) => last.push_str(more),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// What the fields and answers of an invitation are called in one language.
struct Words {
    invitation: &'static str,
    cancelled: &'static str,
    answer: &'static str,
    counter: &'static str,
    when: &'static str,
    place: &'static str,
    organizer: &'static str,
    answer_of: &'static str,
    repeats: &'static str,
    link: &'static str,
    accepted: &'static str,
    declined: &'static str,
    tentative: &'static str,
}

impl Words {
    fn of(language: Option<Language>) -> Words {
        match language {
            Some(Language::FRENCH) => FRENCH,
            Some(Language::ENGLISH) => ENGLISH,
            _ => BOTH,
        }
    }
}

const FRENCH: Words = Words {
    invitation: "Invitation :",
    cancelled: "Rencontre annulée :",
    answer: "Réponse à l’invitation :",
    counter: "Autre moment proposé :",
    when: "Quand :",
    place: "Lieu :",
    organizer: "Organisateur :",
    answer_of: "Réponse :",
    repeats: "Répétition :",
    link: "Lien :",
    accepted: "accepté",
    declined: "refusé",
    tentative: "provisoire",
};

const ENGLISH: Words = Words {
    invitation: "Invitation:",
    cancelled: "Meeting cancelled:",
    answer: "Answer to the invitation:",
    counter: "Another time proposed:",
    when: "When:",
    place: "Place:",
    organizer: "Organizer:",
    answer_of: "Answer:",
    repeats: "Repeats:",
    link: "Link:",
    accepted: "accepted",
    declined: "declined",
    tentative: "tentative",
};

const BOTH: Words = Words {
    invitation: "Invitation :",
    cancelled: "Rencontre annulée / Meeting cancelled :",
    answer: "Réponse à l’invitation / Answer to the invitation :",
    counter: "Autre moment proposé / Another time proposed :",
    when: "Quand / When :",
    place: "Lieu / Place :",
    organizer: "Organisateur / Organizer :",
    answer_of: "Réponse / Answer :",
    repeats: "Répétition / Repeats :",
    link: "Lien / Link :",
    accepted: "accepté / accepted",
    declined: "refusé / declined",
    tentative: "provisoire / tentative",
};

#[cfg(test)]
mod tests {
    use crate::mail::{Gesture, parse};

    fn text(method: &str, event: &str) -> String {
        let raw = format!(
            "From: a@client.test\nMIME-Version: 1.0\nContent-Type: text/calendar; charset=utf-8\n\n\
             BEGIN:VCALENDAR\nMETHOD:{method}\nBEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:16010101T000000\nEND:STANDARD\nEND:VTIMEZONE\n\
             BEGIN:VEVENT\n{event}\nBEGIN:VALARM\nDESCRIPTION:Reminder\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n"
        );
        parse(raw.as_bytes()).body.text
    }

    #[test]
    fn an_invitation_alone_says_what_when_where_and_by_whom() {
        let event = "DTSTART;TZID=America/Toronto:20260915T100000\nDTEND;TZID=America/Toronto:20260915T113000\n\
            SUMMARY:Remplacement des écrans\\, étage 3\nLOCATION:Salle B\nORGANIZER;CN=\"Roy; Luc\":mailto:luc@client.test\n\
            DESCRIPTION:Nous avons besoin de la clé\\nde la salle et d\n  es câbles.";
        assert_eq!(
            text("REQUEST", event),
            "Invitation\u{a0}: Remplacement des écrans, étage 3\nQuand\u{a0}: 2026-09-15 10:00 – 11:30 America/Toronto\nLieu\u{a0}: Salle B\n\
             Organisateur\u{a0}: Roy; Luc <luc@client.test>\n\nNous avons besoin de la clé\nde la salle et d es câbles.\n"
        );
    }

    #[test]
    fn a_cancellation_and_an_answer_say_so() {
        let event = "DTSTART:20260915T140000Z\nDURATION:PT1H\nSUMMARY:The screens of the third floor\n\
            ATTENDEE;PARTSTAT=DECLINED;CN=Claire:mailto:claire@client.test\nCOMMENT:I am not there.";
        assert_eq!(
            text("CANCEL", event),
            "Meeting cancelled: The screens of the third floor\nWhen: 2026-09-15 14:00 UTC (PT1H)\n\nI am not there.\n"
        );
        assert_eq!(
            text("REPLY", event),
            "Answer to the invitation: The screens of the third floor\nWhen: 2026-09-15 14:00 UTC (PT1H)\n\
             Answer: Claire <claire@client.test> – declined\n\nI am not there.\n"
        );
    }

    #[test]
    fn whole_days_end_the_day_before_their_end() {
        let days =
            |end: &str| text("REQUEST", &format!("SUMMARY:XYZ\nDTSTART;VALUE=DATE:20260228\nDTEND;VALUE=DATE:{end}"));
        assert_eq!(days("20260301"), "Invitation\u{a0}: XYZ\nQuand / When\u{a0}: 2026-02-28\n");
        assert_eq!(days("20260303"), "Invitation\u{a0}: XYZ\nQuand / When\u{a0}: 2026-02-28 – 2026-03-02\n");
    }

    #[test]
    fn words_beside_an_invitation_are_the_text() {
        let raw = "From: a@client.test\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nVenez-vous ?\n--b\n\
            Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n--b--\n";
        let mail = parse(raw.as_bytes());
        assert_eq!((mail.body.text.trim(), mail.gesture), ("Venez-vous ?", Some(Gesture::CalendarReply)));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_calendar(text in "(BEGIN:|END:|VEVENT|DTSTART|DTEND|SUMMARY|ATTENDEE|;|=|:|\"|,|\\\\|T|Z|2026|0915|é| |\n)*") {
            let raw = format!("Content-Type: text/calendar\n\nBEGIN:VEVENT\n{text}");
            parse(raw.as_bytes());
        }
    }
}
