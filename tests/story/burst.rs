//! Many mails at once.

use crate::cast::MARIE;
use crate::stage::Stage;

#[tokio::test]
async fn in_a_burst_acknowledgements_leave_before_letters_to_agents() {
    let mut stage = Stage::new().await;
    let mail = String::from_utf8(MARIE.writes("Panne", "Bonjour, plus rien ne répond.").bytes()).unwrap();
    let person = |n: usize| {
        mail.replace(MARIE.address, &format!("client{n}@client.test"))
            .replace("Message-ID: <", &format!("Message-ID: <{n}."))
    };
    let mails: Vec<Vec<u8>> = (0..60).map(|n| person(n).into_bytes()).collect();

    stage.raw_mails(&mails.iter().map(Vec::as_slice).collect::<Vec<_>>()).await;
    let to_desk = |stage: &Stage| {
        let recipients = stage.letters().iter().flat_map(|(sent, _)| &sent.recipients);
        recipients.filter(|to| to.as_str().ends_with("@helpdesk.test")).count()
    };
    assert_eq!((stage.letters().len(), to_desk(&stage)), (60, 0));

    stage.raw_mails(&[]).await;
    assert_eq!((stage.letters().len(), to_desk(&stage)), (180, 120));
}
