//! Mail servers that are met often.

use clap::ValueEnum;

use super::facts;
use super::hosts::Server;
use crate::said;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Preset {
    /// Your own (Postfix and Dovecot), or a hoster's
    Own,
    /// Google Workspace, by app password
    Google,
    /// Microsoft 365, by OAuth 2.0 as an application
    #[value(name = "microsoft365")]
    Microsoft365,
    /// Exchange Server on site
    Exchange,
    /// OVHcloud: MX Plan, Zimbra
    Ovh,
    /// Infomaniak: mail service, kSuite
    Infomaniak,
}

/// How a server is reached; the host is `None` where every operator has another.
pub(super) struct Way {
    pub(super) host: Option<&'static str>,
    pub(super) port: u16,
    /// The value of `tls`.
    pub(super) tls: &'static str,
}

impl Preset {
    /// Reads one of the words that `--preset` takes.
    pub(super) fn read(text: &str) -> Result<Preset, String> {
        Preset::from_str(text, true).map_err(|_| {
            let words: Vec<&str> = Preset::value_variants().iter().map(|preset| preset.word()).collect();
            let words = words.join(", ");
            said!("Write one of {words}.", "Écrivez l’un de {words}.")
        })
    }

    /// As `--preset` and the facts have it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Preset::Own => "own",
            Preset::Google => "google",
            Preset::Microsoft365 => "microsoft365",
            Preset::Exchange => "exchange",
            Preset::Ovh => "ovh",
            Preset::Infomaniak => "infomaniak",
        }
    }

    /// The way to its IMAP server.
    pub(super) fn imap(self) -> Way {
        self.way(["imap_host", "imap_port", "imap_tls"], 993)
    }

    /// The way to its relay.
    pub(super) fn smtp(self) -> Way {
        self.way(["smtp_host", "smtp_port", "smtp_tls"], 465)
    }

    fn way(self, [host, port, tls]: [&str; 3], usual_port: u16) -> Way {
        Way {
            host: facts::text(self.word(), host),
            port: facts::number(self.word(), port).and_then(|port| port.try_into().ok()).unwrap_or(usual_port),
            tls: facts::text(self.word(), tls).unwrap_or("implicit"),
        }
    }

    /// Whether an application signs in, with a secret of its own, in the place of somebody with a password.
    pub(super) fn is_by_application(self) -> bool {
        match self {
            Preset::Microsoft365 => true,
            Preset::Own | Preset::Google | Preset::Exchange | Preset::Ovh | Preset::Infomaniak => false,
        }
    }

    /// What must be done at the provider first.
    pub(super) fn advice(self) -> Option<String> {
        Some(match self {
            Preset::Own => return None,
            Preset::Google => said!(
                "Google: allow IMAP for this account, turn on two-step verification and make an app password \
                 (docs/providers/google.md).",
                "Google : permettez IMAP pour ce compte, activez la validation en deux étapes et créez un mot de passe \
                 d’application (docs/providers/google.fr.md)."
            ),
            Preset::Microsoft365 => said!(
                "Microsoft 365: register an application in Entra with IMAP.AccessAsApp and SMTP.SendAsApp, and give it rights \
                 on the mailbox (docs/providers/microsoft365.md).",
                "Microsoft 365 : inscrivez dans Entra une application avec IMAP.AccessAsApp et SMTP.SendAsApp, et donnez-lui \
                 des droits sur la boîte (docs/providers/microsoft365.fr.md)."
            ),
            Preset::Exchange => said!(
                "Exchange Server: start its IMAP services, and let its connector for clients take more than five letters a \
                 minute (docs/providers/exchange.md).",
                "Exchange Server : démarrez ses services IMAP, et permettez plus de cinq lettres à la minute à son connecteur \
                 pour clients (docs/providers/exchange.fr.md)."
            ),
            Preset::Ovh => said!(
                "OVHcloud: turn DKIM on for the domain; Email Pro, America and Asia-Pacific have other servers \
                 (docs/providers/ovh.md).",
                "OVHcloud : activez DKIM pour le domaine; Email Pro, l’Amérique et l’Asie-Pacifique ont d’autres serveurs \
                 (docs/providers/ovh.fr.md)."
            ),
            Preset::Infomaniak => said!(
                "Infomaniak: make a password for a device of its own, and look that DKIM is on (docs/providers/infomaniak.md).",
                "Infomaniak : créez un mot de passe pour un appareil à part, et voyez que DKIM est activé \
                 (docs/providers/infomaniak.fr.md)."
            ),
        })
    }

    /// What the provider takes from one account without refusing; where it names no number, our choice.
    pub(super) fn letters_per_minute(self) -> String {
        let chosen = match self {
            Preset::Google => Some(60),
            Preset::Infomaniak => Some(20),
            Preset::Own | Preset::Microsoft365 | Preset::Exchange | Preset::Ovh => None,
        };
        match facts::number(self.word(), "letters_per_minute").or(chosen) {
            Some(number) => format!("letters_per_minute = {number}"),
            None => "#letters_per_minute = 600".to_owned(),
        }
    }

    /// Who keeps copies of what is sent, as a line that the operator may take.
    pub(super) fn kept_by(self) -> &'static str {
        match facts::text(self.word(), "sent_copies") {
            Some("relay") => "#kept_by = \"relay\"",
            Some(_) | None => "#kept_by = \"guichet\"",
        }
    }

    /// Its part of the configuration.
    pub(super) fn servers(self) -> &'static str {
        match self {
            Preset::Own => include_str!("own.toml"),
            Preset::Google => include_str!("google.toml"),
            Preset::Microsoft365 => include_str!("microsoft365.toml"),
            Preset::Exchange => include_str!("exchange.toml"),
            Preset::Ovh | Preset::Infomaniak => include_str!("hoster.toml"),
        }
    }
}

