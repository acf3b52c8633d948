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
    "vpn-connexion.md",
    "vpn-connection.md",
    "imprimante.md",
    "printer.md",
    "boite-partagee.md",
    "teams-son.md",
    "disque-plein.md",
    "double-authentification.md",
    "two-factor.md",
    "wifi.md",
    "wifi-en.md",
    "courriel-suspect.md",
    "ecran-externe.md",
];
