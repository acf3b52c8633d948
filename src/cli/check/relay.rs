//! The relay: signed in to as `serve` does, and asked whether it would take letters from us. Nothing is sent.

use tokio::time::timeout;

use super::{ANSWER_LIMIT, Fault, Finding, LIMIT, Line, has_answer, no_token};
use crate::config::Config;
use crate::mail::Address;
use crate::net::{Moment, Obstacle, What};
use crate::said;
use crate::smtp::{Refusal, Session, Settings, Trial};

/// So many recipients are tried: relays slow down, or hang up, after many.
const RECIPIENTS_MAX: usize = 30;

pub(super) async fn of(config: &Config, tokens_are_slow: bool) -> Vec<Line> {
    let what = said!("relay", "relais");
    let settings = Settings { timeout: config.smtp.timeout.min(ANSWER_LIMIT), ..config.smtp.clone() };
    if let Some(login) = &settings.login
        && !has_answer(login, tokens_are_slow).await
    {
        return vec![no_token(&what)];
    }
    let silent = || Obstacle::new(&settings.server(), What::Silent(Moment::Login));
    let mut session = match timeout(LIMIT, Session::open(&settings)).await.unwrap_or_else(|_| Err(silent())) {
        Ok(session) => session,
        Err(obstacle) => {
            return vec![Line::new(what, Err(in_the_way(&obstacle)))];
        }
    };
    let mut lines = vec![Line::new(what, offered(&session, config))];
    lines.extend(letters(&mut session, config).await);
    let _ = timeout(LIMIT, session.close()).await;
    lines
}

/// Login and size as the relay offers them.
fn offered(session: &Session, config: &Config) -> Finding {
    let settings = &config.smtp;
    let (host, port) = (&settings.host, settings.port);
    if settings.login.is_some() && !session.offers_login() {
        return Err(in_the_way(&Obstacle::new(&settings.server(), What::NoLogin)));
    }
    let needed = config.policy.enclosure_bytes;
    match session.letter_bytes_max() {
        // Base64 makes four bytes of three, with line ends.
        Some(most) if most / 4 * 3 < needed => Err(Fault {
            problem: said!(
                "the relay takes letters of at most {most} bytes (SIZE), and attachments of up to {needed} bytes may be enclosed: larger letters leave without them",
                "le relais accepte des lettres d’au plus {most} octets (SIZE), et des pièces jointes jusqu’à {needed} octets peuvent être incluses\u{a0}: les lettres plus grandes partent sans elles"
            ),
            remedy: said!(
                "Raise the relay’s limit (Postfix: message_size_limit), or write enclosure_bytes = {} into [rules].",
                "Relevez la limite du relais (Postfix\u{a0}: message_size_limit), ou écrivez enclosure_bytes = {} dans [rules].",
                most / 4 * 3
            ),
        }),
        _ => Ok(match settings.login {
            Some(_) => said!("signed in to {host}:{port}", "connecté à {host}:{port}"),
            None => said!("{host}:{port} answers", "{host}:{port} répond"),
        }),
    }
}

/// A line for each desk's own address, and one for all who work with them.
async fn letters(session: &mut Session, config: &Config) -> Vec<Line> {
    let mut lines = Vec::new();
    for desk in &config.policy.desks {
        let own = desk.addresses.first();
        let what = said!("letters of {own}", "lettres de {own}");
        let finding = from(session, own).await;
        let goes_on = finding.is_ok();
        lines.push(Line::new(what, finding));
        if goes_on && let Some(finding) = to_colleagues(session, own, config).await {
            lines.push(Line::new(
                said!("letters of {own} to agents and vendors", "lettres de {own} aux agents et fournisseurs"),
                finding,
            ));
        }
    }
    lines
}

