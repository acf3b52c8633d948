//! The story of `guichet demo`, played through the library: the real gateway between embedded servers.

use guichet::demo::server::{SmtpMishap, SmtpMoment};
use guichet::demo::{Books, CASE_NUMBER, NOTE, Received, Stage, VENDOR_ANSWER, Who, play};
use guichet::desk::Purpose;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_goes_through_three_levels_and_back() {
    let mut stage = Stage::open(|_| ()).await.unwrap();
    Box::pin(play(&mut stage)).await.unwrap();

    let read_by = |who: Who| stage.received().iter().filter(move |letter| letter.by.who == who);
    let purposes = |who: Who| read_by(who).map(|letter| letter.purpose).collect::<Vec<_>>();
    let told = [
        Purpose::Acknowledgement,
        Purpose::Acknowledgement,
        Purpose::Answer,
        Purpose::PassedOn,
        Purpose::Answer,
        Purpose::Resolved,
        Purpose::Resolved,
    ];
    assert_eq!(purposes(Who::Marie), told);
    assert_eq!(purposes(Who::Acme), [Purpose::Case, Purpose::Chase, Purpose::FollowUp]);
    assert_eq!(purposes(Who::Etienne), [], "he reads the vendor's mailbox");

    let to_marie: Vec<&Received> = read_by(Who::Marie).collect();
    assert!(to_marie[1].mail.body.text.contains("Oublier le mot de passe"), "the known fix");
    let answer = &to_marie[2].mail.body.text;
    assert!(answer.contains("dix secondes") && !answer.contains("Objet :"), "the new words alone: {answer}");
    assert!(to_marie[4].mail.body.text.contains(VENDOR_ANSWER.split('.').next().unwrap()));
    assert!(to_marie.iter().all(|letter| !whole(letter).contains(NOTE) && !whole(letter).contains("acme")));

    for letter in read_by(Who::Acme) {
        let said = whole(letter).to_lowercase();
        for secret in ["marie", "tremblay", "atelier", "555-0142", &NOTE.to_lowercase()] {
            assert!(!said.contains(secret), "{secret}: {said}");
        }
    }
    assert!(read_by(Who::Acme).next_back().unwrap().mail.subject.contains(CASE_NUMBER));
    assert!(read_by(Who::SecondLevel).next().unwrap().mail.body.text.contains(NOTE), "L2 reads everything");

    let alice = purposes(Who::Alice);
    let nth = |purpose: Purpose| alice.iter().position(|one| *one == purpose);
    assert!(nth(Purpose::Clocks) < nth(Purpose::Receipt), "warned before she answered: {alice:?}");
    assert!(nth(Purpose::CrowdProposed) < nth(Purpose::CrowdDigest), "{alice:?}");
    let colleagues: Vec<Who> = stage.cast().colleagues().iter().map(|person| person.who).collect();
    let (newest, first) = colleagues.split_last().unwrap();
    for who in first {
        assert_eq!(purposes(*who), [Purpose::Acknowledgement, Purpose::Answer, Purpose::Resolved], "{who:?}");
    }
    assert_eq!(purposes(*newest), [Purpose::CrowdAcknowledgement, Purpose::Resolved]);
    let told = &read_by(*newest).next().unwrap().mail.body.text;
    assert!(told.contains("Le pilote 4.2 est en cause"), "how it stands: {told}");

    stage.stop_gateway().await.unwrap();
    let store = stage.open_store().await.unwrap();
    let books = Books::read(&stage, &store).await.unwrap();
    let broken: Vec<_> = books.promises.iter().filter(|promise| !promise.is_kept).collect();
    assert!(broken.is_empty() && !books.promises.is_empty(), "{broken:?}");
    assert_eq!(books.letters.iter().map(|(_, count)| count).sum::<u64>(), stage.received().len() as u64);
    assert_eq!(books.mails.iter().map(|(_, count)| count).sum::<u64>(), stage.written().len() as u64);
}

#[tokio::test]
async fn a_step_that_does_not_happen_is_named() {
    let mut stage = Stage::open(|_| ()).await.unwrap();
    stage.servers().mishaps().smtp(SmtpMoment::Mail, SmtpMishap::Reply(550, "5.7.1 Not today".to_owned()));
    let error = format!("{:#}", Box::pin(play(&mut stage)).await.unwrap_err());
    assert!(error.starts_with("Step 1 (Marie asks") && error.contains("Not today"), "{error}");
}

/// Header and text, as its reader's client has them.
fn whole(letter: &Received) -> String {
    format!("{}\n{}\n{}", letter.header, letter.mail.body.text, letter.mail.body.html_text())
}
