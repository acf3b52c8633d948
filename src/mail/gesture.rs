//! Mails that a button wrote.

use super::mime::{Part, Parts};
use super::{Body, attachment, small_talk, tnef};

/// What somebody did rather than wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gesture {
    /// A thumb, a heart: Outlook's, Gmail's, Apple's.
    Reaction,
    /// An answer to an invitation, or a counter-proposal (RFC 5546 §3.2.3, §3.2.7).
    CalendarReply,
    /// Outlook asks for an earlier mail back.
    Recall,
}

/// What a mail is the gesture of, if it is no words. `is_alone` says that no file came with it.
pub(super) fn of(parts: &Parts<'_>, body: &Body, is_alone: bool) -> Option<Gesture> {
    let parts = &parts.parts;
    let class = || parts.iter().filter(|part| attachment::is_tnef(part)).find_map(|part| class_of(part));
    if parts.iter().any(|part| part.is("text/vnd.google.email-reaction+json"))
        || is_alone && small_talk::is_reaction(&body.reply_text)
    {
        return Some(Gesture::Reaction);
    }
    if parts.iter().any(is_calendar_reply) {
        return Some(Gesture::CalendarReply);
    }
    if small_talk::asks_back(&body.reply_text) {
        return Some(Gesture::Recall);
    }
    class()
}

/// Whether a part answers an invitation.
pub(super) fn is_calendar_reply(part: &Part<'_>) -> bool {
    let is_answer = |method: &str| ["REPLY", "COUNTER"].iter().any(|answer| method.trim().eq_ignore_ascii_case(answer));
    let method_of = |line: &str| -> Option<bool> {
        let (name, method) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("METHOD").then(|| is_answer(method))
    };
    let is_calendar = part.is("text/calendar") || part.is("application/ics");
    is_calendar
        && (part.content_type.get("method").is_some_and(is_answer)
            || part.text().lines().take(200).find_map(method_of).unwrap_or_default())
}

/// The class of a winmail.dat ([MS-OXTNEF] §2.1.3.3.1, [MS-OXCMSG] §2.2.1.3).
fn class_of(part: &Part<'_>) -> Option<Gesture> {
    let class = tnef::unpack(&part.bytes()).class.to_ascii_lowercase();
    if class.starts_with("ipm.schedule.meeting.resp") || class.starts_with("ipm.microsoft schedule.mtgresp") {
        Some(Gesture::CalendarReply)
    } else {
        class.starts_with("ipm.outlook.recall").then_some(Gesture::Recall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::parse;

    fn gesture(rest: &str) -> Option<Gesture> {
        parse(format!("From: a@client.test\nMIME-Version: 1.0\n{rest}").as_bytes()).gesture
    }

    fn alternative(part: &str) -> Option<Gesture> {
        gesture(&format!(
            "Subject: x\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nMarie\n--b\n{part}\n--b--\n"
        ))
    }

    #[test]
    fn gmails_reaction_is_known_by_its_part() {
        let part = "Content-Type: text/vnd.google.email-reaction+json\n\n{\"emoji\":\"+\",\"version\":1}";
        assert_eq!(alternative(part), Some(Gesture::Reaction));
    }

    #[test]
    fn outlooks_and_apples_reactions_are_known_by_their_words() {
        for text in [
            "Marie Tremblay reacted to your message:",
            "Marie a réagi à votre message :",
            "Liked “Have you restarted it?”",
            "Loved an image",
            "A aimé « Avez-vous redémarré ? »",
        ] {
            assert_eq!(
                gesture(&format!("Content-Type: text/plain; charset=utf-8\n\n{text}\n")),
                Some(Gesture::Reaction),
                "{text}"
            );
        }
        for text in ["I liked the first answer better. Can you send it again?", "Liked or not, it is broken."] {
            assert_eq!(gesture(&format!("\n{text}\n")), None, "{text}");
        }
    }

    #[test]
    fn an_answer_to_an_invitation_is_a_gesture_and_an_invitation_is_none() {
        for method in ["REPLY", "COUNTER", "reply"] {
            let calendar = format!("BEGIN:VCALENDAR\nMETHOD:{method}\nEND:VCALENDAR");
            assert_eq!(
                alternative(&format!("Content-Type: text/calendar\n\n{calendar}")),
                Some(Gesture::CalendarReply)
            );
            let typed = format!("Content-Type: text/calendar; method={method}\n\nx");
            assert_eq!(gesture(&typed), Some(Gesture::CalendarReply), "{method}");
        }
        assert_eq!(alternative("Content-Type: text/calendar; method=REQUEST\n\nMETHOD:REQUEST"), None);
    }

    #[test]
    fn a_recall_is_a_gesture_and_a_reminder_is_words() {
        let recall = "Subject: Recall: printer\n\nMarie Tremblay would like to recall the message, \"printer\".";
        assert_eq!(gesture(recall), Some(Gesture::Recall));
        let french = "Subject: Rappel : imprimante\n\nMarie souhaite rappeler le message « imprimante ».";
        assert_eq!(gesture(french), Some(Gesture::Recall));
        for reminder in ["Elle est toujours en panne.", "", "Merci de rappeler le message d'erreur au technicien."] {
            assert_eq!(gesture(&format!("Subject: Rappel : imprimante\n\n{reminder}")), None, "{reminder}");
        }
        let call = "Subject: Rückruf: Herr Roy\n\nBitte zurückrufen, die Nachricht kam nicht an.";
        assert_eq!(gesture(call), None);
    }
}
