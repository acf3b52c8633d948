//! What a relay's refusal is about: this letter, or something that keeps all letters from leaving.
//!
//! The basic code says whether it lasts (RFC 5321 §4.2.1), the stage what was asked, and the enhanced code (RFC 3463,
//! registry of RFC 5248), where there is one, says more than both. Beyond the registry stand codes that large providers
//! document for themselves: Exchange Online (5.7.57, 5.7.60, 5.7.139, 5.7.232 …) and Gmail (5.4.5, 5.7.26 …). Where one
//! code has several meanings, words that they document decide.
//!
//! | stage | without codes or words that say more |
//! |---|---|
//! | MAIL FROM | the sender: no letter has been named yet |
//! | RCPT TO | the recipient |
//! | DATA and after it | the letter |
//!
//! An enhanced code counts at the start of a reply alone (RFC 2034 §4), and words count as far as they are the relay's own:
//! further on may stand what another server said, and between `<` and `>` an address, which anybody may own.

/// What was asked when the relay refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage<'a> {
    /// AUTH was asked: who we are.
    Login,
    /// MAIL FROM was asked: whether we may send under this return path.
    Mail,
    /// RCPT TO was asked: whether a recipient takes the letter.
    Rcpt {
        /// The return path that MAIL FROM gave; empty for `<>`.
        sender: &'a str,
        /// The recipient that it refuses.
        recipient: &'a str,
    },
    /// DATA was asked, or the letter itself was sent.
    Data,
}

/// What a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// This letter: its content or its size.
    Letter,
    /// This recipient's address or mailbox.
    Recipient,
    /// The return path or its domain: authentication, reputation, permission to send as it.
    Sender,
    /// How much we may send.
    Quota,
    /// The mailbox that we send from, where the relay keeps a copy: it is full.
    OwnMailbox,
    /// Who we are: the relay wants a login, or another one.
    Login,
    /// Nothing that lasts is known: it may be otherwise on the next try.
    Passing,
}

/// Class, subject and detail (RFC 3463 §2).
type Enhanced = (u16, u16, u16);

/// What providers say in words, where their code says too little: with which enhanced codes, the words, what they mean.
///
/// Exchange Online puts the exception that a submission met behind 5.2.0, 5.2.2, 4.3.2 and others; it speaks of the mailbox of
/// a recipient as `STOREDRV.Deliver`. Gmail has 5.7.1 for its relay's limit, and 4.2.1 for that and for busy recipients. A
/// policy's quota (5.7.X) is mostly what a login may send, and may be what a recipient gets: as the sender's it holds letters
/// until one of them shows that they are taken.
const SAID: [(Codes, &[&str], About); 13] = [
    (Codes::Any, &["submissionquotaexceeded"], About::Quota),
    (Codes::Subject(2), &["submission quota exceeded"], About::Quota),
    (Codes::Any, &["storedrv.submission", "quotaexceeded"], About::OwnMailbox),
    (Codes::Any, &["storedrv.submission", "sendasdenied"], About::Sender),
    (Codes::One(2, 252), &["sendasdenied"], About::Sender),
    (Codes::Any, &["storedrv.deliver"], About::Recipient),
    (Codes::Subject(7), &["daily smtp relay", "limit"], About::Quota),
    (Codes::One(2, 1), &["smtp relay limit"], About::Quota),
    (Codes::One(2, 1), &["at a rate that prevents"], About::Passing),
    (Codes::One(7, 28), &["same message-id"], About::Passing),
    (Codes::Subject(7), &["unusual rate of"], About::Quota),
    (Codes::Lasting(7), &["low reputation of the sending"], About::Sender),
    (Codes::Lasting(7), &["quota", "exceeded"], About::Sender),
];

/// Enhanced codes, without their class.
#[derive(Clone, Copy)]
enum Codes {
    /// All, and none.
    Any,
    Subject(u16),
    /// A subject, in class 5.
    Lasting(u16),
    One(u16, u16),
}