impl Way {
    /// The server, where it is the same for all.
    pub(super) fn server(&self) -> Option<Server> {
        Some(Server::new(self.host?, self.port))
    }

    /// How a connection to this server is encrypted: as the provider says where it is the provider's port.
    pub(super) fn tls(&self, server: &Server) -> &'static str {
        if server.port == self.port && !server.is_here() { self.tls } else { server.tls() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_preset_finds_what_it_needs_in_the_facts() {
        for preset in Preset::value_variants() {
            let word = preset.word();
            assert_eq!(Preset::read(word), Ok(*preset));
            for key in ["imap_port", "smtp_port"] {
                assert!(facts::number(word, key).is_some_and(|port| u16::try_from(port).is_ok()), "{word} {key}");
            }
            for key in ["imap_tls", "smtp_tls"] {
                let tls = facts::text(word, key);
                assert!(tls.is_some_and(|tls| ["implicit", "starttls"].contains(&tls)), "{word} {key}: {tls:?}");
            }
            let is_anywhere = matches!(preset, Preset::Own | Preset::Exchange);
            assert_eq!(
                (preset.imap().host.is_none(), preset.smtp().host.is_none()),
                (is_anywhere, is_anywhere),
                "{word}"
            );
            assert_eq!(preset.letters_per_minute().starts_with('#'), *preset == Preset::Own, "{word}");
        }
        assert_eq!(Preset::Ovh.letters_per_minute(), "letters_per_minute = 3");
        for preset in Preset::value_variants() {
            let keeps = matches!(preset, Preset::Microsoft365 | Preset::Google);
            assert_eq!(preset.kept_by().contains("relay"), keeps, "{preset:?}");
        }
    }

    #[test]
    fn a_server_is_encrypted_as_its_provider_says_unless_it_is_another_one() {
        let tls = |host, port| Preset::Exchange.smtp().tls(&Server::new(host, port));
        assert_eq!(
            [tls("mail.test", 587), tls("mail.test", 465), tls("127.0.0.1", 587)],
            ["starttls", "implicit", "none"]
        );
    }
}
