//! `guichet check alarm`: each channel of `[alarm]`, tried by a message.

use jiff::Timestamp;

use super::{Fault, Line};
use crate::config::Config;
use crate::gateway::{Channel, Message};
use crate::said;

/// A line for the ordinary check, which sends nothing.
pub(super) fn told(config: &Config) -> Line {
    let what = said!("alarm", "alerte");
    let finding = match &config.alarm {
        None => Ok(said!(
            "nobody is told when the service needs somebody: [alarm] says whom",
            "personne n’est prévenu quand le service a besoin de quelqu’un\u{a0}: [alarm] dit qui"
        )),
        Some(alarm) => {
            let names = alarm.channels.iter().map(Channel::name).collect::<Vec<_>>().join(", ");
            Ok(said!(
                "by {names}; nothing was sent: `guichet check alarm` tries it",
                "par {names}; rien n’a été envoyé\u{a0}: `guichet check alarm` l’essaie"
            ))
        }
    };
    Line::new(what, finding)
}

/// A line for each channel, over which a message was sent.
pub(super) async fn tried(config: &Config, instance: &str) -> Vec<Line> {
    let Some(alarm) = &config.alarm else {
        let fault = Fault {
            problem: said!("there is no [alarm]", "il n’y a pas de [alarm]"),
            remedy: said!(
                "Add webhook, or to, and best another relay: [alarm.smtp].",
                "Ajoutez webhook, ou to, et de préférence un autre relais\u{a0}: [alarm.smtp]."
            ),
        };
        return vec![Line::new(said!("alarm", "alerte"), Err(fault))];
    };
    let subject = said!("guichet: a trial of the alarm", "guichet\u{a0}: un essai de l’alerte");
    let said = said!(
        "`guichet check alarm` was run. What keeps the service from its work is told so.",
        "`guichet check alarm` a été exécuté. Ce qui empêche le service de travailler se dit ainsi."
    );
    let desk = config.policy.desks.first();
    let mut lines = Vec::new();
    for channel in &alarm.channels {
        let now = Timestamp::now();
        let message = Message { desk, signers: &config.signers, subject: &subject, said: &said, now, instance };
        let sent = channel.send(&message).await;
        let finding = sent.map(|()| said!("told", "prévenu")).map_err(|error| Fault {
            problem: format!("{error:#}"),
            remedy: said!("Look at [alarm].", "Regardez [alarm]."),
        });
        lines.push(Line::new(said!("alarm by {}", "alerte par {}", channel.name()), finding));
    }
    lines
}
