//! Known fixes by the thousand: learning a folder, and one search. Ten symptoms an article, 10,000 for a thousand articles.

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use guichet::known_fix::{Answer, Article, Library, Question, examples};
use guichet::mail::Language;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const SIZES: [usize; 4] = [100, 1_000, 3_000, 10_000];
const SYMPTOMS: usize = 10;

fn main() {
    divan::main();
}

#[divan::bench(args = SIZES, sample_count = 1, sample_size = 1)]
fn learn(bencher: Bencher<'_, '_>, articles: usize) {
    bencher.counter(ItemsCount::new(articles * SYMPTOMS)).with_inputs(|| folder(articles)).bench_values(Library::new);
}

#[divan::bench(args = SIZES, sample_count = 20, sample_size = 5)]
fn find(bencher: Bencher<'_, '_>, articles: usize) {
    let library = Library::new(folder(articles));
    let questions: Vec<String> =
        (0..100).map(|index| format!("Bonjour, {}. Merci !", symptom(index, index * 7))).collect();
    let mut next = questions.iter().cycle();
    bencher.bench_local(|| {
        let text = next.next().map_or("", String::as_str);
        divan::black_box(library.find(&Question { text, ..Question::default() }).score)
    });
}

/// What `guichet init` writes.
#[divan::bench]
fn learn_examples(bencher: Bencher<'_, '_>) {
    let articles = || examples().filter_map(|(file, text)| Article::parse(file, text).ok()).collect::<Vec<_>>();
    bencher.with_inputs(articles).bench_values(Library::new);
}

fn folder(articles: usize) -> Vec<Article> {
    let article = |index: usize| Article {
        id: format!("article-{index}"),
        title: symptom(index, usize::MAX),
        language: Language::FRENCH,
        symptoms: (0..SYMPTOMS).map(|number| symptom(index, number)).collect(),
        answer: Answer::Suggest,
        translation_of: None,
        body: "Redémarrez.".to_owned(),
    };
    (0..articles).map(article).collect()
}

/// Eight words: every third belongs to the article, the others are as frequent as words are (Zipf).
fn symptom(article: usize, number: usize) -> String {
    const COMMON: f64 = 3_000.0;
    const OWN: usize = 20_000;
    let word_at = |place: usize| {
        let chance = scattered(article.wrapping_mul(1_000).wrapping_add(number).wrapping_mul(31).wrapping_add(place));
        match place % 3 {
            0 => word(scattered(article * 3 + place) % OWN),
            _ => word(COMMON.powf((chance % 10_000) as f64 / 10_000.0) as usize),
        }
    };
    (0..8).map(word_at).collect::<Vec<_>>().join(" ")
}

/// A word that can be spoken, one for each number.
fn word(number: usize) -> String {
    const STARTS: [&str; 16] = ["b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "br", "ch", "tr"];
    const ENDS: [&str; 8] = ["a", "e", "i", "o", "u", "ou", "ai", "on"];
    let syllable = |place: u32| {
        let digit = number / 128_usize.pow(place) % 128;
        [STARTS[digit % 16], ENDS[digit / 16]].concat()
    };
    (0..3).map(syllable).collect()
}

/// SplitMix64's last steps: neighbouring numbers lie far apart.
fn scattered(number: usize) -> usize {
    let mixed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed >> 20) as usize
}
