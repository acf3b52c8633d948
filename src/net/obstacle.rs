//! What stands between us and a server: its cause and its remedy, one sentence each, for `check`, `status` and the log.

use std::fmt::{Display, Formatter};
use std::net::IpAddr;
use std::path::PathBuf;

use super::certificate::Distrust;
use super::token::{NoToken, remedy_of_login};
use super::{Protocol, Server, Tls};
use crate::said;

/// Why there is no session with a server, or none that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    server: Box<Server>,
    what: What,
}

/// What it is that stands in the way. What a server said is printable, and free of credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The configured host cannot be a name.
    HostMisspelled,
    /// DNS says that there is no such name.
    HostUnknown,
    /// No name server answers.
    NoNameServer,
    /// Nothing listens there.
    PortClosed,
    /// No network route.
    NoRoute,
    /// This machine forbids it: its firewall, or the restrictions of a unit.
    Forbidden,
    /// No packet comes back.
    NoAnswer,
    /// Something rarer, in the words of this machine's system.
    Unreachable(String),
    /// It is connected, and says nothing.
    Silent(Moment),
    /// It closes the connection.
    Cut(Moment),
    /// TLS from the first byte, where a greeting in clear was waited for.
    SpeaksTls,
    /// A greeting in clear, where TLS was waited for.
    GreetsInClear,
    /// Another protocol, by its name if we know it, and the first words.
    OtherProtocol(Option<&'static str>, String),
    /// STARTTLS is not offered.
    NoStartTls,
    /// STARTTLS is offered, and refused when it is asked for.
    StartTlsRefused(String),
    /// Answers came between STARTTLS and TLS (CVE-2011-0411).
    Injected,
    /// The server's certificate is not to be trusted.
    Certificate(Distrust),
    /// No version or cipher of TLS that both speak.
    NoCommonTls,
    /// The server wants a certificate of ours.
    CertificateWanted,
    /// The server, or we, broke off the agreement on TLS.
    TlsBroken(String),
    /// `ca_file` is of no use.
    CaFile(PathBuf, String),
    /// No authority is trusted at all.
    NoAuthorities,
    /// The server says BYE or 4xx instead of a greeting: not now.
    NotNow(String),
    /// The server says BYE or 5xx instead of a greeting: it does not talk to us.
    Unwelcome(String),
    /// The relay does not like the name that we give (EHLO).
    HelloRefused(String),
    /// It answers what is no answer in its protocol.
    OutOfOrder(String),
    /// The server greets with PREAUTH: it takes us for somebody who has logged in.
    LoggedInAlready,
    /// It takes no password in clear.
    LoginNeedsTls,
    /// The relay offers no AUTH, and a user is configured.
    NoLogin,
    /// It offers these mechanisms, none of ours among them.
    NoMechanism(String),
    /// User or password cannot be sent.
    LoginUnwritable,
    /// User and password are not accepted.
    LoginRefused(String),
    /// The token is not accepted, though it was given out for this.
    TokenRefused(String),
    /// There is no token to log in with.
    NoToken(NoToken),
    /// We ask too often, or have too many connections.
    Throttled(String),
    /// The credentials cannot be checked just now.
    LoginPutOff(String),
    /// The relay wants a login before it takes a letter.
    LoginWanted(String),
    /// Somebody else has the mailbox open.
    InUse(String),
    /// The account has no such folder, or may not open it.
    NoFolder(String, String),
    /// The folder cannot be opened just now.
    FolderPutOff(String, String),
    /// The folder's messages cannot be told apart.
    NoUidValidity(String),
    /// The relay takes no mail from this return path (`<>` where empty).
    SenderRefused(String, String),
    /// The relay takes no more mail from us for now.
    QuotaReached(String),
    /// The relay keeps a copy of each letter in our mailbox, which is full.
    OwnMailboxFull(String),
}

/// How far the connection came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before the server's first word.
    Greeting,
    /// While TLS was agreed on.
    Tls,
    /// After TLS, or in clear, before the login was through.
    Login,
    /// While the answer of a web server is waited for.
    Answer,
}

impl Obstacle {
    /// This, on the way to that server.
    pub fn new(server: &Server, what: What) -> Obstacle {
        Obstacle { server: Box::new(server.clone()), what }
    }

