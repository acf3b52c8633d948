//! What a desk sees of its known fixes.

use proptest::prelude::*;

use super::*;
use crate::mail::Language;

fn article(id: &str, symptoms: &[&str]) -> Article {
    Article {
        id: id.to_owned(),
        title: symptoms[0].to_owned(),
        language: Language::FRENCH,
        symptoms: symptoms.iter().map(ToString::to_string).collect(),
        answer: Answer::Suggest,
        translation_of: None,
        body: "Redémarrez.".to_owned(),
    }
}

fn examples_parsed() -> Vec<Article> {
    examples().map(|(name, text)| Article::parse(name, text).unwrap()).collect()
}

fn shipped() -> Library {
    Library::new(examples_parsed())
}

fn small() -> Library {
    Library::new(vec![
        article("vpn", &["mon mot de passe VPN est refusé", "impossible de se connecter au VPN depuis ce matin"]),
        article("imprimante", &["l'imprimante n'imprime pas"]),
        article("quota", &["boîte aux lettres pleine", "quota Outlook dépassé"]),
    ])
}

fn answer(library: &Library, text: &str) -> Option<String> {
    library.find(&Question { text, ..Question::default() }).answered.map(|article| article.id.clone())
}

#[test]
fn the_shipped_examples_are_sound() {
    assert_eq!(shipped().articles().len(), 40);
    assert_eq!(shipped().faults(), []);
}

#[test]
fn nine_answers_in_ten_are_right_and_most_questions_that_have_one_get_it() {
    let cases = cases(include_str!("tests/requests.jsonl")).unwrap();
    let unanswerable = cases.iter().filter(|case| case.expected.is_none()).count();
    assert!(cases.len() >= 300 && unanswerable * 2 >= cases.len());
    let report = backtest(&shipped(), &cases);
    assert!(report.correct as f64 >= 0.9 * report.answered as f64, "{} of {}", report.correct, report.answered);
    assert!(report.correct as f64 >= 0.75 * (cases.len() - unanswerable) as f64, "only {} answered", report.correct);
}

#[test]
fn a_mail_that_says_nearly_what_a_symptom_says_is_answered_even_from_a_small_library() {
    let library = small();
    assert_eq!(answer(&library, "Bonjour, mon imprimante n'imprime plus. Merci !").as_deref(), Some("imprimante"));
    assert_eq!(answer(&library, "Impossible de me connecter au VPN").as_deref(), Some("vpn"));
    assert_eq!(answer(&library, "ma boite aux lettres outlook est pleine").as_deref(), Some("quota"));
    let one = Library::new(vec![article("KB-1", &["mot de passe oublié"])]);
    assert_eq!(answer(&one, "Bonjour, j'ai oublié mon mot de passe ce matin. Marie").as_deref(), Some("KB-1"));
}

/// People write about more than the first articles of a new folder.
#[test]
fn a_new_folder_with_few_articles_does_not_answer_everything() {
    let cases: Vec<Case> = cases(include_str!("tests/requests.jsonl")).unwrap().into_iter().step_by(2).collect();
    let originals: Vec<Article> =
        examples_parsed().into_iter().filter(|article| article.translation_of.is_none()).collect();
    for articles in 1..=4 {
        let (mut asked, mut answered, mut meant, mut met) = (0, 0, 0, 0);
        for few in originals.chunks_exact(articles).step_by(3) {
            let report = backtest(&Library::new(few.to_vec()), &cases);
            for result in &report.results {
                if result.expected.as_ref().is_some_and(|id| few.iter().any(|article| article.id == *id)) {
                    meant += 1;
                    met += usize::from(result.answered == result.expected);
                } else if result.expected.is_none() {
                    asked += 1;
                    answered += usize::from(result.answered.is_some());
                }
            }
        }
        assert!(answered * 20 <= asked, "of {articles}: {answered} of {asked} answered");
        assert!(met * 10 >= meant * 6, "of {articles}: {met} of {meant} found");
    }
}

#[test]
fn nothing_fits_a_mail_about_something_else() {
    for text in [
        "",
        "Bonjour",
        "Merci beaucoup, bonne journée !",
        "Pouvez-vous me donner une copie de ma facture ?",
        "Problème avec mon ordinateur depuis ce matin",
        "Test message 12345",
        "Please order ten chairs for the meeting room.",
    ] {
        assert_eq!(answer(&small(), text), None, "{text}");
        assert_eq!(answer(&shipped(), text), None, "{text}");
    }
}

#[test]
fn an_empty_library_answers_nothing() {
    let library = Library::new(Vec::new());
    let found = library.find(&Question { subject: "VPN", text: "VPN", language: None });
    assert_eq!((found.answered, found.score, found.candidates.len()), (None, 0.0, 0));
    assert_eq!(library.faults(), []);
}