/// What `reply` is about: words, enhanced code, basic code. What is no reply is a lost connection, and passes.
pub(super) fn about(reply: &str, stage: Stage<'_>) -> About {
    let Some((code, enhanced, words)) = parts(reply) else { return About::Passing };
    let own = own(words);
    let about = told_by_words(enhanced, &own)
        .or_else(|| enhanced.and_then(|enhanced| told_by_enhanced(enhanced, &own)))
        .unwrap_or_else(|| told_by_stage(code, enhanced, words, &own, stage));
    match about {
        About::Letter | About::Recipient if code < 500 => About::Passing,
        about => about,
    }
}

fn told_by_words(enhanced: Option<Enhanced>, own: &str) -> Option<About> {
    let stands_with = |codes| match (codes, enhanced) {
        (Codes::Any, _) => true,
        (Codes::Subject(wanted), Some((_, subject, _))) => wanted == subject,
        (Codes::One(wanted, of), Some((_, subject, detail))) => (wanted, of) == (subject, detail),
        (Codes::Lasting(wanted), Some((class, subject, _))) => (5, wanted) == (class, subject),
        (Codes::Subject(_) | Codes::Lasting(_) | Codes::One(..), None) => false,
    };
    SAID.into_iter()
        .find(|(codes, said, _)| stands_with(*codes) && said.iter().all(|said| own.contains(said)))
        .map(|(_, _, about)| about)
}

/// Codes that mean the same at every stage.
fn told_by_enhanced((class, subject, detail): Enhanced, own: &str) -> Option<About> {
    let lasts = class == 5;
    Some(match (subject, detail) {
        // Gmail: DKIM fails. Exchange: no login by password.
        (7, 30) if own.contains("dkim") => About::Sender,
        // RFC 4954 §6, RFC 5248: credentials, mechanism, encryption, account. Exchange: not authenticated, no basic login,
        // no direct sending.
        (7, 8 | 9 | 10 | 11 | 12 | 13 | 30 | 57 | 68 | 139) => About::Login,
        // RFC 3463 §3.2: the sender's address. Exchange: its account is blocked.
        (1, 7 | 8) if lasts => About::Sender,
        // Exchange: the recipient, or its organisation, does not take it; or ours does not let us write there.
        (7, 504 | 505 | 507 | 510 | 513 | 703) if lasts => About::Recipient,
        // Exchange: this recipient gets too much within an hour.
        (2, 121 | 122) => About::Passing,
        // RFC 7372, RFC 7505: SPF, DKIM, reverse DNS, DMARC. Gmail: TLS, alignment. Exchange: send as, blocked senders, domains
        // and addresses.
        (7, 20..=27 | 29 | 32 | 40) => About::Sender,
        (7, 60 | 501..=503 | 506 | 509 | 511 | 515 | 606..=649 | 708 | 750 | 800) if lasts => About::Sender,
        // Gmail: an unusual rate. Exchange: of a trial tenant (232), a tenant, a range of addresses (508); on suspicion (705).
        (7, 28 | 232 | 233 | 236 | 508 | 705) | (1, 90) => About::Quota,
        // Gmail's daily limit.
        (4, 5) if lasts => About::Quota,
        // Exchange: on suspicion.
        (7, 500..=699 | 850..=899) if !lasts => About::Quota,
        _ => return None,
    })
}

fn told_by_stage(code: u16, enhanced: Option<Enhanced>, words: &str, own: &str, stage: Stage<'_>) -> About {
    match (code, stage) {
        // RFC 4954 §6; 432 is a limit on connections at Exchange Online.
        (530 | 534 | 535 | 538, _) => About::Login,
        (432, _) => About::Quota,
        (400..500, _) => About::Passing,
        (_, Stage::Login) => About::Login,
        (555, _) if tells_a_limit(own) => About::Quota,
        (_, Stage::Mail) if is_about_the_letter(code, enhanced, own) => About::Letter,
        (_, Stage::Mail) => About::Sender,
        (_, Stage::Rcpt { sender, recipient }) => at_recipient(enhanced, words, sender, recipient),
        (_, Stage::Data) => About::Letter,
    }
}

/// RFC 3463 §3.7 (content), §3.3 and §3.4 (size), RFC 1870 §6, RFC 5321 §4.1.1.11 (a parameter that the letter needs).
fn is_about_the_letter(code: u16, enhanced: Option<Enhanced>, own: &str) -> bool {
    match enhanced {
        Some((_, 6, _) | (_, 3, 4) | (_, 2, 3)) => true,
        _ if code == 504 => true,
        // OVHcloud says it of its limit as well, in words that no guide tells.
        Some((_, 5, _)) | None if code == 555 => names_a_parameter(own),
        Some(_) => false,
        None => matches!(code, 523 | 552),
    }
}

