//! Why an authorization server gives out no token: cause and remedy, one sentence each.

use jiff::civil::Date;

use crate::said;

/// A token that did not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoToken {
    /// Whose it was to be, as commands name it: a mailbox, or `smtp`.
    pub login: String,
    /// What it is about.
    pub why: TokenRefusal,
    /// The server's words, printable.
    pub said: String,
}

/// What the refusal of a token is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenRefusal {
    /// `guichet login` was never run for it.
    NobodySignedIn,
    /// What somebody signed in for was revoked, or was not used for too long.
    SignInEnded,
    /// The refresh token that the operator got elsewhere is good no more.
    RefreshTokenEnded,
    /// The server does not know the service account's key, or the account.
    KeyUnknown,
    /// Nobody consented to what the application asks for.
    ConsentMissing,
    /// The application's secret is too old; since when, where the configuration says.
    SecretExpired(Option<Date>),
    /// It is another secret than the application's.
    SecretWrong,
    /// The certificate that signs for the application is none of those that it has.
    CertificateUnknown,
    /// There is no such application in this tenant.
    ApplicationUnknown,
    /// There is no such tenant.
    TenantUnknown,
    /// The service account may not act for users of the domain.
    NotDelegated,
    /// There is no such user in the domain.
    UserUnknown,
    /// A scope that the server does not know.
    ScopeUnknown,
    /// A policy wants somebody to prove who they are, or refuses where they come from.
    PolicyForbids,
    /// This machine's clock: by so many seconds, where that is known.
    ClockWrong(Option<i64>),
    /// Not now.
    Later,
    /// What came is no answer of a token server.
    NoAnswer,
    /// What is kept of it cannot be read or written.
    NotKept,
    /// Something else, in the server's words.
    Other,
}

impl NoToken {
    /// It ends by itself.
    pub(super) fn passes(&self) -> bool {
        matches!(self.why, TokenRefusal::Later | TokenRefusal::NoAnswer | TokenRefusal::NotKept)
    }

    pub(super) fn cause(&self, at: &str) -> String {
        let NoToken { login, said, .. } = self;
        let why = match self.why {
            TokenRefusal::NobodySignedIn => {
                return said!(
                    "nobody has signed in for {login} yet",
                    "personne ne s’est encore identifié pour {login}"
                );
            }
            TokenRefusal::SignInEnded => said!("the sign-in has ended", "l’identification a pris fin"),
            TokenRefusal::RefreshTokenEnded => {
                said!("the refresh token has ended", "le jeton d’actualisation a pris fin")
            }
            TokenRefusal::KeyUnknown => {
                said!("it does not know the key or its account", "il ne connaît pas la clé ou son compte")
            }
            TokenRefusal::ConsentMissing => said!("consent is missing", "le consentement manque"),
            TokenRefusal::SecretExpired(Some(day)) => {
                said!("the client secret expired on {day}", "le secret du client a expiré le {day}")
            }
            TokenRefusal::SecretExpired(None) => {
                said!("the client secret has expired", "le secret du client a expiré")
            }
            TokenRefusal::SecretWrong => said!("the client secret is wrong", "le secret du client est faux"),
            TokenRefusal::CertificateUnknown => {
                said!("it does not know the certificate", "il ne connaît pas le certificat")
            }
            TokenRefusal::ApplicationUnknown => {
                said!("it does not know the application", "il ne connaît pas l’application")
            }
            TokenRefusal::TenantUnknown => said!("it does not know the tenant", "il ne connaît pas le locataire"),
            TokenRefusal::NotDelegated => said!(
                "the service account may not act for the users of the domain",
                "le compte de service ne peut agir pour les utilisateurs du domaine"
            ),
            TokenRefusal::UserUnknown => said!("it does not know the user", "il ne connaît pas l’utilisateur"),
            TokenRefusal::ScopeUnknown => said!("it does not know a scope", "il ne connaît pas une portée"),
            TokenRefusal::PolicyForbids => {
                said!("a policy of the organisation forbids it", "une politique de l’organisation l’interdit")
            }
            TokenRefusal::ClockWrong(Some(seconds)) if seconds < 0 => said!(
                "this machine’s clock is {} s behind",
                "l’horloge de cette machine retarde de {}\u{a0}s",
                seconds.unsigned_abs()
            ),
            TokenRefusal::ClockWrong(Some(seconds)) => said!(
                "this machine’s clock is {seconds} s ahead",
                "l’horloge de cette machine avance de {seconds}\u{a0}s"
            ),
            TokenRefusal::ClockWrong(None) => {
                said!("this machine’s clock is wrong", "l’horloge de cette machine est fausse")
            }
            TokenRefusal::Later => said!("not now", "pas maintenant"),
            TokenRefusal::NoAnswer => {
                return said!(
                    "{at} does not answer as a token server: {said}",
                    "{at} ne répond pas comme un serveur de jetons\u{a0}: {said}"
                );
            }
            TokenRefusal::NotKept => {
                return said!(
                    "the tokens of {login} cannot be kept: {said}",
                    "les jetons de {login} ne peuvent être gardés\u{a0}: {said}"
                );
            }
            TokenRefusal::Other => {
                return said!(
                    "{at} gives no token for {login}: {said}",
                    "{at} ne donne pas de jeton pour {login}\u{a0}: {said}"
                );
            }
        };
        said!(
            "{at} gives no token for {login}, {why}: {said}",
            "{at} ne donne pas de jeton pour {login}, {why}\u{a0}: {said}"
        )
    }