/// Letters to people bear the desk's address as their sender, automatic ones none (RFC 3834 §3.3).
async fn from(session: &mut Session, own: &Address) -> Finding {
    for sender in [Some(own), None] {
        let trial = timeout(LIMIT, session.try_sender(sender, std::slice::from_ref(own))).await;
        let shown = sender.map_or("<>".to_owned(), ToString::to_string);
        match trial.unwrap_or_else(|_| lost()) {
            Trial::Taken => {}
            Trial::Sender(refusal) => {
                let said = &refusal.said;
                return Err(Fault {
                    problem: said!(
                        "the relay refuses {shown} as the sender: {said}",
                        "le relais refuse {shown} comme expéditeur\u{a0}: {said}"
                    ),
                    remedy: remedy_of_sender(sender, &refusal),
                });
            }
            Trial::Recipients(refused) => return Err(refused_recipients(&refused)),
            Trial::Lost(said) => return Err(broken(&said)),
        }
    }
    Ok(said!("the relay would take them; nothing was sent", "le relais les accepterait; rien n’a été envoyé"))
}

fn remedy_of_sender(sender: Option<&Address>, refusal: &Refusal) -> String {
    if refusal.is_temporary {
        return later();
    }
    match sender {
        Some(own) => said!(
            "Let the account of [smtp] user send as {own}, or sign in as that address.",
            "Permettez au compte de [smtp] user d’envoyer au nom de {own}, ou connectez-vous avec cette adresse."
        ),
        None => said!(
            "Let the relay take mail with an empty return path: automatic letters have one, so that no two robots answer each other.",
            "Permettez au relais d’accepter le courrier sans chemin de retour\u{a0}: les lettres automatiques n’en ont pas, pour que deux robots ne se répondent pas."
        ),
    }
}

async fn to_colleagues(session: &mut Session, own: &Address, config: &Config) -> Option<Finding> {
    let policy = &config.policy;
    let agents = policy.agents.iter().map(|agent| &agent.address);
    let teams = policy.teams.iter().map(|team| &team.address);
    let vendors = policy.vendors.iter().map(|vendor| &vendor.address);
    let recipients: Vec<Address> = agents.chain(teams).chain(vendors).take(RECIPIENTS_MAX).cloned().collect();
    if recipients.is_empty() {
        return None;
    }
    let trial = timeout(LIMIT, session.try_sender(Some(own), &recipients)).await.unwrap_or_else(|_| lost());
    Some(match trial {
        Trial::Taken => {
            let count = recipients.len();
            Ok(said!("{count} addresses would be taken", "{count} adresses seraient acceptées"))
        }
        Trial::Recipients(refused) => Err(refused_recipients(&refused)),
        Trial::Sender(Refusal { said, .. }) | Trial::Lost(said) => Err(broken(&said)),
    })
}

fn refused_recipients(refused: &[(Address, Refusal)]) -> Fault {
    let said = |(address, refusal): &(Address, Refusal)| {
        let said = &refusal.said;
        said!(
            "the relay refuses letters to {address}: {said}",
            "le relais refuse les lettres à {address}\u{a0}: {said}"
        )
    };
    let remedy = match refused.iter().all(|(_, refusal)| refusal.is_temporary) {
        true => later(),
        false => said!(
            "Look whether that address exists, and whether the relay takes mail from this machine for it; many want user and password for that.",
            "Vérifiez si cette adresse existe, et si le relais accepte pour elle le courrier de cette machine; souvent il y faut user et password."
        ),
    };
    Fault { problem: refused.iter().map(said).collect::<Vec<_>>().join("\n"), remedy }
}

fn later() -> String {
    said!(
        "Try again in a quarter of an hour: letters wait as long. If it stays so, ask whoever runs the relay.",
        "Réessayez dans un quart d’heure\u{a0}: les lettres attendent aussi longtemps. Si cela dure, demandez à qui exploite le relais."
    )
}

fn broken(said: &str) -> Fault {
    Fault {
        problem: said!("the connection broke: {said}", "la connexion s’est rompue\u{a0}: {said}"),
        remedy: said!("Look at the relay’s log.", "Regardez le journal du relais."),
    }
}

fn in_the_way(obstacle: &Obstacle) -> Fault {
    Fault { problem: obstacle.cause(), remedy: obstacle.remedy() }
}

fn lost() -> Trial {
    Trial::Lost(said!("no answer in time", "pas de réponse à temps"))
}
