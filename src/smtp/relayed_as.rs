//! Relays that give a letter another Message-ID, and say which.
//!
//! Exchange Online and Outlook.com write it between `<>`. Amazon SES writes what stands before the `@`; behind it stand the
//! region and `amazonses.com`, and `email` for the oldest region (Developer Guide, "Amazon SES header fields").

use crate::mail::{Address, MessageId};

/// An identifier is believed only where nobody guesses it: so many letters and digits hold 80 bits in hexadecimal.
const UNGUESSABLE: usize = 20;
/// Names and addresses of people hold fewer digits than that.
const DIGITS: usize = 4;

/// The Message-ID under which a relay says that it hands a letter on, where that is not `own`. `reply` is what it said to the
/// letter, `host` the relay, `envelope` the addresses that it may have repeated.
pub fn relayed_as(reply: &str, host: &str, envelope: &[&Address], own: &MessageId) -> Option<MessageId> {
    let said = between_brackets(reply).or_else(|| by_ses(reply, host))?;
    let is_address = envelope.iter().any(|address| address.as_str().eq_ignore_ascii_case(said.as_str()));
    (said != *own && !is_address && is_unguessable(&said)).then_some(said)
}

fn between_brackets(reply: &str) -> Option<MessageId> {
    let (_, behind) = reply.split_once('<')?;
    let (id, _) = behind.split_once('>')?;
    MessageId::new(id).filter(|id| id.as_str().contains('@'))
}

fn by_ses(reply: &str, host: &str) -> Option<MessageId> {
    let host = host.to_ascii_lowercase();
    let mut labels =
        host.strip_suffix(".amazonaws.com")?.split('.').skip_while(|label| !label.starts_with("email-smtp"));
    let region = labels.nth(1).map(|region| if region == "us-east-1" { "email" } else { region })?;
    let id = reply.strip_prefix("250 Ok ")?;
    let is_id = |c: char| c.is_ascii_hexdigit() || c == '-';
    id.chars().all(is_id).then(|| MessageId::new(&format!("{id}@{region}.amazonses.com"))).flatten()
}

fn is_unguessable(id: &MessageId) -> bool {
    let local = id.as_str().split('@').next().unwrap_or_default();
    let count = |is: fn(&char) -> bool| local.chars().filter(is).count();
    count(char::is_ascii_alphanumeric) >= UNGUESSABLE && count(char::is_ascii_digit) >= DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "R000012.2.r.1.AAAAAAAAAAAAAAAA@desk.test";

    fn told(reply: &str, host: &str) -> Option<String> {
        let [marie, path] = ["marie.12345.of.the.printing.house@client.test", "support+R000012.2@desk.test"]
            .map(|address| address.parse::<Address>().unwrap());
        let own = MessageId::new(OWN).unwrap();
        relayed_as(reply, host, &[&marie, &path], &own).map(|id| id.as_str().to_owned())
    }

    #[test]
    fn a_relay_that_gives_another_identifier_says_so() {
        let exchange = "250 2.0.0 OK <YT3P288MB01234A5B6C7D8E9F0A1B2C3D4E5F@YT3P288MB0123.CANP288.PROD.OUTLOOK.COM> \
            [Hostname=YT3P288MB0123.CANP288.PROD.OUTLOOK.COM]";
        let given = "YT3P288MB01234A5B6C7D8E9F0A1B2C3D4E5F@YT3P288MB0123.CANP288.PROD.OUTLOOK.COM";
        assert_eq!(told(exchange, "smtp.office365.com").as_deref(), Some(given));
        let ses = "250 Ok 010d0190a1b2c3d4-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9-000000";
        let at = |domain: &str| Some(format!("{}@{domain}.amazonses.com", &ses[7..]));
        assert_eq!(told(ses, "email-smtp.ca-central-1.amazonaws.com"), at("ca-central-1"));
        assert_eq!(told(ses, "email-smtp-fips.ca-central-1.amazonaws.com"), at("ca-central-1"));
        assert_eq!(told(ses, "vpce-0a1b.email-smtp.eu-west-3.vpce.amazonaws.com"), at("eu-west-3"));
        assert_eq!(told(ses, "email-smtp.us-east-1.amazonaws.com"), at("email"));
    }

    #[test]
    fn what_is_none_or_anybody_may_guess_is_not_believed() {
        let nothing = [
            "250 2.0.0 Ok: queued as 4XyZ123AbC",
            "250 2.0.0 OK  1764436366 af79cd13be357-8b2a1b2c3d4si123456785a.12 - gsmtp",
            "250 OK id=1vPqRs-00000001aBc-2DeF",
            "250 2.0.0 <> accepted",
            "250 2.6.0 <12@mail.test> queued",
            "250 2.1.5 <marie.12345.of.the.printing.house@client.test> queued",
            "250 2.1.5 <support+R000012.2@desk.test> queued",
            "250 2.6.0 <the-very-long-name-of-somebody@client.test> queued",
            "250 Ok 010d0190a1b2c3d4-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9-000000",
        ];
        for reply in nothing {
            assert_eq!(told(reply, "mx.test"), None, "{reply}");
        }
        let same = format!("250 2.6.0 <{OWN}> [InternalId=12, Hostname=mx.test] Queued mail for delivery");
        assert_eq!(told(&same, "mx.test"), None);
        assert_eq!(told("250 Ok queued", "email-smtp.ca-central-1.amazonaws.com"), None);
        assert_eq!(told("250 Ok 12", "email-smtp.ca-central-1.amazonaws.com"), None);
    }
}