    pub(super) fn remedy(&self, section: &str) -> String {
        let login = &self.login;
        match self.why {
            TokenRefusal::NobodySignedIn | TokenRefusal::SignInEnded => said!(
                "Run `guichet login {login}`; letters and mail wait, and go on by themselves.",
                "Exécutez `guichet login {login}`; lettres et courriel attendent et repartent tout seuls."
            ),
            TokenRefusal::RefreshTokenEnded => said!(
                "Get a new refresh token at the provider, write it where refresh_token of {section} says, and restart guichet; letters and mail wait.",
                "Obtenez un nouveau jeton d’actualisation chez le fournisseur, écrivez-le là où le dit refresh_token de {section}, et redémarrez guichet; lettres et courriel attendent."
            ),
            TokenRefusal::KeyUnknown => said!(
                "Look whether the service account and its key still stand at the provider; make a new key, put it where key_file of {section} says, and restart guichet.",
                "Vérifiez que le compte de service et sa clé existent encore chez le fournisseur; créez une nouvelle clé, mettez-la là où le dit key_file de {section}, et redémarrez guichet."
            ),
            TokenRefusal::ConsentMissing => said!(
                "Have an administrator consent to the application’s permissions (Microsoft Entra: API permissions, Grant admin consent).",
                "Faites consentir un administrateur aux autorisations de l’application (Microsoft Entra\u{a0}: API autorisées, Accorder un consentement d’administrateur)."
            ),
            TokenRefusal::SecretExpired(_) => said!(
                "Make a new client secret (Microsoft Entra: Certificates & secrets), write it where client_secret of {section} says, and restart guichet.",
                "Créez un nouveau secret client (Microsoft Entra\u{a0}: Certificats et secrets), écrivez-le là où le dit client_secret de {section} et redémarrez guichet."
            ),
            TokenRefusal::SecretWrong => said!(
                "Write the secret’s value, not its id, where client_secret of {section} says, look at client_id beside it, and restart guichet.",
                "Écrivez la valeur du secret, et non son identifiant, là où le dit client_secret de {section}, regardez client_id à côté, et redémarrez guichet."
            ),
            TokenRefusal::CertificateUnknown => said!(
                "Upload the certificate of certificate_file to the application (Microsoft Entra: Certificates & secrets); it may have ended.",
                "Téléversez le certificat de certificate_file dans l’application (Microsoft Entra\u{a0}: Certificats et secrets); il peut avoir pris fin."
            ),
            TokenRefusal::ApplicationUnknown => said!(
                "Look at client_id in {section}, and whether the application stands in the tenant that it names.",
                "Regardez client_id dans {section}, et si l’application se trouve dans le locataire qui y est nommé."
            ),
            TokenRefusal::TenantUnknown => said!(
                "Write tenant in {section} as the name (example.onmicrosoft.com) or the id of your own tenant.",
                "Écrivez tenant dans {section} comme le nom (exemple.onmicrosoft.com) ou l’identifiant de votre locataire."
            ),
            TokenRefusal::NotDelegated => said!(
                "Let the service account’s client id act for the domain with the scope https://mail.google.com/ (Google Admin: Security, API controls, Domain-wide delegation).",
                "Autorisez l’identifiant client du compte de service pour le domaine avec la portée https://mail.google.com/ (Admin Google\u{a0}: Sécurité, Commandes des API, Délégation au niveau du domaine)."
            ),
            TokenRefusal::UserUnknown => said!(
                "Write user beside {section} as the address of a mailbox of the domain.",
                "Écrivez user à côté de {section} comme l’adresse d’une boîte du domaine."
            ),
            TokenRefusal::ScopeUnknown => said!(
                "Take scopes out of {section}: the usual ones do.",
                "Enlevez scopes de {section}\u{a0}: les portées habituelles suffisent."
            ),
            TokenRefusal::PolicyForbids => said!(
                "Have an administrator except this sign-in from the policy (conditional access, second factor), or use flow = \"client_credentials\" or \"service_account\".",
                "Faites exempter cette identification de la politique par un administrateur (accès conditionnel, second facteur), ou prenez flow = \"client_credentials\" ou \"service_account\"."
            ),
            TokenRefusal::ClockWrong(_) => said!(
                "Set the clock of this machine (timedatectl set-ntp true).",
                "Mettez l’horloge de cette machine à l’heure (timedatectl set-ntp true)."
            ),
            TokenRefusal::Later => said!(
                "It is tried again by itself; where it lasts, look at the provider’s status page.",
                "Un nouvel essai se fait tout seul; si cela dure, regardez la page d’état du fournisseur."
            ),
            TokenRefusal::NoAnswer => said!(
                "Look at token_url in {section}, and at a proxy on the way; it is tried again by itself.",
                "Regardez token_url dans {section}, et un mandataire en chemin; un nouvel essai se fait tout seul."
            ),
            TokenRefusal::NotKept => said!(
                "Look at the store, and at token_key of [store]: with another key, run `guichet login {login}` again.",
                "Regardez la base, et token_key de [store]\u{a0}: avec une autre clé, exécutez `guichet login {login}` de nouveau."
            ),
            TokenRefusal::Other => said!(
                "Look at {section}, and at the sign-in log of the provider.",
                "Regardez {section}, et le journal des identifications du fournisseur."
            ),
        }
    }
}