#[test]
fn courtesies_neither_make_nor_break_a_match() {
    let library = shipped();
    let bare = library.find(&Question { text: "l'imprimante est hors ligne", ..Question::default() }).score;
    let text = "Bonjour madame, l'imprimante est hors ligne. Merci beaucoup et bonne journée, cordialement";
    assert_eq!(answer(&library, text).as_deref(), Some("imprimante"));
    assert!(library.find(&Question { text, ..Question::default() }).score > bare - 0.1);
}

#[test]
fn accents_case_and_slips_of_the_finger_do_not_matter() {
    for text in ["MOT DE PASSE OUBLIE", "jai oublié mon mot de pase", "Mot de passe oublié…"] {
        assert_eq!(answer(&shipped(), text).as_deref(), Some("mot-de-passe-oublie"), "{text}");
    }
}

#[test]
fn a_misspelt_word_is_read_as_the_word_of_the_symptoms() {
    for text in ["limprimnate n'imprime pas", "mon imprimente n'imprime plus", "l'imprimanrte n'imprime pas"] {
        assert_eq!(answer(&small(), text).as_deref(), Some("imprimante"), "{text}");
    }
}

#[test]
fn a_question_in_other_words_finds_the_article_that_means_the_same() {
    let english = |id: &str, symptoms: &[&str]| Article { language: Language::ENGLISH, ..article(id, symptoms) };
    let library = Library::new(vec![
        english("refund", &["I want a refund", "how long does a refund take", "refund not received"]),
        english("delivery", &["where is my parcel", "my package has not arrived", "track my shipment"]),
        english("password", &["I forgot my password", "reset my login", "cannot sign in to my account"]),
    ]);
    for (text, id) in [("I want to be repaid", "refund"), ("log on fails with my username", "password")] {
        let found = library.find(&Question { text, ..Question::default() });
        assert_eq!(found.candidates.first().map(|candidate| candidate.article.id.as_str()), Some(id), "{text}");
    }
}

#[test]
fn an_error_code_is_one_word_and_not_nearly_another() {
    let library = Library::new(vec![
        article("oracle", &["erreur ORA-12154 à l'ouverture", "ORA-12154 dans la comptabilité"]),
        article("acces", &["code 0x80070005 pendant la mise à jour", "la mise à jour échoue avec 0x80070005"]),
    ]);
    assert_eq!(answer(&library, "J'obtiens ORA-12154 ce matin").as_deref(), Some("oracle"));
    assert_eq!(answer(&library, "ora 12154 comptabilité").as_deref(), Some("oracle"));
    let other = library.find(&Question { text: "J'obtiens 0x80070006", ..Question::default() });
    assert_eq!(other.answered, None);
}

#[test]
fn a_translated_article_answers_in_the_language_of_the_question() {
    let library = shipped();
    let english = Question { text: "le wifi ne marche pas", language: Some(Language::ENGLISH), ..Question::default() };
    assert_eq!(library.find(&english).answered.map(|article| article.id.as_str()), Some("wifi-en"));
    assert_eq!(answer(&library, "the wifi does not work in my office").as_deref(), Some("wifi-en"));
    assert_eq!(answer(&library, "le wifi ne marche pas dans mon bureau").as_deref(), Some("wifi"));
    let only_french = Question { text: "shared mailbox Outlook", language: Some(Language::ENGLISH), subject: "" };
    assert!(library.find(&only_french).candidates.iter().all(|candidate| candidate.article.id != "wifi"));
}

#[test]
fn a_candidate_says_which_words_spoke_for_it() {
    let library = shipped();
    let found = library.find(&Question { subject: "Imprimante", text: "Elle est hors ligne", language: None });
    assert_eq!(found.candidates[0].article.id, "imprimante");
    for term in ["imprimante", "ligne"] {
        assert!(found.candidates[0].terms.iter().any(|other| other == term), "{:?}", found.candidates[0].terms);
    }
}

#[test]
fn a_mail_that_names_everything_gets_one_answer_at_most_and_no_certain_one() {
    let library = shipped();
    let text = "mot de passe VPN imprimante boîte partagée Teams micro disque plein code Authenticator wifi écran";
    let found = library.find(&Question { text, ..Question::default() });
    assert!(found.score < 0.9, "{}", found.score);
    assert_eq!(found.answered, None);
}

#[test]
fn an_article_for_agents_never_reaches_a_requester() {
    let mut secret = article("coffre", &["procédure interne du coffre-fort"]);
    secret.answer = Answer::Never;
    let library = Library::new(vec![secret, article("imprimante", &["l'imprimante n'imprime pas"])]);
    let found = library.find(&Question { text: "procédure interne coffre-fort", ..Question::default() });
    assert_eq!(found.answered.map(|article| article.id.as_str()), Some("coffre"));
    assert_eq!(found.for_requester(), None);
}

