//! What agents hand in for others: a mail forwarded in the form of each client, a call, another requester.

use guichet::desk::Origin;

use crate::cast::{ALICE, BOB, MARIE, TOM};
use crate::client::Mail;
use crate::laws::tickets;
use crate::stage::Stage;

/// A mail of Marie's, handed on by an agent: the words above it, a client's lead, and her words.
const FORMS: &[(&str, &str, &str)] = &[
    (
        "Outlook, French",
        "TR: Souris perdue",
        "Voir plus bas.\n\nAlice\n\n________________________________\nDe : Marie Tremblay <marie@client.test>\nEnvoyé : lundi 3 \
         août 2026 08:55\nÀ : Alice Gagnon <alice@helpdesk.test>\nCc : Paul Roy <paul@client.test>\nObjet : Souris perdue\n\nMa \
         souris a disparu.",
    ),
    (
        "Outlook of old, French",
        "TR : Souris perdue",
        "Voir plus bas.\n\nDe : Marie Tremblay [mailto:marie@client.test] \nEnvoyé : lundi 3 août 2026 08:55\nÀ : Alice \
         Gagnon\nObjet : Souris perdue\n\nMa souris a disparu.",
    ),
    (
        "Outlook, English",
        "FW: Souris perdue",
        "See below.\n\nFrom: Tremblay, Marie <marie@client.test> \nSent: Monday, August 3, 2026 8:55 AM\nTo: Gagnon, Alice \
         <alice@helpdesk.test>\nSubject: Souris perdue\n\nMa souris a disparu.",
    ),
    (
        "Outlook, English, without a line between",
        "FW: Souris perdue",
        "-----Original Message-----\nFrom: Marie Tremblay <marie@client.test>\nSent: Monday, August 3, 2026 8:55 AM\nTo: Alice \
         Gagnon <alice@helpdesk.test>\nSubject: Souris perdue\n\nMa souris a disparu.",
    ),
    (
        "Outlook on a telephone, French",
        "TR: Souris perdue",
        "Obtenez Outlook pour iOS<https://aka.ms/o0ukef>\n________________________________\nDe : Marie Tremblay \
         <marie@client.test>\nEnvoyé : Monday, August 3, 2026 8:55:12 AM\nÀ : Alice Gagnon <alice@helpdesk.test>\nObjet : Souris \
         perdue\n\nMa souris a disparu.",
    ),
    (
        "Outlook for Mac, French",
        "TR: Souris perdue",
        "Voir plus bas.\n\nDe : Marie Tremblay <marie@client.test>\nDate : lundi 3 août 2026 à 08:55\nÀ : Alice Gagnon \
         <alice@helpdesk.test>\nObjet : Souris perdue\n\nMa souris a disparu.",
    ),
    (
        "Gmail, French",
        "Fwd: Souris perdue",
        "Voir plus bas.\n\n---------- Forwarded message ---------\nDe : Marie Tremblay <marie@client.test>\nDate: lun. 3 août 2026 à \
         08:55\nSubject: Souris perdue\nTo: <alice@helpdesk.test>\n\n\nMa souris a disparu.",
    ),
    (
        "Gmail, English",
        "Fwd: Souris perdue",
        "---------- Forwarded message ---------\nFrom: *Marie Tremblay* <marie@client.test>\nDate: Mon, Aug 3, 2026 at 8:55 \
         AM\nSubject: Souris perdue\nTo: Alice <alice@helpdesk.test>\n\n\nMa souris a disparu.",
    ),
    (
        "Apple Mail, French",
        "Fwd: Souris perdue",
        "Voir plus bas.\n\n> Début du message réexpédié :\n> \n> De: Marie Tremblay <marie@client.test>\n> Objet: Souris perdue\n> \
         Date: 3 août 2026 à 08:55:00 UTC−4\n> À: alice@helpdesk.test\n> \n> Ma souris a disparu.",
    ),
    (
        "Apple Mail, English",
        "Fwd: Souris perdue",
        "Begin forwarded message:\n\nFrom: Marie Tremblay <marie@client.test>\nSubject: Souris perdue\nDate: August 3, 2026 at \
         08:55:00 EDT\nTo: alice@helpdesk.test\n\nMa souris a disparu.",
    ),
    (
        "an iPhone, French",
        "Fwd: Souris perdue",
        "Envoyé de mon iPhone\n\nDébut du message transféré :\n\n> De: Marie Tremblay <marie@client.test>\n> Date: 3 août 2026 à \
         08:55:00 UTC−4\n> À: alice@helpdesk.test\n> Objet: Souris perdue\n> \n> \u{feff}Ma souris a disparu.",
    ),
    (
        "Thunderbird, French",
        "Fwd: Souris perdue",
        "Voir plus bas.\n\n\n-------- Message transféré --------\nSujet : \tSouris perdue\nDate : \tMon, 3 Aug 2026 08:55:00 \
         -0400\nDe : \tMarie Tremblay <marie@client.test>\nPour : \talice@helpdesk.test\n\n\n\nMa souris a disparu.",
    ),
    (
        "Thunderbird, English",
        "Fwd: Souris perdue",
        "\n\n-------- Forwarded Message --------\nSubject: \tSouris perdue\nDate: \tMon, 3 Aug 2026 08:55:00 -0400\nFrom: \tMarie \
         Tremblay <marie@client.test>\nReply-To: \tMarie Tremblay <marie@client.test>\nTo: \talice@helpdesk.test\n\n\n\nMa souris \
         a disparu.",
    ),
];

