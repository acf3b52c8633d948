//! What `guichet init` can be told beforehand.

use std::path::PathBuf;

use clap::Args;

use super::presets::Preset;

/// Write a first configuration and a folder of example known fixes; nothing is ever overwritten
///
/// What is not told by options is asked, on a terminal or of the lines on stdin.
#[derive(Args)]
#[command(after_help = "\
Examples:
  guichet init
  guichet init --dir /etc/guichet --address support@example.com
  guichet init --yes --preset google --address support@example.com --agent \"Marie Tremblay <marie@example.com>\"
  guichet init --preset microsoft365 --address support@example.com --client-secret-file secret.txt")]
pub(in crate::cli) struct Arguments {
    /// Where to write
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
    /// Ask nothing: what is not told has its default
    #[arg(long, short)]
    pub(super) yes: bool,
    /// Whose mail server it is [default: own]
    #[arg(long)]
    pub(super) preset: Option<Preset>,
    /// The address that people write to
    #[arg(long)]
    pub(super) address: Option<String>,
    /// What letters call the desk [default: Service desk, or Centre de services]
    #[arg(long, value_name = "NAME")]
    pub(super) display_name: Option<String>,
    /// The desk's languages, the first where nothing tells [default: fr en]
    #[arg(long, value_name = "LANGUAGES")]
    pub(super) languages: Option<String>,
    /// Somebody who answers: "Marie Tremblay <marie@example.com>", with L2 or L3 behind it unless it is L1; several times
    #[arg(long, value_name = "AGENT")]
    pub(super) agent: Vec<String>,
    /// The IMAP server, HOST or HOST:PORT [default: as the preset has it, else mail.DOMAIN]
    #[arg(long, value_name = "HOST")]
    pub(super) imap_host: Option<String>,
    /// The relay, HOST or HOST:PORT [default: as the preset has it, else the IMAP server]
    #[arg(long, value_name = "HOST")]
    pub(super) smtp_host: Option<String>,
    /// Who signs in to the mailbox [default: the address]
    #[arg(long, value_name = "LOGIN")]
    pub(super) user: Option<String>,
    /// Who signs in to the relay, or "none" [default: as to the mailbox]
    #[arg(long, value_name = "LOGIN")]
    pub(super) smtp_user: Option<String>,
    /// The file whose first line is the password [default: secrets/support beside the configuration, which is made]
    #[arg(long, value_name = "FILE")]
    pub(super) password_file: Option<PathBuf>,
    /// Microsoft 365: the tenant's name or id [default: the address's domain]
    #[arg(long, value_name = "TENANT")]
    pub(super) tenant: Option<String>,
    /// Microsoft 365: the application's (client) id
    #[arg(long, value_name = "CLIENT_ID")]
    pub(super) client_id: Option<String>,
    /// Microsoft 365: the file whose first line is the client secret's value [default: as for the password]
    #[arg(long, value_name = "FILE")]
    pub(super) client_secret_file: Option<PathBuf>,
    /// The name at the start of your server's Authentication-Results, or "none" [default: the IMAP server's]
    #[arg(long, value_name = "NAME")]
    pub(super) authserv_id: Option<String>,
    /// Where tickets are kept, a folder or postgres://user@host/database [default: /var/lib/guichet for a configuration
    /// in /etc, else beside it]
    #[arg(long, value_name = "PLACE")]
    pub(super) store: Option<String>,
    /// Run `guichet check` at the end
    #[arg(long)]
    pub(super) check: bool,
}
