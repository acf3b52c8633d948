//! Example articles, which `guichet init` writes into a new folder of known fixes.

/// File name and text of each example.
pub fn examples() -> impl Iterator<Item = (&'static str, &'static str)> {
    EXAMPLES.iter().copied()
}

macro_rules! examples {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("examples/", $name)))),*]
    };
}

const EXAMPLES: &[(&str, &str)] = examples![
    "mot-de-passe-oublie.md",
    "forgotten-password.md",
    "compte-verrouille.md",
    "locked-account.md",
    "vpn-connexion.md",
    "vpn-connection.md",
    "imprimante.md",
    "printer.md",
    "boite-partagee.md",
    "shared-mailbox.md",
    "teams-son.md",
    "teams-audio.md",
    "disque-plein.md",
    "disk-full.md",
    "double-authentification.md",
    "two-factor.md",
    "wifi.md",
    "wifi-en.md",
    "outlook-recherche.md",
    "outlook-search.md",
    "onedrive-synchronisation.md",
    "onedrive-sync.md",
    "poste-lent.md",
    "slow-computer.md",
    "ecran-externe.md",
    "second-screen.md",
    "casque-bluetooth.md",
    "bluetooth-headset.md",
    "courriel-suspect.md",
    "suspicious-mail.md",
    "partage-calendrier.md",
    "calendar-sharing.md",
    "installation-logiciel.md",
    "software-request.md",
    "bitlocker.md",
    "bitlocker-en.md",
    "certificat.md",
    "certificate.md",
    "courriel-mobile.md",
    "mobile-mail.md",
];
