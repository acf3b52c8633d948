//! Articles, and which one a request asks for. Pure: texts in, articles out.

mod article;
mod classifier;
mod evidence;
mod features;
mod library;
mod markdown;
mod word_lists;
mod words;

pub use article::{Answer, Article, ArticleFault, Problem};
pub use library::{Candidate, Library, Match, Question, THRESHOLD};