/// The same in HTML alone.
const HTML: &[(&str, &str, &str)] = &[
    (
        "Outlook on the web, French",
        "TR: Souris perdue",
        "<div>Voir plus bas.</div><div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\" tabindex=\"-1\"><div \
         id=\"divRplyFwdMsg\" dir=\"ltr\"><font face=\"Calibri, sans-serif\"><b>De&nbsp;:</b> Marie Tremblay \
         &lt;marie@client.test&gt;<br><b>Envoyé&nbsp;:</b> lundi 3 août 2026 08:55<br><b>À&nbsp;:</b> Alice Gagnon \
         &lt;alice@helpdesk.test&gt;<br><b>Objet&nbsp;:</b> Souris perdue</font><div>&nbsp;</div></div><div>Ma souris a disparu.</div>",
    ),
    (
        "Outlook, English",
        "FW: Souris perdue",
        "<div class=\"WordSection1\"><p class=\"MsoNormal\">See below.</p><div><div style=\"border:none;border-top:solid #E1E1E1 \
         1.0pt;padding:3.0pt 0in 0in 0in\"><p class=\"MsoNormal\"><b>From:</b> Marie Tremblay &lt;marie@client.test&gt; \
         <br><b>Sent:</b> Monday, August 3, 2026 8:55 AM<br><b>To:</b> Alice Gagnon &lt;alice@helpdesk.test&gt;<br><b>Subject:</b> \
         Souris perdue</p></div></div><p class=\"MsoNormal\">&nbsp;</p><p class=\"MsoNormal\">Ma souris a disparu.</p></div>",
    ),
    (
        "Gmail, French",
        "Fwd: Souris perdue",
        "<div dir=\"ltr\">Voir plus bas.<br><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" \
         class=\"gmail_attr\">---------- Forwarded message ---------<br>De : <strong class=\"gmail_sendername\" dir=\"auto\">Marie \
         Tremblay</strong> <span dir=\"auto\">&lt;<a href=\"mailto:marie@client.test\">marie@client.test</a>&gt;</span><br>Date: lun. \
         3 août 2026 à 08:55<br>Subject: Souris perdue<br>To:  &lt;<a \
         href=\"mailto:alice@helpdesk.test\">alice@helpdesk.test</a>&gt;<br></div><br><br>Ma souris a disparu.</div></div>",
    ),
    (
        "Apple Mail, French",
        "Fwd: Souris perdue",
        "Voir plus bas.<br><div><br><blockquote type=\"cite\"><div>Début du message réexpédié :</div><br \
         class=\"Apple-interchange-newline\"><div style=\"margin:0\"><span><b>De: </b></span><span>Marie Tremblay &lt;<a \
         href=\"mailto:marie@client.test\">marie@client.test</a>&gt;<br></span></div><div style=\"margin:0\"><span><b>Objet: \
         </b></span><span><b>Souris perdue</b><br></span></div><div style=\"margin:0\"><span><b>Date: </b></span><span>3 août 2026 à \
         08:55:00 UTC−4<br></span></div><div style=\"margin:0\"><span><b>À: \
         </b></span><span>alice@helpdesk.test<br></span></div><br><div>Ma souris a disparu.</div></blockquote></div>",
    ),
    (
        "Thunderbird, English",
        "Fwd: Souris perdue",
        "<html><body><p>See below.</p><div class=\"moz-forward-container\"><br><br>-------- Forwarded Message --------<table \
         class=\"moz-email-headers-table\" cellspacing=\"0\" cellpadding=\"0\" border=\"0\"><tbody><tr><th align=\"RIGHT\">Subject: \
         </th><td>Souris perdue</td></tr><tr><th align=\"RIGHT\">Date: </th><td>Mon, 3 Aug 2026 08:55:00 -0400</td></tr><tr><th \
         align=\"RIGHT\">From: </th><td>Marie Tremblay <a class=\"moz-txt-link-rfc2396E\" \
         href=\"mailto:marie@client.test\">&lt;marie@client.test&gt;</a></td></tr><tr><th align=\"RIGHT\">To: \
         </th><td>alice@helpdesk.test</td></tr></tbody></table><br><br>Ma souris a disparu.</div></body></html>",
    ),
];