fn names_a_parameter(own: &str) -> bool {
    ["param", "syntax", "recogni", "smtputf8", "body=", "size=", "option"].iter().any(|said| own.contains(said))
}

fn tells_a_limit(own: &str) -> bool {
    ["quota", "limit", "too many", "per hour"].iter().any(|said| own.contains(said))
}

/// The relay's own words, in lower case.
fn own(words: &str) -> String {
    const ANOTHER: [&str; 3] = ["said:", "remote server", "remote host"];
    let words = words.to_ascii_lowercase();
    let end = ANOTHER.iter().filter_map(|said| words.find(said)).min().unwrap_or(words.len());
    let own = &words[..end];
    match (own.find('<'), own.rfind('>')) {
        (Some(from), Some(to)) if from < to => format!("{}{}", &own[..from], &own[to..]),
        _ => own.to_owned(),
    }
}

/// Postfix and Exim judge sender and client only when they hear of a recipient. Whether they relay for us is no fault of
/// one recipient either; but the others need not wait for it.
fn at_recipient(enhanced: Option<Enhanced>, words: &str, sender: &str, recipient: &str) -> About {
    const OF_THE_SENDER: [&str; 5] = [
        "sender address rejected",
        "sender verify failed",
        "client host rejected",
        "helo command rejected",
        "sender rejected",
    ];
    let words = words.to_ascii_lowercase();
    let names = |address: &str| !address.is_empty() && words.contains(&address.to_ascii_lowercase());
    let denies_relaying =
        || words.contains("relay") && ["denied", "not permitted", "unable to"].iter().any(|no| words.contains(no));
    match enhanced {
        Some((_, 7, 54 | 64)) => About::Passing,
        Some((_, 6, _) | (_, 3, 4)) => About::Letter,
        Some((_, 1, _)) => About::Recipient,
        _ if OF_THE_SENDER.iter().any(|said| words.contains(said)) => About::Sender,
        _ if names(sender) && !names(recipient) => About::Sender,
        _ if denies_relaying() => About::Passing,
        _ => About::Recipient,
    }
}

/// Basic code, enhanced code and the rest. A basic code that lettre cannot hold stands behind the one that it was read as
/// (`550 571 5.7.1 …`).
fn parts(reply: &str) -> Option<(u16, Option<Enhanced>, &str)> {
    let (code, rest) = reply.split_at_checked(3)?;
    let code = code.parse().ok().filter(|code| (400..600).contains(code))?;
    let rest = rest.trim_start();
    let rest = match rest.split_once(' ') {
        Some((odd, rest)) if odd.len() == 3 && odd.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => rest,
    };
    let first = rest.split_whitespace().next().unwrap_or_default();
    Some((code, enhanced(first.trim_start_matches(['#', '(']).trim_end_matches([')', ':', ';', ','])), rest))
}

