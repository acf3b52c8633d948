//! The same answer as each client writes it, over the mail that it answers.

use super::super::html;
use super::*;

const ANSWER: &str = "Oui, merci.";

/// Name of a client, and what it writes as `text/plain`.
const TEXTS: &[(&str, &str)] = &[
    (
        "gmail fr",
        "Oui, merci.\n\nLe lun. 1 juin 2026 à 10 h 00, Support <support@helpdesk.test> a écrit :\n\n> Bonjour Paul,\n> Avez-vous redémarré ?\n> Support\n",
    ),
    (
        "gmail en",
        "Oui, merci.\n\nOn Mon, Jun 1, 2026 at 10:00 AM Support <support@helpdesk.test> wrote:\n\n> Bonjour Paul,\n> Avez-vous redémarré ?\n> Support\n",
    ),
    (
        "gmail folded",
        "Oui, merci.\n\nOn Mon, Jun 1, 2026 at 10:00 AM Centre de support informatique\n<support@helpdesk.test> wrote:\n\n> Bonjour Paul,\n> Avez-vous redémarré ?\n> Support\n",
    ),
    (
        "outlook desktop fr",
        "Oui, merci.\n\nDe : Support <support@helpdesk.test> \nEnvoyé : lundi 1 juin 2026 10:00\nÀ : Paul Roy <paul@client.test>\nObjet : imprimante\n\nBonjour Paul,\nAvez-vous redémarré ?\nSupport\n",
    ),
    (
        "outlook desktop en",
        "Oui, merci.\n\nFrom: Support [mailto:support@helpdesk.test]\nSent: Monday, June 1, 2026 10:00 AM\nTo: Paul Roy\nCc: x\nSubject: RE: imprimante\n\nBonjour Paul,\nAvez-vous redémarré ?\nSupport\n",
    ),
    (
        "outlook.com",
        "Oui, merci.\n\n________________________________\nDe : Support <support@helpdesk.test>\nEnvoyé : lundi 1 juin 2026 10:00\nÀ : Paul Roy <paul@client.test>\nObjet : imprimante\n\nBonjour Paul,\nAvez-vous redémarré ?\nSupport\n",
    ),
    (
        "outlook mac",
        "Oui, merci.\n\nDe : Support <support@helpdesk.test>\nDate : lundi 1 juin 2026 à 10:00\nÀ : Paul Roy <paul@client.test>\nObjet : imprimante\n\nBonjour Paul,\nAvez-vous redémarré ?\nSupport\n",
    ),
    (
        "outlook date denvoi",
        "Oui, merci.\n\nDe : Support\nDate d’envoi : lundi 1 juin 2026 10:00\nÀ : Paul\nObjet : imprimante\n\nBonjour Paul,\nAvez-vous redémarré ?\nSupport\n",
    ),
    (
        "outlook android",
        "Oui, merci.\n\nTélécharger Outlook pour Android<https://aka.ms/x>\n________________________________\nFrom: Support <support@helpdesk.test>\nSent: Monday, June 1, 2026 10:00:00 AM\nTo: Paul\nSubject: x\n\nBonjour Paul,\nAvez-vous redémarré ?\nSupport\n",
    ),
    (
        "outlook ios",
        "Oui, merci.\n\nObtenez Outlook pour iOS<https://aka.ms/x>\n________________________________\nDe : Support\nEnvoyé : lundi 1 juin 2026 10:00:00\nÀ : Paul\nObjet : x\n\nBonjour Paul,\nAvez-vous redémarré ?\nSupport\n",
    ),
    (
        "apple fr",
        "Oui, merci.\n\n> Le 1 juin 2026 à 10:00, Support <support@helpdesk.test> a écrit :\n> \n> Bonjour Paul,\n> Avez-vous redémarré ?\n> Support\n",
    ),
    (
        "apple en",
        "Oui, merci.\n\n> On Jun 1, 2026, at 10:00 AM, Support <support@helpdesk.test> wrote:\n> \n> Bonjour Paul,\n> Avez-vous redémarré ?\n> Support\n",
    ),
    (
        "iphone",
        "Oui, merci.\n\nEnvoyé de mon iPhone\n\n> Le 1 juin 2026 à 10:00, Support <support@helpdesk.test> a écrit :\n> \n> > Bonjour Paul,\n> Avez-vous redémarré ?\n> Support\n",
    ),
    (
        "thunderbird fr",
        "Le 01/06/2026 à 10:00, Support a écrit :\n> Bonjour Paul,\n> Avez-vous redémarré ?\n> Support\nOui, merci.\n",
    ),
    (
        "thunderbird en",
        "On 6/1/26 10:00, Support wrote:\n> Bonjour Paul,\n> Avez-vous redémarré ?\n> Support\n\nOui, merci.\n",
    ),
    (
        "yahoo fr",
        "Oui, merci.\n    Le lundi 1 juin 2026 à 10:00:00 UTC−4, Support <support@helpdesk.test> a écrit :  \n \n Bonjour Paul,\nAvez-vous redémarré ?\nSupport\n",
    ),
    (
        "yahoo en",
        "Oui, merci.\n\n     On Monday, June 1, 2026 at 10:00:00 AM EDT, Support <support@helpdesk.test> wrote:  \n \n Bonjour Paul,\nAvez-vous redémarré ?\nSupport\n",
    ),
    (
        "notes",
        "Oui, merci.\n\nDe :	Support/PARIS/CLIENT\nPour :	paul@client.test\nDate :	01/06/2026 10:00\nObjet :	imprimante\n\n\n\nBonjour Paul,\nAvez-vous redémarré ?\nSupport\n",
    ),
    (
        "notes en",
        "Oui, merci.\n\nFrom:   \"Support\" <support@helpdesk.test>\nTo:     \"Paul\" <paul@client.test>\nDate:   06/01/2026 10:00 AM\nSubject:        imprimante\n\n\nBonjour Paul,\nAvez-vous redémarré ?\nSupport\n",
    ),
    (
        "notes dashes",
        "Oui, merci.\n\n-----Support <support@helpdesk.test> a écrit : -----\nÀ : paul@client.test\nDe : Support <support@helpdesk.test>\nDate : 01/06/2026 10:00\nObjet : imprimante\n\nBonjour Paul,\nAvez-vous redémarré ?\nSupport\n",
    ),
    (
        "zimbra fr",
        "Oui, merci.\n\n----- Mail original -----\nDe: \"Support\" <support@helpdesk.test>\nÀ: \"Paul\" <paul@client.test>\nEnvoyé: Lundi 1 Juin 2026 10:00:00\nObjet: imprimante\n\nBonjour Paul,\nAvez-vous redémarré ?\nSupport\n",
    ),
    (
        "orange webmail",
        "Oui, merci.\n\n> Message du 01/06/26 10:00\n> De : \"Support\" <support@helpdesk.test>\n> A : \"Paul\" <paul@client.test>\n> Objet : imprimante\n> \n> Bonjour Paul,\n> Avez-vous redémarré ?\n> Support\n",
    ),
    (
        "gmx",
        "Oui, merci.\n\nGesendet: Montag, 01. Juni 2026 um 10:00 Uhr\nVon: \"Support\" <support@helpdesk.test>\nAn: paul@client.test\nBetreff: x\n\nBonjour Paul,\nAvez-vous redémarré ?\nSupport\n",
    ),
    (
        "proton",
        "Oui, merci.\n\nEnvoyé avec Proton Mail.\n\nLe lundi 1 juin 2026 à 10:00, Support <support@helpdesk.test> a écrit :\n\n> Bonjour Paul,\n> Avez-vous redémarré ?\n> Support\n",
    ),
    (
        "samsung",
        "Oui, merci.\n\nEnvoyé depuis mon appareil Galaxy\n\n-------- Message d'origine --------\nDe : Support <support@helpdesk.test>\nDate : 01/06/2026 10:00 (GMT-05:00)\nÀ : Paul\nObjet : x\n\nBonjour Paul,\nAvez-vous redémarré ?\nSupport\n",
    ),
    (
        "roundcube",
        "Oui, merci.\n\nLe 2026-06-01 10:00, Support a écrit :\n> Bonjour Paul,\n> Avez-vous redémarré ?\n> Support\n",
    ),
    ("sig dash", "Oui, merci.\n\n-- \nPaul Roy\nComptabilité\n"),
    ("cordialement", "Oui, merci.\n\nCordialement,\n\nPaul Roy\nComptabilité\nTél. : 01 02 03 04 05\n"),
    (
        "legal fr",
        "Oui, merci.\n\nCe message et toutes les pièces jointes sont confidentiels et établis à l'intention exclusive de ses destinataires.\n",
    ),
    ("blackberry", "Oui, merci.\n\nEnvoyé de mon terminal BlackBerry.\n"),
    (
        "exchange external",
        "Oui, merci.\n\n-----Message d'origine-----\nDe : Support [mailto:support@helpdesk.test]\nEnvoyé : lundi 1 juin 2026 10:00\nÀ : Paul\nObjet : x\n\nBonjour Paul,\nAvez-vous redémarré ?\nSupport\n",
    ),
];