    /// What stands in the way.
    pub fn what(&self) -> &What {
        &self.what
    }

    /// The server understood what we want, and says no: asking again soon does harm (locked accounts, worse reputation).
    pub fn is_refusal(&self) -> bool {
        matches!(
            self.what,
            What::Unwelcome(_)
                | What::LoginRefused(_)
                | What::TokenRefused(_)
                | What::LoginWanted(_)
                | What::SenderRefused(..)
                | What::QuotaReached(_)
                | What::OwnMailboxFull(_)
        )
    }

    /// The server's words say that it is refused for now alone (4xx, RFC 5321 §4.2.1).
    pub fn is_for_now(&self) -> bool {
        let words = match &self.what {
            What::SenderRefused(_, words)
            | What::QuotaReached(words)
            | What::OwnMailboxFull(words)
            | What::LoginWanted(words) => words.as_str(),
            _ => "",
        };
        words.starts_with('4')
    }

    /// It does not end by itself: somebody must act.
    pub fn needs_operator(&self) -> bool {
        !matches!(
            &self.what,
            What::NoNameServer
                | What::PortClosed
                | What::NoRoute
                | What::NoAnswer
                | What::Unreachable(_)
                | What::Silent(_)
                | What::Cut(_)
                | What::NotNow(_)
                | What::Throttled(_)
                | What::LoginPutOff(_)
                | What::FolderPutOff(..)
        ) && !matches!(&self.what, What::NoToken(no) if no.passes())
    }

    /// What is the matter, in one sentence without a stop.
    pub fn cause(&self) -> String {
        let cause = self.told();
        // A server's own words may end in one.
        cause.trim_end_matches('.').to_owned()
    }