fn of_alice(subject: &str, text: &str) -> Mail {
    Mail { text: text.to_owned(), ..ALICE.writes(subject, text) }
}

/// What is wrong where the ticket is not Marie's, with her words alone, or one of both does not know it.
async fn wrong(form: &str, mail: &Mail) -> Option<String> {
    let mut stage = Stage::new().await;
    stage.mail(mail).await;
    let tickets = tickets(&stage).await;
    let [shown] = tickets.as_slice() else { return Some(format!("{form}: {}", stage.story())) };
    let (ticket, asked) = (&shown.ticket, shown.entries[0].entry.text.trim_start_matches('\u{feff}').trim());
    let requester = ticket.requester.map(|id| shown.contacts[&id].address.as_str());
    let told =
        ["marie@client.test [acknowledgement]", "| Objet\u{a0}: Souris perdue", "alice@helpdesk.test [new_ticket]"];
    let is_right = requester == Some(MARIE.address)
        && ticket.origin == Origin::Mail
        && ticket.subject == "Souris perdue"
        && asked == "Ma souris a disparu."
        && told.iter().all(|told| stage.story().contains(told));
    (!is_right).then(|| format!("{form}: {requester:?} {asked:?}{}", stage.story()))
}

#[tokio::test]
async fn whatever_client_hands_a_mail_on_the_ticket_is_its_authors_who_is_acknowledged() {
    let mut all_wrong = Vec::new();
    for (form, subject, text) in FORMS {
        all_wrong.extend(wrong(form, &of_alice(subject, text)).await);
    }
    for (form, subject, html) in HTML {
        let mail = Mail { html: Some((*html).to_owned()), ..of_alice(subject, "") };
        all_wrong.extend(wrong(form, &mail).await);
    }
    let original = MARIE.writes("Souris perdue", "Ma souris a disparu.").to(&[ALICE.address]);
    let original = Mail { text: "Ma souris a disparu.".to_owned(), ..original }.bytes();
    for (form, subject, text, name, content_type) in [
        ("Thunderbird, attached", "Fwd: Souris perdue", "", "Souris perdue.eml", "message/rfc822"),
        ("Outlook, attached", "TR: Souris perdue", "Voir plus bas.", "Souris perdue", "message/rfc822"),
        ("Outlook, dragged", "À voir", "Voir plus bas.", "Souris perdue.eml", "application/octet-stream"),
    ] {
        all_wrong.extend(wrong(form, &of_alice(subject, text).attached(name, content_type, &original)).await);
    }
    assert!(all_wrong.is_empty(), "{}", all_wrong.join("\n"));
}

#[tokio::test]
async fn what_an_agent_says_above_a_forwarded_mail_is_a_note_and_its_commands_are_carried_out() {
    let mut stage = Stage::new().await;
    let request = TOM.writes("Mouse lost", "My mouse is gone.");
    stage.mail(&ALICE.forwards(&request, "#priorité 2\nIl en est à sa troisième.")).await;
    stage.mail(&BOB.forwards(&TOM.writes("Screen", "It flickers."), "#escalate L2 : see the cable")).await;
    stage.mail(&BOB.forwards(&TOM.writes("Chair", "It squeaks."), "#priority 9")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_forwarded_mail_that_does_not_say_who_wrote_asks_the_agent() {
    let mut stage = Stage::new().await;
    let block = "De : Marie Tremblay\nEnvoyé : lundi 3 août 2026 08:55\nÀ : Alice Gagnon\nObjet : Souris perdue\n\nMa souris a disparu.";
    stage.mail(&of_alice("TR: Souris perdue", block)).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#demandeur marie@client.test")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn whom_an_agent_names_as_the_requester_is_told_that_the_request_is_here() {
    let mut stage = Stage::new().await;
    stage.mail(&ALICE.writes("Souris perdue", "Marie a perdu sa souris.")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#requester marie@client.test")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#requester marie@client.test")).await;
    stage.mail(&ALICE.writes("Écran", "#demandeur tom@client.test\n#priorité 2\nSon écran clignote.")).await;
    insta::assert_snapshot!(stage.told());
}
