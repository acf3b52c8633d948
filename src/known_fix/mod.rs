//! Articles, and which one a request asks for. Pure: texts in, articles out.

mod alike;
mod amend;
mod article;
mod backtest;
mod classifier;
mod draft;
mod evidence;
mod examples;
mod faults;
mod features;
mod hash;
mod import;
mod library;
mod markdown;
mod meaning;
mod naming;
mod outcomes;
mod passages;
mod rivals;
mod rows;
mod senses;
mod spelling;
mod stems;
mod telling;
mod word_lists;
mod words;

pub use alike::Gist;
pub use amend::with_symptom;
pub use article::{Answer, Article, ArticleFault, Problem};
pub use backtest::{
    AtThreshold, Backtest, Case, CaseFault, CaseResult, Confusion, Scored, Sent, backtest, backtest_with, cases,
};
pub use draft::draft;
pub use examples::examples;
pub use faults::LibraryFault;
pub use import::{ImportFault, Imported, from_csv, from_itop};
pub use library::{Candidate, Library, Match, Question, THRESHOLD};
pub use outcomes::Outcomes;
pub use telling::telling_sentences;

#[cfg(test)]
mod tests;