    fn told(&self) -> String {
        let Server { protocol, host, tls, .. } = &*self.server;
        let (at, speaks) = (self.server.to_string(), protocol.name());
        match &self.what {
            What::HostMisspelled => {
                said!(
                    "{host:?} cannot be the name of a server",
                    "«\u{a0}{host}\u{a0}» ne peut être le nom d’un serveur"
                )
            }
            What::HostUnknown => {
                said!("{host} is the name of no host", "{host} n’est le nom d’aucun hôte")
            }
            What::NoNameServer => said!(
                "the name {host} cannot be looked up: no name server answers",
                "le nom {host} ne peut être cherché\u{a0}: aucun serveur de noms ne répond"
            ),
            What::PortClosed => {
                said!("nothing listens at {at} (connection refused)", "rien n’écoute à {at} (connexion refusée)")
            }
            What::NoRoute => said!("no network route leads to {at}", "aucune route du réseau ne mène à {at}"),
            What::Forbidden => said!(
                "this machine does not let guichet connect to {at}",
                "cette machine ne laisse pas guichet se connecter à {at}"
            ),
            What::NoAnswer => said!("{at} does not answer", "{at} ne répond pas"),
            What::Unreachable(why) => said!("{at} cannot be reached ({why})", "{at} ne peut être atteint ({why})"),
            What::Silent(moment) => self.silent(*moment, &at),
            What::Cut(moment) => self.cut(*moment, &at),
            What::SpeaksTls => said!(
                "{at} speaks TLS from the first byte, and tls = \"{}\" waits for a greeting in clear",
                "{at} parle TLS dès le premier octet, et tls = \"{}\" attend un accueil en clair",
                tls.word()
            ),
            What::GreetsInClear => said!(
                "{at} greets in clear, and tls = \"implicit\" wants TLS from the first byte",
                "{at} accueille en clair, et tls = \"implicit\" veut TLS dès le premier octet"
            ),
            What::OtherProtocol(Some(other), _) => said!(
                "{at} is no {speaks} server: it speaks {other}",
                "{at} n’est pas un serveur {speaks}\u{a0}: il parle {other}"
            ),
            What::OtherProtocol(None, words) => said!(
                "{at} is no {speaks} server: it says {words:?}",
                "{at} n’est pas un serveur {speaks}\u{a0}: il dit «\u{a0}{words}\u{a0}»"
            ),
            What::NoStartTls => said!("{at} does not offer STARTTLS", "{at} n’offre pas STARTTLS"),
            What::StartTlsRefused(words) => {
                said!("{at} refuses STARTTLS: {words}", "{at} refuse STARTTLS\u{a0}: {words}")
            }
            What::Injected => said!(
                "somebody put answers between STARTTLS and TLS on the way to {at}",
                "quelqu’un a glissé des réponses entre STARTTLS et TLS en chemin vers {at}"
            ),
            What::Certificate(distrust) => distrust.cause(&at, host),
            What::NoCommonTls => said!(
                "{at} and guichet have no version or cipher of TLS in common",
                "{at} et guichet n’ont en commun ni version ni chiffrement de TLS"
            ),
            What::CertificateWanted => said!(
                "{at} wants a certificate of its clients, and guichet has none",
                "{at} veut un certificat de ses clients, et guichet n’en a pas"
            ),
            What::TlsBroken(why) => {
                said!("TLS with {at} breaks off ({why})", "TLS avec {at} s’interrompt ({why})")
            }
            What::CaFile(path, why) => {
                let path = path.display();
                said!("ca_file {path} is of no use: {why}", "ca_file {path} ne sert à rien\u{a0}: {why}")
            }
            What::NoAuthorities => said!(
                "no certificate authority is trusted here: the system has none, and no ca_file is given",
                "aucune autorité de certification n’est reconnue ici\u{a0}: le système n’en a pas, et il n’y a pas de ca_file"
            ),
            What::NotNow(words) => {
                said!("{at} turns us away for now: {words}", "{at} nous renvoie pour l’instant\u{a0}: {words}")
            }
            What::Unwelcome(words) => said!("{at} turns us away: {words}", "{at} nous renvoie\u{a0}: {words}"),
            What::HelloRefused(words) => {
                said!(
                    "{at} does not like the name that we give: {words}",
                    "{at} n’aime pas le nom que nous donnons\u{a0}: {words}"
                )
            }
            What::OutOfOrder(words) => {
                said!(
                    "{at} breaks the rules of {speaks}: {words}",
                    "{at} enfreint les règles de {speaks}\u{a0}: {words}"
                )
            }
            What::LoggedInAlready => said!(
                "{at} greets with PREAUTH, as if somebody had logged in already: refused",
                "{at} accueille par PREAUTH, comme si quelqu’un était déjà connecté\u{a0}: refusé"
            ),
            What::LoginNeedsTls => {
                said!("{at} takes no password without TLS", "{at} ne prend pas de mot de passe sans TLS")
            }
            What::NoLogin => said!(
                "{at} offers no login (AUTH), and a user is configured",
                "{at} n’offre pas de connexion (AUTH), et un utilisateur est configuré"
            ),
            What::NoMechanism(offered) => said!(
                "{at} offers the logins {offered}, none of which guichet could use",
                "{at} offre les connexions {offered}, dont guichet ne peut employer aucune"
            ),
            What::LoginUnwritable => {
                said!(
                    "user or password holds a line break",
                    "l’utilisateur ou le mot de passe contient un saut de ligne"
                )
            }
            What::LoginRefused(words) => {
                said!(
                    "{at} refuses user and password: {words}",
                    "{at} refuse l’utilisateur et le mot de passe\u{a0}: {words}"
                )
            }
            What::TokenRefused(words) => {
                said!("{at} does not take the token: {words}", "{at} n’accepte pas le jeton\u{a0}: {words}")
            }
            What::NoToken(no) => no.cause(&at),
            What::Throttled(words) => said!(
                "{at} wants fewer connections or fewer commands: {words}",
                "{at} veut moins de connexions ou moins de commandes\u{a0}: {words}"
            ),
            What::LoginPutOff(words) => said!(
                "{at} cannot check the login just now: {words}",
                "{at} ne peut vérifier la connexion pour l’instant\u{a0}: {words}"
            ),
            What::LoginWanted(words) => {
                said!(
                    "{at} takes no letters without a login: {words}",
                    "{at} ne prend pas de lettres sans connexion\u{a0}: {words}"
                )
            }
            What::InUse(words) => {
                said!(
                    "somebody else has the mailbox open: {words}",
                    "quelqu’un d’autre a ouvert la boîte\u{a0}: {words}"
                )
            }
            What::NoFolder(folder, words) => said!(
                "the account cannot open the folder {folder:?}: {words}",
                "le compte ne peut ouvrir le dossier «\u{a0}{folder}\u{a0}»\u{a0}: {words}"
            ),
            What::FolderPutOff(folder, words) => said!(
                "the folder {folder:?} cannot be opened just now: {words}",
                "le dossier «\u{a0}{folder}\u{a0}» ne peut être ouvert pour l’instant\u{a0}: {words}"
            ),
            What::NoUidValidity(folder) => said!(
                "the folder {folder:?} has no UIDVALIDITY: its messages cannot be told apart",
                "le dossier «\u{a0}{folder}\u{a0}» n’a pas de UIDVALIDITY\u{a0}: ses messages ne peuvent être distingués"
            ),
            What::SenderRefused(sender, words) if sender.is_empty() => said!(
                "{at} takes no mail without a return path (<>): {words}",
                "{at} ne prend pas de courriel sans adresse de retour (<>)\u{a0}: {words}"
            ),
            What::SenderRefused(sender, words) => {
                said!(
                    "{at} takes no mail from {sender}: {words}",
                    "{at} ne prend pas de courriel de {sender}\u{a0}: {words}"
                )
            }
            What::QuotaReached(words) => {
                said!(
                    "{at} takes no more mail from us for now: {words}",
                    "{at} ne prend plus de courriel de nous pour l’instant\u{a0}: {words}"
                )
            }
            What::OwnMailboxFull(words) => said!(
                "{at} takes no mail while the mailbox that it is sent from is full: {words}",
                "{at} ne prend pas de courriel tant que la boîte d’où il part est pleine\u{a0}: {words}"
            ),
        }
    }

