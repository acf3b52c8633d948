//! Mail servers that are met often.

use clap::ValueEnum;

use super::hosts::Server;
use crate::said;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Preset {
    /// Your own (Postfix and Dovecot, Exchange on premises, a hoster)
    Own,
    /// Google Workspace
    Google,
    /// Microsoft 365, through a proxy on this machine that speaks OAuth 2.0 for guichet
    #[value(name = "microsoft365")]
    Microsoft365,
}

impl Preset {
    /// Reads one of the words that `--preset` takes.
    pub(super) fn read(text: &str) -> Result<Preset, String> {
        Preset::from_str(text, true)
            .map_err(|_| said!("Write own, google or microsoft365.", "Écrivez own, google ou microsoft365."))
    }

    /// The provider's IMAP server; none where every operator has another.
    pub(super) fn imap(self) -> Option<Server> {
        match self {
            Preset::Own => None,
            Preset::Google => Some(Server::new("imap.gmail.com", 993)),
            Preset::Microsoft365 => Some(Server::new("127.0.0.1", 1993)),
        }
    }

    /// The provider's relay.
    pub(super) fn smtp(self) -> Option<Server> {
        match self {
            Preset::Own => None,
            Preset::Google => Some(Server::new("smtp.gmail.com", 465)),
            Preset::Microsoft365 => Some(Server::new("127.0.0.1", 1587)),
        }
    }

    /// What must be done at the provider first.
    pub(super) fn advice(self) -> Option<String> {
        match self {
            Preset::Own => None,
            Preset::Google => Some(said!(
                "Google: allow IMAP for this account, turn on two-step verification and make an app password.",
                "Google : permettez IMAP pour ce compte, activez la validation en deux étapes et créez un mot de passe \
                 d’application."
            )),
            Preset::Microsoft365 => Some(said!(
                "Microsoft 365 asks for OAuth 2.0, which this version does not speak: run a proxy on this machine that does \
                 (email-oauth2-proxy, DavMail). The hosts asked for below are the proxy's.",
                "Microsoft 365 exige OAuth 2.0, que cette version ne parle pas : faites tourner sur cette machine un \
                 mandataire qui le parle (email-oauth2-proxy, DavMail). Les serveurs demandés ci-dessous sont les siens."
            )),
        }
    }

    /// What the provider takes from one account without refusing.
    pub(super) fn letters_per_minute(self) -> &'static str {
        match self {
            Preset::Own => "#letters_per_minute = 600",
            Preset::Google => "letters_per_minute = 60",
            Preset::Microsoft365 => "letters_per_minute = 30",
        }
    }

    /// Its part of the configuration.
    pub(super) fn servers(self) -> &'static str {
        match self {
            Preset::Own => include_str!("own.toml"),
            Preset::Google => include_str!("google.toml"),
            Preset::Microsoft365 => include_str!("microsoft365.toml"),
        }
    }
}
