//! One message has its effects once, however many copies of it arrive.

use crate::cast::MARIE;
use crate::stage::Stage;

#[tokio::test]
async fn copies_of_a_mail_are_known_by_their_bytes_or_their_identifier_and_body() {
    let mut stage = Stage::new().await;
    let request = MARIE.writes("Clavier", "Le clavier n'écrit plus.");
    stage.mails(&[&request, &request]).await;
    stage.mail(&request.clone().with("X-Forwarded-By", "alias@desk.test")).await;
    let mut other = request.clone();
    other.text = "La souris non plus.".to_owned();
    stage.mail(&other).await;
    insta::assert_snapshot!(stage.told());
}