    /// What to do about it: whole sentences.
    pub fn remedy(&self) -> String {
        let Server { protocol, host, tls, .. } = &*self.server;
        let (section, speaks, usual) = (protocol.section(), protocol.name(), protocol.usual_ports());
        if let (Protocol::Http(_), true) = (protocol, self.what.is_on_the_way()) {
            return said!(
                "Look at the address in {section}, at this machine's network, and at a proxy or a firewall on the way.",
                "Regardez l’adresse dans {section}, le réseau de cette machine, et un mandataire ou un pare-feu en chemin."
            );
        }
        match &self.what {
            What::HostMisspelled => said!(
                "Write host in {section} as a name such as mail.example.com, or as an IP address.",
                "Écrivez host dans {section} comme un nom tel que mail.example.com, ou comme une adresse IP."
            ),
            What::HostUnknown => said!(
                "Look at host in {section}: is it spelled right, and does `getent hosts {host}` find it from here?",
                "Regardez host dans {section}\u{a0}: est-il bien écrit, et `getent hosts {host}` le trouve-t-il d’ici?"
            ),
            What::NoNameServer => said!(
                "Look at this machine's network and at /etc/resolv.conf.",
                "Regardez le réseau de cette machine et /etc/resolv.conf."
            ),
            What::PortClosed => said!(
                "Look at host and port in {section} ({usual}), and whether the server runs and listens on that address.",
                "Regardez host et port dans {section} ({usual}), et si le serveur tourne et écoute à cette adresse."
            ),
            What::NoRoute | What::NoAnswer | What::Unreachable(_) => said!(
                "Look at host and port in {section} ({usual}), at this machine's network, and at the firewalls on the way.",
                "Regardez host et port dans {section} ({usual}), le réseau de cette machine et les pare-feu en chemin."
            ),
            What::Forbidden => said!(
                "Look at this machine's firewall, and at IPAddressDeny and RestrictAddressFamilies of the unit.",
                "Regardez le pare-feu de cette machine, et IPAddressDeny et RestrictAddressFamilies de l’unité."
            ),
            What::Silent(Moment::Greeting | Moment::Tls) => said!(
                "Look at host and port in {section} ({usual}), and whether the server hangs or is no {speaks} server.",
                "Regardez host et port dans {section} ({usual}), et si le serveur est bloqué ou n’est pas un serveur {speaks}."
            ),
            What::Silent(Moment::Answer) => said!(
                "It is tried again by itself; where it lasts, look at the server, and at a proxy on the way.",
                "Un nouvel essai se fait tout seul; si cela dure, regardez le serveur, et un mandataire en chemin."
            ),
            What::Silent(Moment::Login) => said!(
                "Look whether the server hangs: its log says on what, often on the service that checks passwords.",
                "Regardez si le serveur est bloqué\u{a0}: son journal dit sur quoi, souvent sur le service qui vérifie les mots de passe."
            ),
            What::Cut(_) => said!(
                "Look at the server's log: it may turn this machine's address away, have too many connections, or be no {speaks} server.",
                "Regardez le journal du serveur\u{a0}: il peut écarter l’adresse de cette machine, avoir trop de connexions ou ne pas être un serveur {speaks}."
            ),
            What::SpeaksTls => said!(
                "Write tls = \"implicit\" in {section}, or the port that greets in clear ({}).",
                "Écrivez tls = \"implicit\" dans {section}, ou le port qui accueille en clair ({}).",
                protocol.clear_port()
            ),
            What::GreetsInClear => said!(
                "Write tls = \"starttls\" in {section}, or the port that speaks TLS from the first byte ({}).",
                "Écrivez tls = \"starttls\" dans {section}, ou le port qui parle TLS dès le premier octet ({}).",
                protocol.tls_port()
            ),
            What::OtherProtocol(..) => said!(
                "Write host and port of the {speaks} server in {section} ({usual}).",
                "Écrivez host et port du serveur {speaks} dans {section} ({usual})."
            ),
            What::NoStartTls => said!(
                "Write tls = \"implicit\" and the port that speaks TLS from the first byte ({}) in {section}, or have TLS enabled on the server; \
                 where it was offered before, somebody on the way takes it out.",
                "Écrivez tls = \"implicit\" et le port qui parle TLS dès le premier octet ({}) dans {section}, ou faites activer TLS sur le serveur; \
                 s’il était offert auparavant, quelqu’un l’enlève en chemin.",
                protocol.tls_port()
            ),
            What::StartTlsRefused(_) => said!(
                "Look at the server's log: its certificate or key may be missing or unreadable.",
                "Regardez le journal du serveur\u{a0}: son certificat ou sa clé peut manquer ou être illisible."
            ),
            What::Injected | What::LoggedInAlready | What::OutOfOrder(_) => said!(
                "Find out who stands between here and the server; tls = \"implicit\" leaves no room for it.",
                "Trouvez qui se tient entre ici et le serveur; tls = \"implicit\" n’y laisse pas de place."
            ),
            What::Certificate(distrust) => distrust.remedy(&self.server),
            What::NoCommonTls => {
                said!("Have TLS 1.2 or 1.3 enabled on the server.", "Faites activer TLS 1.2 ou 1.3 sur le serveur.")
            }
            What::CertificateWanted => said!(
                "Have the server take clients without a certificate, by user and password.",
                "Faites accepter au serveur des clients sans certificat, par utilisateur et mot de passe."
            ),
            What::TlsBroken(_) => said!("Look at the server's log.", "Regardez le journal du serveur."),
            What::CaFile(..) => said!(
                "Name a file in ca_file of {section} that holds certificates in PEM and that guichet's user may read.",
                "Nommez dans ca_file de {section} un fichier de certificats en PEM que l’utilisateur de guichet peut lire."
            ),
            What::NoAuthorities => said!(
                "Install the system's certificates (package ca-certificates), or give ca_file in {section}.",
                "Installez les certificats du système (paquet ca-certificates), ou donnez ca_file dans {section}."
            ),
            What::NotNow(_) => said!(
                "It is tried again by itself; where it lasts, look at the server's load and at its limits for one client.",
                "Un nouvel essai se fait tout seul; si cela dure, regardez la charge du serveur et ses limites par client."
            ),
            What::Unwelcome(_) => said!(
                "Ask the server's operator to take connections from this machine: its address may be on a block list.",
                "Demandez à l’exploitant du serveur d’accepter cette machine\u{a0}: son adresse peut être sur une liste de blocage."
            ),
            What::HelloRefused(_) => said!(
                "Write helo in {section}: a name of this machine that DNS knows.",
                "Écrivez helo dans {section}\u{a0}: un nom de cette machine que le DNS connaît."
            ),
            What::LoginNeedsTls => said!(
                "Write tls = \"implicit\" or \"starttls\" in {section}.",
                "Écrivez tls = \"implicit\" ou \"starttls\" dans {section}."
            ),
            What::NoLogin if *tls == Tls::None => said!(
                "It may offer it behind TLS alone: write tls = \"starttls\" or \"implicit\" in {section}; take user and password out where it wants none.",
                "Il ne l’offre peut-être que sous TLS\u{a0}: écrivez tls = \"starttls\" ou \"implicit\" dans {section}; enlevez l’utilisateur et le mot de passe s’il n’en veut pas."
            ),
            What::NoLogin => said!(
                "Write the port for submission in {section} ({usual}); take user and password out where the relay wants none.",
                "Écrivez le port de soumission dans {section} ({usual}); enlevez l’utilisateur et le mot de passe si le relais n’en veut pas."
            ),
            What::NoMechanism(_) => said!(
                "Have PLAIN allowed behind TLS on the server; where it offers XOAUTH2 or OAUTHBEARER alone, sign in by OAuth 2.0 (oauth2 in {section}), and where it offers neither, by password.",
                "Faites permettre PLAIN sous TLS sur le serveur; s’il n’offre que XOAUTH2 ou OAUTHBEARER, identifiez-vous par OAuth 2.0 (oauth2 dans {section}), et s’il n’offre ni l’un ni l’autre, par mot de passe."
            ),
            What::LoginUnwritable => said!(
                "Write user and password in {section} on one line each.",
                "Écrivez l’utilisateur et le mot de passe dans {section} sur une ligne chacun."
            ),
            What::LoginRefused(words) => remedy_of_login(words, false, section, speaks),
            What::TokenRefused(words) => remedy_of_login(words, true, section, speaks),
            What::NoToken(no) => no.remedy(section),
            What::Throttled(_) => said!(
                "It is tried again by itself, after longer and longer waits; where it lasts, raise the server's limit for one user and address: \
                 guichet needs two connections a mailbox, and what other programs hold counts too.",
                "Un nouvel essai se fait tout seul, après des attentes de plus en plus longues; si cela dure, relevez la limite du serveur par utilisateur et adresse\u{a0}: \
                 guichet prend deux connexions par boîte, et celles d’autres programmes comptent aussi."
            ),
            What::LoginPutOff(_) => said!(
                "It is tried again by itself; where it lasts, look at the service that checks the server's passwords.",
                "Un nouvel essai se fait tout seul; si cela dure, regardez le service qui vérifie les mots de passe du serveur."
            ),
            What::LoginWanted(_) => said!(
                "Write user and password in {section}, with a port and tls where a login is offered ({usual}), or have the relay take letters from this machine's address without.",
                "Écrivez l’utilisateur et le mot de passe dans {section}, avec un port et tls où une connexion est offerte ({usual}), ou faites accepter au relais les lettres de l’adresse de cette machine."
            ),
            What::InUse(_) => said!(
                "End the other program: the mailbox must be guichet's alone.",
                "Arrêtez l’autre programme\u{a0}: la boîte doit être à guichet seul."
            ),
            What::NoFolder(..) => said!(
                "Write folder in {section} as the server has it, or let the account read and change it.",
                "Écrivez folder dans {section} comme le serveur le nomme, ou donnez au compte le droit de le lire et de le changer."
            ),
            What::FolderPutOff(..) => said!(
                "It is tried again by itself; where it lasts, look at the server's log.",
                "Un nouvel essai se fait tout seul; si cela dure, regardez le journal du serveur."
            ),
            What::NoUidValidity(_) => said!(
                "Have the mailbox kept by a server that follows RFC 3501.",
                "Faites tenir la boîte par un serveur qui suit le RFC 3501."
            ),
            What::SenderRefused(_, words) if words.to_ascii_lowercase().contains("quota") => keep_below_the_quota(),
            What::SenderRefused(sender, _) if sender.is_empty() => said!(
                "Have the relay take it: automatic letters must leave so (RFC 5321 §4.5.5); letters wait, and leave when it does.",
                "Faites-le accepter au relais\u{a0}: les lettres automatiques doivent partir ainsi (RFC 5321 §4.5.5); les lettres attendent et partent dès lors."
            ),
            What::SenderRefused(..) => said!(
                "Let this login send as that address on the relay, and look at SPF, DKIM and DMARC of its domain; letters wait, and leave when it does.",
                "Permettez à cette connexion d’envoyer sous cette adresse au relais, et regardez SPF, DKIM et DMARC de son domaine; les lettres attendent et partent dès lors."
            ),
            What::QuotaReached(_) => keep_below_the_quota(),
            What::OwnMailboxFull(_) => said!(
                "Empty its Sent Items, where a copy of each letter is kept, and give that folder a retention policy; letters wait, and leave when there is room.",
                "Videz ses Éléments envoyés, où une copie de chaque lettre est gardée, et donnez à ce dossier une stratégie de rétention; les lettres attendent et partent dès qu’il y a de la place."
            ),
        }
    }

