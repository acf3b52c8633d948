//! What the known fixes have for a request: what its author is offered, and what agents are shown.

use crate::desk::deliberation::Deliberation;
use crate::desk::{FixFacts, LanguagePolicy, Priority, Ticket};
use crate::known_fix::{Answer, Article, Match, Outcomes, Question};
use crate::mail::{InboundMail, small_talk};

/// Agents are shown known fixes that are less sure than what a requester is shown, but not any.
const CANDIDATE_SCORE: f64 = 0.2;
const CANDIDATES: usize = 3;

/// What the author of a request is offered.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::desk) struct Offer<'a> {
    pub(in crate::desk) article: Option<&'a Article>,
    /// It is the answer, and no suggestion.
    pub(in crate::desk) as_answer: bool,
}

/// Which known fixes a mail asks for: what its author newly wrote, never what is quoted.
pub(in crate::desk) fn find<'a>(deliberation: &Deliberation<'a>, mail: &InboundMail) -> Match<'a> {
    let question = Question { subject: &mail.subject, text: &mail.body.reply_text, language: mail.language };
    deliberation.rules.library.find(&question)
}

impl<'a> Offer<'a> {
    pub(in crate::desk) fn of(
        found: &Match<'a>,
        deliberation: &Deliberation<'_>,
        mail: &InboundMail,
        ticket: &Ticket,
    ) -> Self {
        let desk = deliberation.desk_of(ticket);
        let may_be_read = |article: &&Article| {
            desk.language_policy != LanguagePolicy::Only || article.language == *desk.languages.first()
        };
        let Some(article) = found.for_requester().filter(may_be_read) else { return Offer::default() };
        let outcomes = outcomes(deliberation, &article.id);
        let as_answer = article.answer == Answer::Auto
            && found.score >= deliberation.policy().known_fixes.answer_from
            && answers_alone(&mail.body.reply_text, ticket.priority, outcomes);
        Offer { article: Some(article), as_answer }
    }
}

/// Known fixes that an agent might send, the likeliest first.
pub(in crate::desk) fn candidates(found: &Match<'_>) -> Vec<FixFacts> {
    let likely = found.candidates.iter().filter(|candidate| candidate.score >= CANDIDATE_SCORE);
    likely.take(CANDIDATES).map(|candidate| facts(candidate.article)).collect()
}

pub(in crate::desk) fn facts(article: &Article) -> FixFacts {
    FixFacts { id: article.id.clone(), title: article.title.clone(), text: article.text(), html: article.html() }
}

/// Whether one more refusal makes it too many for an article that is sent as an answer.
pub(in crate::desk) fn is_suspended_by_refusal(deliberation: &Deliberation<'_>, fix: &str) -> bool {
    let answers = deliberation.rules.library.article(fix).is_some_and(|article| article.answer == Answer::Auto);
    let before = outcomes(deliberation, fix);
    let after = Outcomes { refused: before.refused + 1, ..before };
    answers && !before.is_refused_too_often() && after.is_refused_too_often()
}

fn outcomes(deliberation: &Deliberation<'_>, fix: &str) -> Outcomes {
    deliberation.docket.known_fixes.get(fix).copied().unwrap_or_default()
}

/// Whether an automatic article that is sure enough is sent as the answer; else it is suggested.
fn answers_alone(text: &str, priority: Priority, outcomes: Outcomes) -> bool {
    !small_talk::says_it_was_tried(text) && priority != Priority::HIGHEST && !outcomes.is_refused_too_often()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_answers_alone_when_it_helps_and_time_does_not_press() {
        let helps = Outcomes { offered: 9, solved: 4, refused: 1 };
        let fails = Outcomes { offered: 9, solved: 1, refused: 4 };
        let words = "Le VPN refuse mon mot de passe";
        assert!(answers_alone(words, Priority(3), helps));
        assert!(!answers_alone("J'ai déjà essayé de redémarrer le VPN", Priority(3), helps), "tried");
        assert!(!answers_alone(words, Priority::HIGHEST, helps), "most urgent");
        assert!(!answers_alone(words, Priority(3), fails), "refused too often");
    }
}