#[test]
fn the_point_of_a_long_mail_is_found() {
    let text = "Bonjour,\n\nDepuis hier je n'arrive plus à imprimer depuis mon portable, alors que ma collègue y arrive.\n\
        J'ai déjà redémarré deux fois. J'ai une présentation demain matin et je dois sortir trente copies.\n\n\
        Pouvez-vous me rappeler au poste 4512 avant midi ? Je serai en réunion ensuite.\n\nMerci,\nMarie Tremblay";
    let library = shipped();
    let found = library.find(&Question { subject: "Imprimante", text, language: None });
    assert_eq!(found.answered.map(|article| article.id.as_str()), Some("imprimante"));
}

#[test]
fn what_is_wrong_with_articles_together_is_said_with_its_remedy() {
    let mut orphan = article("orphan", &["le clavier colle", "les touches collent", "clavier sale"]);
    orphan.translation_of = Some("nobody".to_owned());
    let mut empty = article("empty", &["la souris saute", "le curseur saute", "le pointeur tremble"]);
    empty.body = " \n".to_owned();
    let library = Library::new(vec![
        orphan,
        empty,
        article("ORPHAN", &["autre chose", "encore autre chose", "tout autre chose"]),
        article("few", &["projecteur éteint", "bonjour merci"]),
        article("one", &["le scanneur est en panne", "numérisation vide", "le scanneur fait des pages noires"]),
        article("two", &["le scanneur est en panne", "toner vide", "photocopies pâles"]),
    ]);
    let faults = library.faults();
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    for words in [
        "two articles have the id ORPHAN",
        "translation of nobody, which does not exist",
        "empty has no text",
        "few has only 2 symptom(s)",
        "says nothing (\"bonjour merci\")",
        "one is easily taken for two",
        "two is easily taken for one",
    ] {
        assert!(said.iter().any(|fault| fault.contains(words)), "{words} in {said:#?}");
    }
    assert_eq!(faults.iter().filter(|fault| fault.is_advice()).count(), 4, "{said:#?}");
    assert!(library.article("Orphan").is_some_and(|article| article.symptoms[0] == "le clavier colle"));
}

#[test]
fn a_case_that_cannot_be_read_is_named_by_its_line() {
    let fault = cases("{\"text\": \"a\", \"expected\": null}\n\n{\"text\": 1}\n").unwrap_err();
    assert_eq!(fault.line, 3);
}

#[test]
fn a_backtest_counts_and_recommends() {
    let case = |text: &str, expected: Option<&str>| Case { text: text.into(), expected: expected.map(Into::into) };
    let report = backtest(
        &small(),
        &[
            case("l'imprimante n'imprime pas", Some("imprimante")),
            case("quota Outlook dépassé", Some("vpn")),
            case("la cafetière fuit", None),
            case("VPN refusé", Some("vpn")),
        ],
    );
    assert_eq!((report.cases, report.answered, report.correct, report.wrong, report.abstained), (4, 3, 2, 1, 1));
    let confusion = Confusion { expected: Some("vpn".to_owned()), answered: "quota".to_owned(), cases: 1 };
    assert_eq!(report.confusions(), [confusion]);
    assert!(report.sent().contains(&Sent { id: "vpn".to_owned(), answered: 1, correct: 1 }));
    let all = report.recommended(0.5).unwrap();
    assert_eq!((all.correct, all.coverage), (2, 2.0 / 3.0));
    assert!(report.thresholds.windows(2).all(|pair| pair[0].answered >= pair[1].answered));
    let printed = serde_json::to_value(&report).unwrap();
    assert_eq!(printed["results"][0]["answered"], "imprimante");
    assert_eq!(printed["results"][2]["answered"], serde_json::Value::Null);
    assert!(printed["results"][0]["candidates"][0]["score"].is_f64());
}

proptest! {
    #[test]
    fn any_text_is_searched_with_a_sound_result(subject in "\\PC{0,40}", text in "(\\PC|\n){0,400}") {
        let library = small();
        let question = Question { subject: &subject, text: &text, language: None };
        let found = library.find(&question);
        prop_assert!((0.0..=1.0).contains(&found.score));
        prop_assert!(found.candidates.iter().all(|candidate| (0.0..=1.0).contains(&candidate.score)));
        prop_assert!(found.answered.is_none() || found.score >= THRESHOLD);
        prop_assert_eq!(&found, &library.find(&question));
    }

    #[test]
    fn words_of_the_trade_in_any_order_are_searched_with_a_sound_result(
        words in prop::collection::vec("VPN|mot de passe|imprimante|refusé|n'|l'|quota|0x1F|ORA-1|boîte|\\.|\n", 0..60)
    ) {
        let library = small();
        let text = words.join(" ");
        let found = library.find(&Question { text: &text, ..Question::default() });
        prop_assert!((0.0..=1.0).contains(&found.score));
        prop_assert!(found.candidates.iter().all(|candidate| candidate.score <= found.score));
    }
}