    fn silent(&self, moment: Moment, at: &str) -> String {
        match moment {
            Moment::Greeting => {
                said!("{at} accepts the connection and says nothing", "{at} accepte la connexion et ne dit rien")
            }
            Moment::Tls => said!(
                "{at} accepts the connection and does not answer when TLS begins",
                "{at} accepte la connexion et ne répond pas quand TLS commence"
            ),
            Moment::Login => {
                said!("{at} greets and then does not answer any more", "{at} accueille, puis ne répond plus")
            }
            Moment::Answer => {
                said!("{at} takes the request and does not answer", "{at} prend la requête et ne répond pas")
            }
        }
    }

    fn cut(&self, moment: Moment, at: &str) -> String {
        match moment {
            Moment::Greeting => {
                said!("{at} closes the connection without a word", "{at} ferme la connexion sans un mot")
            }
            Moment::Tls => {
                said!("{at} closes the connection when TLS begins", "{at} ferme la connexion quand TLS commence")
            }
            Moment::Login => {
                said!("{at} closes the connection during the login", "{at} ferme la connexion pendant l’identification")
            }
            Moment::Answer => {
                said!("{at} closes the connection without an answer", "{at} ferme la connexion sans répondre")
            }
        }
    }
}

fn keep_below_the_quota() -> String {
    said!(
        "Wait, or have the quota raised; letters_per_minute in [limits] keeps below it; letters wait, and leave when it ends.",
        "Attendez, ou faites relever le quota; letters_per_minute dans [limits] reste en deçà; les lettres attendent et partent ensuite."
    )
}

