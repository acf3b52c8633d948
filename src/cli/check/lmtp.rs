//! Where an MTA hands mail over: free, or held by the gateway of this very configuration.

use std::io::ErrorKind;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::time::timeout;

use super::{ANSWER_LIMIT, Fault, Finding};
use crate::config::Config;
use crate::gateway::HandedOver;
use crate::lmtp::Listen;
use crate::said;
use crate::store::is_served;

/// No greeting of ours is longer.
const GREETING_BYTES_MAX: u64 = 1024;

pub(super) async fn of(config: &Config, handed_over: &HandedOver) -> Finding {
    let listen = &handed_over.listen;
    let Err(error) = listen.is_free().await else {
        return Ok(said!("nobody listens at {listen} yet", "personne n’écoute encore à {listen}"));
    };
    // On PostgreSQL no file tells whether one runs.
    let may_run = config.store_file().is_none_or(|file| is_served(&file));
    let is_taken = error.kind() == ErrorKind::AddrInUse;
    if is_taken && may_run {
        let greeting = timeout(ANSWER_LIMIT, greeting(listen)).await.ok().flatten();
        if greeting.is_some_and(|greeting| greeting.trim_end() == format!("220 {} LMTP guichet", handed_over.name)) {
            return Ok(said!(
                "a gateway of this configuration takes mail at {listen}",
                "une passerelle de cette configuration reçoit du courriel à {listen}"
            ));
        }
    }
    let problem = match is_taken {
        true => said!(
            "{listen} is taken by another program, and so `guichet serve` would not start",
            "{listen} est occupé par un autre programme, et `guichet serve` ne démarrerait pas"
        ),
        false => said!(
            "nobody can listen at {listen} ({error}), and so `guichet serve` would not start",
            "impossible d’écouter à {listen} ({error}), et `guichet serve` ne démarrerait pas"
        ),
    };
    let remedy = match (listen, error.kind()) {
        (Listen::Tcp(_), ErrorKind::AddrInUse) => said!(
            "Stop what listens there (`ss -ltnp` names it), or write another port into [lmtp] listen.",
            "Arrêtez ce qui y écoute (`ss -ltnp` le nomme), ou écrivez un autre port dans [lmtp] listen."
        ),
        (Listen::Unix(_), ErrorKind::AddrInUse) => said!(
            "Stop what listens there (`ss -lxp` names it), or remove the file, or write another path into [lmtp] listen.",
            "Arrêtez ce qui y écoute (`ss -lxp` le nomme), ou enlevez le fichier, ou écrivez un autre chemin dans [lmtp] listen."
        ),
        (Listen::Unix(path), _) => said!(
            "Make the folder of {}, and let guichet's user write into it.",
            "Créez le dossier de {}, et laissez l’utilisateur de guichet y écrire.",
            path.display()
        ),
        (Listen::Tcp(_), _) => said!(
            "Write a port from 1024 on of 127.0.0.1 into [lmtp] listen.",
            "Écrivez un port à partir de 1024 de 127.0.0.1 dans [lmtp] listen."
        ),
    };
    Err(Fault { problem, remedy })
}

/// What whoever listens there says first.
async fn greeting(listen: &Listen) -> Option<String> {
    let mut line = String::new();
    BufReader::new(listen.connect().await.ok()?.take(GREETING_BYTES_MAX)).read_line(&mut line).await.ok()?;
    Some(line)
}
