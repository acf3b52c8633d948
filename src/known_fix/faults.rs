//! What is wrong with articles that stand together.

use std::collections::BTreeMap;

use super::article::Article;
use super::library::Library;

/// Something wrong with the articles of a library: `id` names the one to look at. Its `Display` says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each variant says what its fields are")]
pub enum LibraryFault {
    /// Two files say they are the same article; the first counts.
    #[error("two articles have the id {id}: give one of them another id, or delete it")]
    DuplicateId { id: String },
    /// `translation_of` names no article.
    #[error("{id} is a translation of {translation_of}, which does not exist: correct or remove translation_of")]
    BrokenTranslation { id: String, translation_of: String },
    /// `translation_of` names an article in the same language.
    #[error(
        "{id} and {translation_of} are in the same language, so that neither is a translation: merge them, or remove translation_of"
    )]
    SameLanguage { id: String, translation_of: String },
    /// There is nothing to send: no text stands behind the front matter.
    #[error("{id} has no text: write the solution below the second +++")]
    EmptyBody { id: String },
    /// It has `count` symptoms: people who say it in other words will not be understood.
    #[error(
        "{id} has only {count} symptom(s), so that it will be missed: add what people write, in their words, until there are five or more"
    )]
    FewSymptoms { id: String, count: usize },
    /// A symptom of courtesies and grammatical words.
    #[error("{id} has a symptom that says nothing ({symptom:?}): name what does not work")]
    EmptySymptom { id: String, symptom: String },
    /// These symptoms match another article, `rival`, better than their own, or as well.
    #[error("{id} is easily taken for {rival} ({}): reword these symptoms, or merge the articles", quoted(.symptoms))]
    Shadowed { id: String, rival: String, symptoms: Vec<String> },
}

fn quoted(symptoms: &[String]) -> String {
    symptoms.iter().map(|symptom| format!("{symptom:?}")).collect::<Vec<_>>().join(", ")
}

impl LibraryFault {
    /// Whether the library works as meant all the same, only less well.
    pub fn is_advice(&self) -> bool {
        match self {
            LibraryFault::DuplicateId { .. }
            | LibraryFault::BrokenTranslation { .. }
            | LibraryFault::SameLanguage { .. }
            | LibraryFault::EmptyBody { .. } => false,
            LibraryFault::FewSymptoms { .. } | LibraryFault::EmptySymptom { .. } | LibraryFault::Shadowed { .. } => {
                true
            }
        }
    }
}

const SYMPTOMS_FEW: usize = 2;
/// From this cosine on two symptoms say the same.
const SAME: f32 = 0.9;
/// Below this cosine nobody takes one for the other.
const ALIKE: f32 = 0.5;

impl Library {
    /// What is wrong with the articles together, in the order of articles; empty where all is well.
    pub fn faults(&self) -> Vec<LibraryFault> {
        let mut faults: Vec<LibraryFault> =
            self.repeated.iter().map(|article| LibraryFault::DuplicateId { id: article.id.clone() }).collect();
        for (index, article) in self.articles.iter().enumerate() {
            faults.extend(self.translation_fault(article));
            faults.extend(text_faults(article));
            let says =
                |symptom: &&String| self.symptoms.iter().any(|other| other.article == index && other.text == **symptom);
            let empty = article.symptoms.iter().filter(|symptom| !says(symptom));
            faults.extend(
                empty.map(|symptom| LibraryFault::EmptySymptom { id: article.id.clone(), symptom: symptom.clone() }),
            );
        }
        faults.extend(self.shadowed());
        faults
    }

    fn translation_fault(&self, article: &Article) -> Option<LibraryFault> {
        let translation_of = article.translation_of.clone()?;
        let id = article.id.clone();
        match self.article(&translation_of) {
            None => Some(LibraryFault::BrokenTranslation { id, translation_of }),
            Some(original) if original.language == article.language => {
                Some(LibraryFault::SameLanguage { id, translation_of })
            }
            Some(_) => None,
        }
    }

    fn shadowed(&self) -> Vec<LibraryFault> {
        let mut nearer: BTreeMap<(usize, usize), Vec<(f32, String)>> = BTreeMap::new();
        for (index, nearness) in self.nearness(ALIKE).enumerate() {
            let own = &self.symptoms[index];
            let best = |is_own: bool| {
                let others = nearness.iter().enumerate().filter(|(other, _)| {
                    *other != index
                        && is_own == (self.topic_of[self.symptoms[*other].article] == self.topic_of[own.article])
                });
                others.max_by(|a, b| a.1.total_cmp(b.1)).map(|(other, near)| (self.symptoms[other].article, *near))
            };
            let Some((rival, near)) = best(false) else { continue };
            if near >= SAME || (near >= ALIKE && best(true).is_none_or(|(_, own)| own < near)) {
                nearer.entry((own.article, rival)).or_default().push((near, own.text.clone()));
            }
        }
        let matters = |(article, _): &(usize, usize), symptoms: &[(f32, String)]| {
            let all = self.symptoms.iter().filter(|symptom| symptom.article == *article).count();
            symptoms.len() * 2 > all || symptoms.iter().any(|(near, _)| *near >= SAME)
        };
        let id = |index: usize| self.articles[index].id.clone();
        nearer
            .into_iter()
            .filter(|(pair, symptoms)| matters(pair, symptoms))
            .map(|((article, rival), symptoms)| LibraryFault::Shadowed {
                id: id(article),
                rival: id(rival),
                symptoms: symptoms.into_iter().map(|(_, text)| text).collect(),
            })
            .collect()
    }
}

fn text_faults(article: &Article) -> impl Iterator<Item = LibraryFault> {
    let id = || article.id.clone();
    let empty = article.body.trim().is_empty().then(|| LibraryFault::EmptyBody { id: id() });
    let count = article.symptoms.len();
    let few = (count <= SYMPTOMS_FEW).then(|| LibraryFault::FewSymptoms { id: id(), count });
    empty.into_iter().chain(few)
}