impl What {
    /// It is about the way to the server, and what is there.
    fn is_on_the_way(&self) -> bool {
        matches!(
            self,
            What::HostMisspelled
                | What::HostUnknown
                | What::PortClosed
                | What::NoRoute
                | What::NoAnswer
                | What::Unreachable(_)
                | What::Silent(_)
                | What::Cut(_)
                | What::SpeaksTls
                | What::GreetsInClear
                | What::OtherProtocol(..)
                | What::OutOfOrder(_)
        )
    }
}

impl Display for Obstacle {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.cause())
    }
}

impl std::error::Error for Obstacle {}

impl Display for Server {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self.host.parse() {
            Ok(IpAddr::V6(address)) => write!(f, "[{address}]:{}", self.port),
            _ => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

impl Protocol {
    pub(super) fn name(self) -> &'static str {
        match self {
            Protocol::Imap => "IMAP",
            Protocol::Smtp => "SMTP",
            Protocol::Http(_) => "HTTP",
        }
    }

    pub(super) fn section(self) -> &'static str {
        match self {
            Protocol::Imap => "[[mailbox]]",
            Protocol::Smtp => "[smtp]",
            Protocol::Http(section) => section,
        }
    }

    fn tls_port(self) -> u16 {
        match self {
            Protocol::Imap => 993,
            Protocol::Smtp => 465,
            Protocol::Http(_) => 443,
        }
    }

    fn clear_port(self) -> u16 {
        match self {
            Protocol::Imap => 143,
            Protocol::Smtp => 587,
            Protocol::Http(_) => 80,
        }
    }

    fn usual_ports(self) -> String {
        said!(
            "usually {} with tls = \"implicit\", {} with \"starttls\"",
            "d’habitude {} avec tls = \"implicit\", {} avec \"starttls\"",
            self.tls_port(),
            self.clear_port()
        )
    }
}

impl Tls {
    /// As the configuration has it.
    fn word(self) -> &'static str {
        match self {
            Tls::Implicit => "implicit",
            Tls::StartTls => "starttls",
            Tls::None => "none",
        }
    }
}