fn enhanced(word: &str) -> Option<Enhanced> {
    let mut parts = word.split('.').map(|part| part.parse().ok());
    match (parts.next()??, parts.next()??, parts.next()??, parts.next()) {
        (class @ (4 | 5), subject, detail, None) => Some((class, subject, detail)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RCPT: Stage<'_> = Stage::Rcpt { sender: "support@desk.test", recipient: "marie@client.test" };

    #[test]
    fn a_refusal_is_about_what_its_codes_and_its_stage_say() {
        use About::*;
        for (reply, stage, expected) in [
            // MAIL FROM: no letter has been named.
            ("550 5.7.1 not you", Stage::Mail, Sender),
            ("553 5.7.1 <support@desk.test>: Sender address rejected: not owned by user", Stage::Mail, Sender),
            ("550 no", Stage::Mail, Sender),
            ("501 5.1.7 bad address", Stage::Mail, Sender),
            ("553 not allowed", Stage::Mail, Sender),
            ("550 5.7.60 no permission to send as this sender", Stage::Mail, Sender),
            ("530 5.7.57 not authenticated", Stage::Mail, Login),
            ("530 log in first", Stage::Mail, Login),
            ("550 5.7.30 no basic authentication", Stage::Mail, Login),
            ("535 5.7.8 wrong", Stage::Login, Login),
            ("535 5.7.139 basic authentication is off", Stage::Login, Login),
            ("504 unrecognised", Stage::Login, Login),
            ("454 4.7.0 directory down", Stage::Login, Passing),
            ("451 4.3.0 later", Stage::Mail, Passing),
            ("450 4.1.8 domain not found", Stage::Mail, Passing),
            ("451 4.7.1 greylisted", Stage::Mail, Passing),
            ("552 5.3.4 too large", Stage::Mail, Letter),
            ("552 too large", Stage::Mail, Letter),
            ("555 5.5.4 SMTPUTF8 is not known", Stage::Mail, Letter),
            ("550 5.6.7 not ASCII", Stage::Mail, Letter),
            ("552 5.2.2 your mailbox is full", Stage::Mail, Sender),
            ("555 MAIL FROM/RCPT TO parameters not recognized", Stage::Mail, Letter),
            ("555 5.5.2 Syntax error", Stage::Mail, Letter),
            ("555 hourly limit", Stage::Mail, Quota),
            ("555 no", Stage::Mail, Sender),
            ("555 5.5.4 no", Stage::Mail, Sender),
            // Quotas, wherever they are told.
            ("550 5.7.232 trial tenant's limit", Stage::Data, Quota),
            ("550 5.7.233 tenant's limit", Stage::Mail, Quota),
            ("550 5.7.236 limit", RCPT, Quota),
            ("550 5.7.508 too much from this range", Stage::Data, Quota),
            ("451 4.7.850 suspicious", RCPT, Quota),
            ("450 4.2.1 Peak SMTP relay limit exceeded for customer", RCPT, Quota),
            ("550 5.7.1 Daily SMTP relay limit exceeded for customer", Stage::Data, Quota),
            ("550 5.7.1 Email quota exceeded", Stage::Data, Sender),
            ("550 5.7.1 an unusual rate of unsolicited mail from your address", Stage::Data, Quota),
            ("421 4.7.0 an unusual rate of unsolicited mail from your address", Stage::Data, Quota),
            ("550 5.7.1 Daily SMTP relay limit exceeded for customer", RCPT, Quota),
            ("554 5.7.1 <marie@client.test>: Recipient address rejected: Quota exceeded", RCPT, Sender),
            ("450 4.7.1 <marie@client.test>: Recipient address rejected: Quota exceeded", RCPT, Passing),
            ("554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException", Stage::Data, Quota),
            ("550 5.2.2 Submission quota exceeded", Stage::Data, Quota),
            ("432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", Stage::Data, Quota),
            ("554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException", Stage::Data, OwnMailbox),
            ("421 4.7.28 too much", Stage::Data, Quota),
            ("550 5.4.5 daily limit", Stage::Data, Quota),
            ("550 5.1.90 daily limit of recipients", RCPT, Quota),
            ("432 4.3.2 too many connections", Stage::Mail, Quota),
            ("451 4.7.650 throttled", Stage::Data, Quota),
            // Authentication and reputation, wherever they are told.
            ("550 5.7.1 very low reputation of the sending domain", Stage::Data, Sender),
            ("550 5.7.26 neither SPF nor DKIM", Stage::Data, Sender),
            ("550 5.7.515 the domain does not meet the rules", Stage::Data, Sender),
            ("421 4.7.26 neither SPF nor DKIM", Stage::Data, Sender),
            ("550 571 5.7.23 SPF", RCPT, Sender),
            ("530 5.7.0 log in first", RCPT, Login),
            ("550 5.7.68 no direct sending", Stage::Data, Login),
            ("550 5.7.25 no PTR", Stage::Data, Sender),
            ("550 5.7.29 not over TLS", Stage::Data, Sender),
            ("550 5.7.30 DKIM does not pass", Stage::Data, Sender),
            ("421 4.7.30 DKIM does not pass", Stage::Data, Sender),
            ("550 5.7.32 From is of another domain", Stage::Data, Sender),
            ("550 5.7.40 no DMARC record", Stage::Data, Sender),
            ("550 5.7.506 bad HELO", RCPT, Sender),
            ("550 5.7.800 banned domain", Stage::Data, Sender),
            ("550 5.1.8 bad outbound sender", Stage::Data, Sender),
            ("554 5.2.252 SendAsDenied; no", Stage::Data, Sender),
            ("554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException", Stage::Data, Sender),
            // At RCPT TO: about the recipient, the sender, or the way.
            ("550 5.1.1 nobody", RCPT, Recipient),
            ("550 nobody", RCPT, Recipient),
            ("550 5.7.1 you may not write to this list", RCPT, Recipient),
            ("550 5.2.1 disabled", RCPT, Recipient),
            ("553 5.7.1 <support@desk.test>: Sender address rejected: not logged in", RCPT, Sender),
            ("554 5.7.1 <gate[192.0.2.9]>: Client host rejected: Access denied", RCPT, Sender),
            ("550 Verification failed for <support@desk.test> no such domain", RCPT, Sender),
            ("550 5.1.1 <marie@client.test>: said: 550 5.7.26 <support@desk.test>", RCPT, Recipient),
            ("550 marie@client.test takes nothing from support@desk.test", RCPT, Recipient),
            ("554 5.7.1 <marie@client.test>: Relay access denied", RCPT, Passing),
            ("550 5.7.54 Unable to relay", RCPT, Passing),
            ("450 4.7.1 greylisted", RCPT, Passing),
            ("552 5.2.2 mailbox quota exceeded", RCPT, Recipient),
            ("452 4.2.2 over quota", RCPT, Passing),
            // The recipient's, wherever they are told.
            ("550 5.7.505 banned recipient", Stage::Data, Recipient),
            ("550 5.7.510 [client.test] takes nothing over IPv6", RCPT, Recipient),
            ("550 5.2.121 too much from this sender within an hour", RCPT, Passing),
            ("550 5.2.122 too much within an hour", Stage::Data, Passing),
            ("421 4.7.28 this letter exceeded its quota for the same Message-ID", Stage::Data, Passing),
            ("450 4.2.1 The user receives mail at a rate that prevents more", RCPT, Passing),
            ("550 5.2.1 The user receives mail at a rate that prevents more", RCPT, Passing),
            ("432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded", Stage::Data, Passing),
            ("554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException", Stage::Data, Recipient),
            // What another server said, or what stands in an address.
            ("550 5.7.1 mx.client.test said: 550 5.7.1 Daily SMTP relay limit exceeded", Stage::Data, Letter),
            ("554 5.7.1 <\"quota exceeded>\"@evil.test>: Relay access denied", RCPT, Passing),
            // Behind DATA: about the letter, or nothing that lasts.
            ("554 5.7.1 looks like spam", Stage::Data, Letter),
            ("550 5.7.1 message content rejected, said: 5.7.26", Stage::Data, Letter),
            ("552 5.3.4 too large", Stage::Data, Letter),
            ("554 no", Stage::Data, Letter),
            ("451 4.3.0 later", Stage::Data, Passing),
            ("the relay closed the connection", Stage::Data, Passing),
            ("", Stage::Mail, Passing),
        ] {
            assert_eq!(about(reply, stage), expected, "{reply:?} at {stage:?}");
        }
    }

    proptest! {
        #[test]
        fn at_mail_from_no_lasting_refusal_without_an_enhanced_code_is_about_a_recipient(code in 500u16..600, words in "[a-z ]{0,20}") {
            let about = about(&format!("{code} {words}"), Stage::Mail);
            prop_assert!(matches!(about, About::Sender | About::Login | About::Quota | About::Letter), "{about:?}");
        }

        #[test]
        fn what_does_not_last_fails_no_letter(
            code in 400u16..500,
            (subject, detail) in (0u16..8, 0u16..800),
            words in ".{0,40}",
        ) {
            for stage in [Stage::Login, Stage::Mail, RCPT, Stage::Data] {
                for reply in [format!("{code} {words}"), format!("{code} 4.{subject}.{detail} {words}")] {
                    let about = about(&reply, stage);
                    prop_assert!(!matches!(about, About::Letter | About::Recipient), "{reply:?} {about:?}");
                }
            }
        }
    }
}