/// What to do where a mail server refuses a login, by its words. Of the providers' own documents: Exchange Online tells
/// `5.7.139` with which setting forbids it, `5.7.30` where passwords have ended, and `not connected` where the mailbox lets
/// nobody in by IMAP; Google wants `Application-specific password`.
pub(super) fn remedy_of_login(said: &str, by_token: bool, section: &str, speaks: &str) -> String {
    let said = said.to_ascii_lowercase();
    let has = |words: &str| said.contains(words);
    if has("smtpclientauthentication is disabled for the tenant") {
        said!(
            "Turn SMTP AUTH on for the tenant: Set-TransportConfig -SmtpClientAuthenticationDisabled $false; or for this mailbox alone with Set-CASMailbox.",
            "Activez SMTP AUTH pour le locataire\u{a0}: Set-TransportConfig -SmtpClientAuthenticationDisabled $false; ou pour cette boîte seule avec Set-CASMailbox."
        )
    } else if has("smtpclientauthentication is disabled for the mailbox") {
        said!(
            "Turn SMTP AUTH on for the mailbox: Set-CASMailbox ADDRESS -SmtpClientAuthenticationDisabled $false.",
            "Activez SMTP AUTH pour la boîte\u{a0}: Set-CASMailbox ADRESSE -SmtpClientAuthenticationDisabled $false."
        )
    } else if has("5.7.30") || has("basic authentication is") || has("basicauthblocked") {
        said!(
            "Passwords open nothing here any more: sign in by OAuth 2.0 (oauth2 in {section}; docs/providers tells how).",
            "Les mots de passe n’ouvrent plus rien ici\u{a0}: identifiez-vous par OAuth 2.0 (oauth2 dans {section}; docs/providers dit comment)."
        )
    } else if has("application-specific password") {
        said!(
            "Make an app password for the account, or sign in by OAuth 2.0 (oauth2 in {section}).",
            "Créez un mot de passe d’application pour le compte, ou identifiez-vous par OAuth 2.0 (oauth2 dans {section})."
        )
    } else if has("authenticated but not connected") {
        said!(
            "Let the mailbox be read by {speaks} (Set-CASMailbox ADDRESS -ImapEnabled $true), and let the one who signs in open it (Add-MailboxPermission -AccessRights FullAccess).",
            "Laissez lire la boîte par {speaks} (Set-CASMailbox ADRESSE -ImapEnabled $true), et laissez qui s’identifie l’ouvrir (Add-MailboxPermission -AccessRights FullAccess)."
        )
    } else if by_token {
        said!(
            "Look at user in {section}, at the application’s permissions ({speaks}), and whether {speaks} is allowed for the mailbox and the one who signs in may open it.",
            "Regardez user dans {section}, les autorisations de l’application ({speaks}), si {speaks} est permis pour la boîte et si qui s’identifie peut l’ouvrir."
        )
    } else {
        said!(
            "Mend user and password in {section} and restart guichet; many providers want an app password, and {speaks} allowed for the account.",
            "Corrigez l’utilisateur et le mot de passe dans {section} et redémarrez guichet; bien des fournisseurs veulent un mot de passe d’application, et {speaks} permis pour le compte."
        )
    }
}