/// Name of a client, and what it writes as `text/html`.
const DOCUMENTS: &[(&str, &str)] = &[
    (
        "gmail",
        "<div dir=\"ltr\">Oui, merci.</div><br><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">Le lun. 1 juin 2026 à 10:00, Support &lt;<a href=\"mailto:s@h.test\">s@h.test</a>&gt; a écrit :<br></div><blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex\"><p>Bonjour Paul,</p><p>Avez-vous redémarré ?</p></blockquote></div>",
    ),
    (
        "gmail new",
        "<div dir=\"ltr\">Oui, merci.</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">On Mon, Jun 1, 2026 at 10:00 AM Support wrote:<br></div><blockquote class=\"gmail_quote\"><p>Bonjour Paul,</p><p>Avez-vous redémarré ?</p></blockquote></div>",
    ),
    (
        "thunderbird",
        "<p>Oui, merci.</p><div class=\"moz-cite-prefix\">Le 01/06/2026 à 10:00, Support a écrit :<br></div><blockquote type=\"cite\" cite=\"mid:a@h.test\"><p>Bonjour Paul,</p><p>Avez-vous redémarré ?</p></blockquote>",
    ),
    (
        "outlook desktop",
        "<div class=\"WordSection1\"><p class=\"MsoNormal\">Oui, merci.<o:p></o:p></p><p class=\"MsoNormal\"><o:p>&nbsp;</o:p></p><div><div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm\"><p class=\"MsoNormal\"><b>De :</b> Support &lt;s@h.test&gt; <br><b>Envoyé :</b> lundi 1 juin 2026 10:00<br><b>À :</b> Paul<br><b>Objet :</b> imprimante<o:p></o:p></p></div></div><p>Bonjour Paul,</p><p>Avez-vous redémarré ?</p></div>",
    ),
    (
        "outlook web",
        "<div>Oui, merci.</div><div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\" tabindex=\"-1\"><div id=\"divRplyFwdMsg\" dir=\"ltr\"><font face=\"Calibri\"><b>De :</b> Support<br><b>Envoyé :</b> lundi 1 juin 2026 10:00<br><b>À :</b> Paul<br><b>Objet :</b> x</font><div>&nbsp;</div></div><div><p>Bonjour Paul,</p><p>Avez-vous redémarré ?</p></div>",
    ),
    (
        "outlook mobile ref",
        "<div>Oui, merci.</div><div id=\"mail-editor-reference-message-container\"><div>On ...</div><p>Bonjour Paul,</p><p>Avez-vous redémarré ?</p></div>",
    ),
    (
        "outlook mobile signature",
        "<div dir=\"ltr\">Oui, merci.</div><div id=\"ms-outlook-mobile-signature\"><div></div>Obtenez <a href=\"https://aka.ms/o0ukef\">Outlook pour iOS</a></div><div id=\"mail-editor-reference-message-container\"><p>Bonjour Paul,</p><p>Avez-vous redémarré ?</p></div>",
    ),
    (
        "apple",
        "<html><body>Oui, merci.<br><div><br><blockquote type=\"cite\"><div>Le 1 juin 2026 à 10:00, Support &lt;s@h.test&gt; a écrit :</div><br><div><p>Bonjour Paul,</p><p>Avez-vous redémarré ?</p></div></blockquote></div></body></html>",
    ),
    (
        "yahoo",
        "<div class=\"ydp1yahoo-style-wrap\">Oui, merci.</div><div id=\"ydpyahoo_quoted_123\" class=\"ydpyahoo_quoted\"><div>Le lundi 1 juin 2026 à 10:00:00 UTC, Support a écrit :</div><p>Bonjour Paul,</p><p>Avez-vous redémarré ?</p></div>",
    ),
    (
        "yahoo plain",
        "<div>Oui, merci.</div><div class=\"yahoo_quoted\">x a écrit :<p>Bonjour Paul,</p><p>Avez-vous redémarré ?</p></div>",
    ),
    (
        "proton",
        "<div>Oui, merci.</div><div class=\"protonmail_signature_block\">Envoyé avec Proton Mail</div><div class=\"protonmail_quote\">Le lundi, Support a écrit :<blockquote class=\"protonmail_quote\" type=\"cite\"><p>Bonjour Paul,</p><p>Avez-vous redémarré ?</p></blockquote></div>",
    ),
    (
        "zimbra",
        "<div>Oui, merci.</div><hr id=\"zwchr\" data-marker=\"__DIVIDER__\"><div data-marker=\"__HEADERS__\"><blockquote style=\"border-left:2px solid #1010FF\"><b>De: </b>\"Support\"<br><b>À: </b>\"Paul\"<br><b>Envoyé: </b>Lundi 1 Juin 2026<br><b>Objet: </b>x<br></blockquote></div><div data-marker=\"__QUOTED_TEXT__\"><blockquote><p>Bonjour Paul,</p><p>Avez-vous redémarré ?</p></blockquote></div>",
    ),
    (
        "notes",
        "<font>Oui, merci.</font><br><br><br><font>De :        </font><font>Support/PARIS</font><br><font>A :        </font><font>Paul</font><br><font>Date :        </font><font>01/06/2026 10:00</font><br><font>Objet :        </font><font>x</font><hr noshade><br><p>Bonjour Paul,</p><p>Avez-vous redémarré ?</p>",
    ),
    ("inline", "<blockquote type=\"cite\">Avez-vous redémarré ?</blockquote><p>Oui, merci.</p>"),
    (
        "samsung",
        "<div>Oui, merci.</div><div id=\"composer_signature\"><div>Envoyé depuis mon appareil Galaxy</div></div><div>-------- Message d'origine --------</div><div>De : Support</div><div>Date : 01/06/2026 10:00 (GMT-05:00)</div><div>À : Paul</div><div>Objet : x</div><p>Bonjour Paul,</p><p>Avez-vous redémarré ?</p>",
    ),
];

#[test]
fn only_the_new_words_of_plain_answers_are_new() {
    for (client, text) in TEXTS {
        let mut written = Written::default();
        written.push(text);
        assert_eq!(
            trim(&written.text, &written.form, Intent::Answer, &Letters::default(), None).reply_text,
            ANSWER,
            "{client}"
        );
    }
}

#[test]
fn only_the_new_words_of_html_answers_are_new() {
    for (client, document) in DOCUMENTS {
        let mut written = Written::default();
        written.push_html(&html::render(document));
        assert_eq!(
            trim(&written.text, &written.form, Intent::Answer, &Letters::default(), None).reply_text,
            ANSWER,
            "{client}"
        );
    }
}
