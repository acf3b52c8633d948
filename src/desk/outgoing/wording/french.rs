//! What receipts and refusals say, in French.

use super::{AlsoToTeam, Day, Found, Line, Standing, Whom, Withheld, known, names_with_digests};
use crate::desk::{BadArgument, ClockName, Level, PendingReason, Privacy, Purpose, Role, Slip, State, ToldBy, Wanted};
use crate::mail::Unreadable;

/// What `#aide` answers with.
pub(super) const HELP: &[&str] = &[
    "Une réponse simple à une lettre sur la demande part au demandeur. Les commandes vont sur les premières lignes, une par ligne :",
    "#note — pour le guichet seulement",
    "#répondre — au demandeur, même si une réponse simple n’irait pas",
    "#prendre, #assigner ADRESSE ou NOM",
    "#escalader N2 : résumé, #escalader N3 FOURNISSEUR : résumé, #retour N1 : motif",
    "#attente demandeur | fournisseur | lundi | 3 décembre | 3 jours",
    "#résolu, #rouvrir, #fermer",
    "#priorité N, #service NOM, #desk NOM, #cc +ADRESSE -ADRESSE, #demandeur ADRESSE",
    "#solution IDENTIFIANT, #solution nouveau TITRE, #fusionner R-…, #lier R-…, #scinder TITRE, #spam",
    "#majeur TITRE — un incident majeur; sur celui-ci, #majeur au-dessus d’un texte l’envoie à tous; sur d’autres #majeur R-…, #majeur - pour en sortir",
    "#fournisseur NOM ref=DOSSIER : texte, #pièces 1,2, #publier",
    "#consulter ADRESSE : question — dans un fil privé, à n’importe qui",
    "#absent lundi, #absent du 3 au 10 décembre, #présent",
    "#statut, #liste, #cherche MOTS, #voir R-…, #aide, #aperçu, #ok, #annuler, #libérer",
];

pub(super) fn say(line: &Line<'_>) -> String {
    match line {
        Line::RunsOut(clock, day) => {
            format!("{} : échéance {}. Les trois quarts du délai sont écoulés.", promise(*clock), day.french())
        }
        Line::RanOut(clock, day) => format!("{} : le délai est dépassé depuis {}.", promise(*clock), day.french()),
        Line::WaitIsOver(day) => format!("Le billet attendait jusqu’au {} : il reprend.", day.french()),
        Line::NotReminded => "Le demandeur ne répond pas et n’a pas été relancé : personne ne lit cette adresse, ou trop de \
             lettres automatiques y sont parties."
            .to_owned(),
        Line::NoAnswerCame => "Notre question est restée sans réponse.".to_owned(),
        Line::ResolvedUntold => "Le billet est résolu, car le demandeur n’a pas répondu. Il n’en a pas été avisé : personne ne \
             lit cette adresse, ou trop de lettres automatiques y sont parties."
            .to_owned(),
        Line::SolvedByRequester => {
            "Le demandeur dit que c’est réglé : le billet est résolu, il n’y a rien à faire.".to_owned()
        }
        Line::VendorIsSilent(vendor, 0, day) => format!("{vendor} n’a pas répondu depuis le {}.", day.french()),
        Line::VendorIsSilent(vendor, 1, day) => {
            format!("{vendor} n’a pas répondu depuis le {}, malgré une relance.", day.french())
        }
        Line::VendorIsSilent(vendor, chases, day) => {
            format!("{vendor} n’a pas répondu depuis le {}, malgré {chases} relances.", day.french())
        }
        Line::NobodyOwnsIt => "Priorité 1, et personne ne s’en occupe.".to_owned(),
        Line::EscalatedByRule(rule, Whom::Level(level)) => {
            format!("Escaladé au niveau {} par la règle « {rule} ».", self::level(*level))
        }
        Line::EscalatedByRule(rule, Whom::Vendor(vendor)) => {
            format!("Escaladé à {vendor} par la règle « {rule} » : le fournisseur a le texte de la demande.")
        }
        Line::PriorityByRule(rule, priority) => format!("Priorité {priority}, par la règle « {rule} »."),
        Line::NotHandedOver(rule, vendor, why) => format!(
            "La règle « {rule} » aurait escaladé ceci à {vendor} et ne l’a pas fait : {}. Pour le faire vous-même : #escalader N3 {vendor} : résumé",
            withheld(*why)
        ),
        Line::SentToRequester => "Votre texte est parti au demandeur.".to_owned(),
        Line::SolutionSent => "La solution est partie au demandeur.".to_owned(),
        Line::NotedForDesk => "Note interne enregistrée.".to_owned(),
        Line::Owner(name) => format!("Billet attribué à {name}."),
        Line::StateIs(standing) => format!("État : {}.", state(*standing)),
        Line::LevelIs(level) => format!("Niveau : {}.", self::level(*level)),
        Line::EscalatedTo(Whom::Level(level)) => format!("Escaladé au niveau {}.", self::level(*level)),
        Line::EscalatedTo(Whom::Vendor(vendor)) => format!("Escaladé à {vendor}."),
        Line::MailedTo(names) => format!("Un courriel là-dessus est parti à : {names}."),
        Line::SpecialistsAnnounced => "Le demandeur a été avisé que des spécialistes s’en occupent.".to_owned(),
        Line::Acknowledged => "Un accusé de réception est parti au demandeur.".to_owned(),
        Line::BriefWasRequest => "Aucun résumé n’était donné : le texte de la demande est parti à sa place.".to_owned(),
        Line::WroteToVendor(vendor) => format!("Votre texte est parti au fournisseur {vendor}."),
        Line::CaseNumberIs(number) => format!("Numéro de dossier du fournisseur : {number}."),
        Line::PriorityIs(priority) => format!("Priorité : {priority}."),
        Line::ServiceIs(service) => format!("Service : {service}."),
        Line::DeskIs(desk) => format!("Guichet : {desk}."),
        Line::OwnerIsOfAnotherDesk(name) => format!("{name} n’est pas de ce guichet : le billet n’a plus de responsable."),
        Line::MovedFromDesk(desk) => format!("Transféré du guichet « {desk} »."),
        Line::AlsoWrittenTo(desk, reference) => format!(
            "Ce message a aussi été écrit à votre guichet. Le guichet « {desk} » s’en occupe, sous {reference}; votre réponse n’est lue que par des agents."
        ),
        Line::ParticipantAdded(address) => format!("{address} suit maintenant le billet."),
        Line::ParticipantRemoved(address) => format!("{address} ne suit plus le billet."),
        Line::RequesterIs(address) => format!("Demandeur : {address}."),
        Line::FixSent(fix) => format!("Solution connue « {fix} » envoyée."),
        Line::FixAnswered(fix) => {
            format!("La solution connue « {fix} » a été envoyée au demandeur comme réponse automatique.")
        }
        Line::FixSuggested(fix) => format!("La solution connue « {fix} » est suggérée au demandeur."),
        Line::FixDrafted(fix, symptoms) => format!(
            "Brouillon « {fix} » ajouté aux solutions connues, pour les agents seulement : relisez-le avant de l’offrir. Symptômes retenus : {symptoms}"
        ),
        Line::NoFixFolder => "Ce guichet n’a pas de dossier de solutions connues.".to_owned(),
        Line::NotResolved => {
            "Le billet n’est pas résolu : une solution se rédige une fois qu’elle a fait ses preuves.".to_owned()
        }
        Line::NoSolution => {
            "Aucune réponse n’est partie au demandeur : écrivez la solution sous la commande.".to_owned()
        }
        Line::MergedInto(reference) => format!("Fusionné dans {reference}."),
        Line::Consulted(address) => format!("Votre question est partie à {address}, dans un fil à part."),
        Line::ConsultsReader(address) => format!("{address} suit ce billet : écrivez-lui avec #répondre."),
        Line::ConsultsStaff(address) => format!("{address} travaille ici : #assigner {address}, ou #escalader N2."),
        Line::ConsultsVendor(address, vendor) => {
            format!("{address} est le fournisseur {vendor} : #fournisseur {vendor} : texte")
        }
        Line::ConsultsNobody(address) => {
            format!("{address} ne peut pas être consulté : c’est un guichet, une liste, ou personne ne le lit.")
        }
        Line::SplitInto(reference, whom) => {
            format!("Ce courriel est un billet à part : {reference}, pour {whom}. Les réponses à ses lettres y vont.")
        }
        Line::SplitFrom(reference) => format!("Ce courriel était sur {reference}, et en a été détaché."),
        Line::SplitUntold => "Son auteur n’en est pas averti : non vérifié, injoignable, ou un frein retient la lettre.".to_owned(),
        Line::NothingToSplit => "#scinder répond à une lettre sur un courriel du demandeur ou d’un participant : ce courriel \
             devient un billet à part."
            .to_owned(),
        Line::SplitAlready => "Ce courriel n’est plus sur ce billet : il en a déjà été scindé. La lettre sur son billet à lui \
             dit lequel c’est, et la suite y va."
            .to_owned(),
        Line::SplitsFirst => "Le billet a commencé par ce courriel : il y reste. Répondez à une lettre sur un courriel \
             ultérieur, ou transférez celui-ci au guichet."
            .to_owned(),
        Line::SplitsAlone => "#scinder se met une fois par courriel, et sans réponse : répondez à la lettre sur le nouveau \
             billet, qui arrive aussitôt."
            .to_owned(),
        Line::Linked(reference) => format!("Lié à {reference}."),
        Line::Published => "La réponse du fournisseur est partie au demandeur, en notre nom.".to_owned(),
        Line::TicketOpenedFor(reference, whom) => format!("Billet {reference} ouvert pour {whom}."),
        Line::AttachmentWithheld(name) => {
            format!("La pièce jointe « {name} » contient une de nos lettres internes : elle n’est pas partie.")
        }
        Line::WithdrawnBy(name) => format!("{name} a écarté votre réponse : rien n’en a été envoyé."),
        Line::LeavesAt(readers, hour) => format!(
            "Votre réponse à {readers} part à {hour}. D’ici là, #annuler la retire, et #ok l’envoie tout de suite."
        ),
        Line::LeftAlready(readers) => {
            format!("Il est trop tard : votre réponse est partie, à {readers}.")
        }
        Line::Withdrawn => "Le courriel retenu est annulé; rien n’est parti.".to_owned(),
        Line::Slip(slip) => self::slip(slip),
        Line::NoTicket => "Ce courriel ne désigne aucun billet. Répondez à une lettre du guichet qui porte sur le billet.".to_owned(),
        Line::NoSuchTicket(reference) => format!(
            "Le billet {reference} n’existe pas. Le numéro d’un billet se lit entre crochets dans l’objet de ses lettres."
        ),
        Line::NoSuchAgent(address, agents) => {
            format!("{address} n’est pas un agent d’ici; les agents sont : {}.", known(agents, "aucun"))
        }
        Line::NoSuchFix(fix, Some(near), _) => {
            format!("La solution connue « {fix} » n’existe pas. Vouliez-vous « #solution {near} »?")
        }
        Line::NoSuchFix(fix, None, fixes) => {
            format!("La solution connue « {fix} » n’existe pas. Celles d’ici : {}.", known(fixes, "il n’y en a aucune"))
        }
        Line::NoSuchDesk(desk, desks) => {
            format!("Le guichet « {desk} » n’existe pas; les guichets sont : {}.", known(desks, "aucun"))
        }
        Line::AlreadyAtDesk(desk) => format!("Le billet est déjà au guichet « {desk} » : enlevez la commande."),
        Line::OfAnotherDesk(reference, desk) => format!(
            "{reference} est un billet du guichet « {desk} » : transférez d’abord l’un des deux par « #desk »."
        ),
        Line::NoSuchAttachment(number, 0) => {
            format!("Il n’y a pas de pièce jointe n° {number} : ce billet n’en a aucune.")
        }
        Line::NoSuchAttachment(number, all) => {
            format!("Il n’y a pas de pièce jointe n° {number} : elles sont numérotées de 1 à {all}.")
        }
        Line::AttachmentsAre(0) => "Ce billet n’a aucune pièce jointe.".to_owned(),
        Line::AttachmentsAre(all) => format!("Les pièces jointes de ce billet sont numérotées de 1 à {all}."),
        Line::WhichVendor([]) => "Aucun fournisseur n’est configuré : rien ne va au niveau N3.".to_owned(),
        Line::WhichVendor(vendors) => format!(
            "Quel fournisseur? Écrivez « #escalader N3 {} : résumé »; les fournisseurs sont : {}.",
            vendors[0],
            known(vendors, "aucun")
        ),
        Line::NoTeam(level) => format!(
            "Il n’y a ni équipe ni agent au niveau {}. Écrivez un autre niveau, ou « #assigner NOM ».",
            self::level(*level)
        ),
        Line::AlreadyAt(level) => {
            format!("Le billet est déjà au niveau {} : enlevez la commande.", self::level(*level))
        }
        Line::NoWayUp(level) => {
            format!("Le billet est déjà plus haut que {0}. Écrivez « #retour {0} : motif ».", self::level(*level))
        }
        Line::NoWayDown(level) => {
            format!("Le billet n’est pas encore au niveau {0}. Écrivez « #escalader {0} : résumé ».", self::level(*level))
        }
        Line::IntoItself(reference) => format!(
            "Le billet {reference} ne peut pas être fusionné avec lui-même. Écrivez le numéro de l’autre billet : « #fusionner R-… »."
        ),
        Line::MergedAlready(reference) => {
            format!("Le billet {reference} est déjà fusionné dans celui-ci : il n’y a rien à faire.")
        }
        Line::LinkedToItself(reference) => format!(
            "Le billet {reference} ne peut pas être lié à lui-même. Écrivez le numéro de l’autre billet : « #lier R-… »."
        ),
        Line::DateIsPast(day) => {
            format!("Le {} n’est plus à venir. Écrivez un jour à venir, ou « #attente 3 jours ».", day.french())
        }
        Line::NothingToPublish => {
            "Aucune réponse de fournisseur à publier. Écrivez sous la commande le texte à envoyer au demandeur.".to_owned()
        }
        Line::NothingHeld => {
            "Rien n’est retenu pour cette lettre. Répondez à celle qui dit ce qui est retenu.".to_owned()
        }
        Line::CodeAnswersNothing => {
            "Ce code ne répond à aucune lettre. Écrivez-le en répondant à la lettre qui l’a donné.".to_owned()
        }
        Line::NobodyReachable => "Le demandeur ne peut pas être joint par courriel (adresse sans lecteur). Écrivez une note, ou \
             nommez quelqu’un d’autre avec « #demandeur ADRESSE »."
            .to_owned(),
        Line::MayNotParticipate(address) => format!(
            "{address} ne peut pas suivre un billet : agents, fournisseurs, listes, robots et adresses du guichet n’en suivent pas. \
             Écrivez l’adresse d’une personne."
        ),
        Line::NoteIsEmpty => "La note est vide. Écrivez-la derrière #note, ou sur la ligne suivante.".to_owned(),
        Line::AnswerIsEmpty => {
            "La réponse est vide. Écrivez-la derrière #répondre, ou sur la ligne suivante.".to_owned()
        }
        Line::NothingToConsult(address) => {
            format!("Il n’y a rien à demander à {address}. Écrivez « #consulter {address} : question ».")
        }
        Line::NothingForVendor(vendor) => format!(
            "Il n’y a rien pour {vendor}. Écrivez « #fournisseur {vendor} : texte » ou « #fournisseur {vendor} ref=DOSSIER »."
        ),
        Line::FilesGoNowhere => {
            "#pièces joint des fichiers à un texte, et il n’y en a pas. Écrivez-le sous la commande.".to_owned()
        }
        Line::ColleagueAnswered(name, words) => {
            format!("{name} a répondu au demandeur après la lettre à laquelle vous répondez :\n{words}")
        }
        Line::StateChanged(standing) => {
            format!("L’état a changé après la lettre à laquelle vous répondez : {}.", state(*standing))
        }
        Line::LooksSecret => {
            "Le texte semble contenir un secret (carte, NAS, mot de passe) : il n’est pas remis au fournisseur."
                .to_owned()
        }
        Line::NamedByForm(form) => format!("Le formulaire {form} nomme le demandeur; rien ne prouve que c’est lui."),
        Line::FormNamesNobody(form) => format!("Le formulaire {form} ne nomme aucun demandeur lisible : personne n’a reçu d’accusé. Nommez-le par #demandeur ADRESSE."),
        Line::FormNamesOurs(form) => format!("Le formulaire {form} nomme comme demandeur une adresse d’ici, d’un fournisseur ou d’un programme : personne n’a reçu d’accusé."),
        Line::NamedByList(form) => format!("Venu par la liste {form}, qui nomme l’auteur; rien ne prouve que c’est lui."),
        Line::ListNamesNobody(form) => format!("Venu par la liste {form}, sous l’adresse de celle-ci : on ne sait pas qui a écrit, et personne n’a reçu d’accusé. Nommez le demandeur par #demandeur ADRESSE."),
        Line::RedirectedBy(form) => format!("Réacheminé par {form}, ce qui a cassé la preuve de l’auteur."),
        Line::FormBrakeTripped => "Trop d’accusés demandés par ce formulaire en une heure : ils sont suspendus.".to_owned(),
        Line::ForwardNamesNobody(reference) => format!("Billet {reference} ouvert sans demandeur : le courriel transféré ne dit pas son adresse. Nommez-le par #demandeur ADRESSE."),
        Line::NoCommandDone => "Aucune de vos commandes n’a été exécutée :".to_owned(),
        Line::BrakeTripped => "Trop de lettres automatiques à ce correspondant : elles sont suspendues.".to_owned(),
        Line::Complained(address) => format!("{address} a marqué une de nos lettres comme indésirable, et ne reçoit plus de lettre automatique. Vos propres réponses y vont encore."),
        Line::ComplaintBrakes => "Le demandeur a marqué une de nos lettres comme indésirable : les lettres automatiques sont retenues.".to_owned(),
        Line::UnlistedColleague(address) => {
            format!("{address} a répondu à une lettre interne sans être un agent connu; rien n’est parti.")
        }
        Line::Found(words, Found { tickets: 0, .. }) => format!(
            "Rien n’a été trouvé pour « {words} ». Les mots des objets, ainsi que des noms et adresses des demandeurs, sont \
             cherchés; tous doivent convenir."
        ),
        Line::Found(words, Found { tickets, more: false }) => format!("Trouvé pour « {words} » : {tickets}."),
        Line::Found(words, Found { tickets, more: true }) => {
            format!("Trouvé pour « {words} » : les {tickets} plus récents, il y en a d’autres; un mot de plus restreint.")
        }
        Line::Requester(name) => format!("Demandeur : {name}."),
        Line::OpenedAt(moment) => format!("Ouvert le {moment}."),
        Line::Disclosed(disclosure, at) => {
            let whom = match (&disclosure.vendor, disclosure.privacy) {
                (Some(vendor), Some(Privacy::Pseudonym)) => format!(", pour {vendor}, sous pseudonyme"),
                (Some(vendor), Some(Privacy::Full)) => format!(", pour {vendor}, en clair"),
                (Some(vendor), None) => format!(", pour {vendor}"),
                (None, _) => String::new(),
            };
            let doubt = if disclosure.in_doubt { " (en doute : la réponse du relais s’est perdue)" } else { "" };
            let (what, to, files) = (letter(disclosure.purpose), &disclosure.recipient, names_with_digests(disclosure));
            format!("Parti le {at} à {to}{whom} : {what}{doubt}{files}.")
        }
        Line::DisclosedEarlier(count) => {
            format!("Envois plus anciens hors du guichet : {count}; `guichet ticket disclosures` les montre tous.")
        }
        Line::TakenForJunk => "Le serveur de courriel l’a pris pour un indésirable.".to_owned(),
        Line::MoreAlike(count) => format!("Autres demandes semblables\u{a0}: {count}."),
        Line::MoreJunk(count) => format!("Et {count} de plus, dans la prochaine liste."),
        Line::KeyRetired(address) => {
            format!("Courriel de l’agent {address} qui répond à une lettre dont la clé est retirée.")
        }
        Line::AnsweredRetiredKey => {
            "NON ENVOYÉ AU DEMANDEUR : la lettre à laquelle vous répondez est signée d’une clé retirée. Rien de votre \
             courriel n’a été exécuté, et il attend en quarantaine. Répondez à une lettre plus récente du billet, ou écrivez au \
             guichet avec la référence du billet dans l’objet."
                .to_owned()
        }
        Line::AgentUnverified(address) => format!("Courriel au nom de l’agent {address}, non authentifié."),
        Line::VendorUnverified(address) => format!("Courriel au nom du fournisseur {address}, non authentifié."),
        Line::VendorWithoutCase(address) => format!("Courriel du fournisseur {address} qui ne désigne aucun billet."),
        Line::NotGivenOut(mailbox, uid, why) => format!(
            "Le serveur ne peut pas remettre un courriel qui se trouve dans la boîte {mailbox} (UID {uid}) : {why}. Ouvrez-le \
             avec un autre logiciel, ou faites réparer la boîte; #libérer le demande de nouveau au serveur."
        ),
        Line::TakenInPart(size) => format!(
            "Ce courriel compte {size}, plus que ce qui est pris\u{a0}: seul son début l’a été, sans les pièces jointes qui viennent après."
        ),
        Line::RestInMailbox => "Le courriel entier est dans la boîte du guichet.".to_owned(),
        Line::RestIsGone => "Le reste n’a pas été gardé\u{a0}: demandez les fichiers par un autre moyen.".to_owned(),
        Line::LeftOut(names) => format!("Pièces jointes laissées de côté, car trop grandes pour le serveur de courrier : {names}."),
        Line::OriginalHoldsThem => "Le courriel d’origine, dans la boîte du guichet, les contient.".to_owned(),
        Line::DidNotLeave(address, names) => format!(
            "La lettre à {address} est partie sans ces fichiers, trop grands pour le serveur de courrier : {names}."
        ),
        Line::VendorSaysClosed(vendor) => format!(
            "{vendor} dit que son dossier est clos. Le billet reste comme il est : si le problème est réglé, répondez #résolu."
        ),
        Line::MachineRecovered(machine, key) => format!(
            "{machine} dit que « {key} » fonctionne de nouveau. Le billet reste comme il est : si le problème est réglé, répondez #résolu."
        ),
        Line::MachineFailsAgain(machine, key) => format!("{machine} dit que « {key} » est de nouveau en panne."),
        Line::FailedBefore(reference) => format!("La même alerte avait ouvert {reference}, qui est terminé."),
        Line::KeyNotFound(machine) => format!(
            "Ce courriel de {machine} ne contient pas la clé configurée : chaque courriel semblable ouvre un billet à lui."
        ),
        Line::VendorRefused(vendor) => {
            format!("Le système de {vendor} n’a pas accepté notre lettre; voyez pourquoi ci-dessous.")
        }
        Line::FromOurselves => "Courriel envoyé depuis l’adresse même du guichet.".to_owned(),
        Line::AuthorProven => {
            "Un second exemplaire de ce message est arrivé : son auteur est maintenant vérifié.".to_owned()
        }
        Line::TakesOver(reference) => format!(
            "Un premier exemplaire de ce message, dont l’auteur n’était pas vérifié, avait ouvert {reference} : ce billet-là continue ici."
        ),
        Line::LinkedCopy(reference) => format!(
            "Un premier exemplaire de ce message, dont l’auteur n’était pas vérifié, avait ouvert {reference}, où l’on travaille déjà."
        ),
        Line::StandsBeside(reference) => format!(
            "Ce message touche peut-être le billet {reference}, que l’auteur suit, mais rien ne dit qu’il est pour ceux qui le lisent. #fusionner {reference} les réunit."
        ),
        Line::Mentions(reference) => format!("L’auteur cite le billet {reference}, auquel il ne participe pas."),
        Line::DeliveryFailed(address, reason) => format!("La lettre à {address} n’est pas arrivée : {reason}"),
        Line::Reopened => "Le demandeur a rouvert le billet.".to_owned(),
        Line::SolvedByKnownFix(fix) => {
            format!("La solution connue {fix} a réglé le problème : le billet est résolu, il n’y a rien à faire.")
        }
        Line::FixSuspended(fix) => {
            format!(
                "La solution connue {fix} n’aide pas assez souvent : elle n’est plus envoyée comme réponse automatique, seulement suggérée, tant qu’elle n’est pas revue."
            )
        }
        Line::MajorIs(title, 0) => {
            format!("Incident majeur : « {title} ». Les nouvelles demandes semblables s’y joignent.")
        }
        Line::MajorIs(title, count) => format!(
            "Incident majeur : « {title} ». Les autres demandes proposées ({count}) s’y joignent, comme les nouvelles demandes semblables."
        ),
        Line::NoMajorAnyMore => "Ce n’est plus un incident majeur; ses demandes restent ouvertes, chacune à part.".to_owned(),
        Line::PartOf(reference) => format!("Fait partie de l’incident majeur {reference}, dont il recevra la solution."),
        Line::PartNoMore(reference) => format!("{reference} est une demande à part."),
        Line::PartOfNone(reference) => format!("{reference} ne fait pas partie de cet incident majeur."),
        Line::NoMajor(reference) => format!(
            "{reference} n’est pas un incident majeur en cours. Écrivez « #majeur TITRE » en réponse à une lettre à son sujet."
        ),
        Line::NoTitle => {
            "Il n’y a pas de titre derrière #majeur. Écrivez « #majeur TITRE » ou « #majeur R-000123 ».".to_owned()
        }
        Line::NothingForAll => "Il n’y a rien pour tous. Écrivez le texte sous #majeur.".to_owned(),
        Line::IsOver(reference) => format!("{reference} est terminé. Rouvrez-le d’abord : #rouvrir."),
        Line::HasChildren => {
            "D’autres demandes font partie de cet incident majeur. Résolvez-le pour tous avec #résolu, ou mettez-y fin avec « #majeur - ».".to_owned()
        }
        Line::SolvedForAll(count) => {
            format!("Les demandes qui font partie de l’incident majeur sont résolues avec lui et l’apprennent : {count}.")
        }
        Line::ChildrenGoBack(count) => {
            format!("Les demandes qui faisaient partie de l’incident majeur reviennent à l’équipe, chacune à part : {count}.")
        }
        Line::ChildrenGoAlong(count) => {
            format!("Les demandes qui faisaient partie de l’incident majeur suivent : {count}.")
        }
        Line::MajorIsSolved(None) => "Le problème que plusieurs personnes avaient est réglé.".to_owned(),
        Line::MajorIsSolved(Some(title)) => format!("Le problème que plusieurs personnes avaient est réglé : {title}."),
        Line::GoesToAll(count) => format!("Le texte va à tous; demandes qui font partie de l’incident majeur : {count}."),
        Line::OthersDidNotGetIt(count) => format!(
            "Les autres demandes de cet incident majeur ({count}) ne l’ont pas reçu. #majeur au-dessus d’un texte l’envoie à tous."
        ),
        Line::NamesSomebody(name) => {
            format!("Ce texte va à tous ceux que l’incident majeur concerne, et il nomme {name}.")
        }
        Line::YouAreAway(None, None) => "Votre absence est enregistrée.".to_owned(),
        Line::YouAreAway(None, Some(until)) => format!(
            "Votre absence est enregistrée : jusqu’au {}. Pour y mettre fin plus tôt, répondez #présent.",
            until.french()
        ),
        Line::YouAreAway(Some(from), until) => {
            let until = until.map(|until| format!(" jusqu’au {}", until.french())).unwrap_or_default();
            format!("Votre absence est enregistrée : du {}{until}. Pour y renoncer, répondez #présent.", from.french())
        }
        Line::TicketsWentBack(0) => "Aucun billet ouvert n’était à vous.".to_owned(),
        Line::TicketsWentBack(1) => "Votre billet ouvert est revenu à l’équipe.".to_owned(),
        Line::TicketsWentBack(count) => format!("Vos {count} billets ouverts sont revenus à l’équipe."),
        Line::TicketsGoBackThen => "Vos billets ouverts reviendront à l’équipe ce jour-là.".to_owned(),
        Line::YouAreBack => "Votre absence est terminée.".to_owned(),
        Line::YouWereNotAway => "Aucune absence n’était enregistrée.".to_owned(),
        Line::AbsenceIsPast(day) => {
            format!("Le {} n’est plus à venir. Écrivez un jour à venir, ou « #absent 3 jours ».", day.french())
        }
        Line::IsAway { name, until, told_by } => {
            let until = until.map(|until| format!(" jusqu’au {}", until.french())).unwrap_or_default();
            match told_by {
                ToldBy::Agent => format!("{name} s’absente{until}."),
                ToldBy::Robot => format!("{name} s’absente{until}, selon son message d’absence."),
            }
        }
        Line::StaysWithTeam => "Pendant votre absence, le billet reste à l’équipe.".to_owned(),
        Line::AlsoToTeam(AlsoToTeam::Away(until)) => {
            let until = until.map(|until| format!(" jusqu’au {}", until.french())).unwrap_or_default();
            format!("Cette lettre va aussi à l’équipe : le responsable s’absente{until}.")
        }
        Line::AlsoToTeam(AlsoToTeam::Closed) => {
            "Cette lettre va aussi à l’équipe : elle arrive hors des heures de travail.".to_owned()
        }
        Line::AlsoToTeam(AlsoToTeam::Late) => {
            "Cette lettre va aussi à l’équipe : une réponse est en retard.".to_owned()
        }
        Line::LooksAutomatic => {
            "Ce courriel semble automatique, à ses mots seuls : il n’a pas reçu de réponse, et l’état du billet n’a pas changé.".to_owned()
        }
        Line::AnswerLooksAutomatic => {
            "Votre texte ressemble à un avis d’absence ou à une autre réponse automatique : il n’est pas parti.".to_owned()
        }
        Line::MarkedAutomatic => {
            "Ce courriel est marqué comme automatique et contient les mots de quelqu’un : l’état du billet n’a pas changé."
                .to_owned()
        }
        Line::OkHint => "Pour l’envoyer quand même, répondez #ok; pour l’annuler, #annuler.".to_owned(),
        Line::WhichMail => "Lequel de ces courriels? Écrivez son numéro : #libérer NUMÉRO.".to_owned(),
        Line::NotRead => {
            "Ce courriel n’a pas pu être lu : il est abîmé, ou le serveur de la boîte ne le remet pas.".to_owned()
        }
        Line::LetOut => "Le courriel est sorti de la quarantaine, s’il y était encore.".to_owned(),
        Line::Subject(subject) => format!("Objet : {subject}"),
        Line::FilesStay(names) => {
            format!("Pièces jointes restées ici : {names}. Pour les joindre, nommez-les avec #pièces.")
        }
        Line::WhichAnswer(vendors) => {
            format!(
                "Plusieurs fournisseurs ont répondu ({vendors}) : répondez à la lettre qui montre la réponse à publier."
            )
        }
        Line::VendorAnsweredAnew(vendor, newer) => {
            format!("{vendor} a répondu de nouveau depuis la lettre à laquelle vous répondez :\n{newer}")
        }
        Line::RequesterHasIt(whom) => {
            format!(
                "Votre réponse à {whom} est inscrite au billet; vous l’avez envoyée vous-même, rien n’est parti d’ici."
            )
        }
        Line::InnerForward => "Un courriel transféré reste entre nous.".to_owned(),
        Line::InnerWrittenTo("") => "Votre courriel n’est pas adressé au guichet : il reste entre nous.".to_owned(),
        Line::InnerWrittenTo(whom) => format!("Votre courriel est adressé à {whom} : il reste entre nous."),
        Line::InnerAnswersNothing => {
            "Votre courriel ne répond à aucune lettre du demandeur : il reste entre nous.".to_owned()
        }
        Line::InnerLetter => "La lettre à laquelle vous répondez est interne : votre réponse aussi.".to_owned(),
        Line::InnerNotDirect => {
            "Les réponses de votre équipe passent par le premier niveau : il a votre texte, et l’envoie ou l’écarte."
                .to_owned()
        }
        Line::AsksToPassOn(name) => format!(
            "{name} répond au demandeur par votre intermédiaire. #ok envoie cette réponse au nom de {name}, #annuler l’écarte."
        ),
        Line::AlsoRead(whom) => {
            format!("Attention : {whom} était en destinataire ou en copie de votre courriel et l’a lu.")
        }
        Line::NewReaders(whom) => {
            format!("{whom} lit aussi vos réponses depuis la lettre à laquelle vous répondez.")
        }
        Line::Unreadable(Unreadable::Encrypted) => {
            "Votre courriel est chiffré : le guichet ne peut pas le lire. Envoyez-le en clair.".to_owned()
        }
        Line::Unreadable(_) => "Le guichet n’a pas pu lire votre courriel. Envoyez-le en texte ou en HTML.".to_owned(),
        Line::HoldsOthersLetter => {
            "Votre texte contient une de nos lettres qui n’était pas pour son destinataire.".to_owned()
        }
        Line::HoldsOthersWords(words) => {
            format!("Votre texte contient des mots écrits pour d’autres : « {words} ».")
        }
        Line::AttachmentOfNote(name) => {
            format!("La pièce jointe « {name} » vient d’une note interne : elle ne sort pas du guichet.")
        }
    }
}

fn withheld(why: Withheld) -> &'static str {
    match why {
        Withheld::Secret => "le texte semble contenir un secret (carte, NAS, mot de passe)",
        Withheld::OthersWords => "le texte contient des mots écrits pour d’autres",
        Withheld::Unproven => "l’expéditeur n’a pas pu être authentifié",
        Withheld::Automatic => "un programme semble l’avoir écrit",
        Withheld::Brake => "trop de dossiers y ont été ouverts dans l’heure",
    }
}

fn slip(slip: &Slip) -> String {
    match slip {
        Slip::Unknown { word, meant: Some(meant) } => {
            format!("Commande inconnue : « {word} ». Vouliez-vous « #{meant} »? Répondez #aide pour la liste.")
        }
        Slip::Unknown { word, meant: None } => {
            format!("Commande inconnue : « {word} ». Répondez #aide pour la liste.")
        }
        Slip::BadArgument(bad) => bad_argument(bad),
        Slip::TextBehind { command, text } => format!(
            "À qui s’adressent les mots « {text} » derrière {command}? Un texte se met sur une ligne à part, une note derrière #note."
        ),
        Slip::CommandInText(word) => format!(
            "« {word} » se trouve dans le texte. Les commandes vont au début des premières lignes, une par ligne; si le mot fait partie du texte, enlevez son #."
        ),
        Slip::AlmostCommand { written, meant } => format!(
            "« {written} » ressemble à une commande et n’en est pas une. Écrivez « {meant} » tout au début de la première ligne; si le mot fait partie du texte, enlevez son #."
        ),
        Slip::CommandInSubject(word) => format!(
            "« {word} » se trouve dans l’objet, où aucune commande n’est lue. Écrivez « {word} » sur la première ligne du texte."
        ),
        Slip::TwoClaimTheText(a, b) => {
            format!("« {a} » et « {b} » réclament le même texte. Envoyez deux courriels.")
        }
        Slip::NothingBehindColon { command } => format!(
            "Il n’y a rien derrière le deux-points de « {command} ». Écrivez-y le texte, ou sur la ligne suivante."
        ),
    }
}

fn bad_argument(bad: &BadArgument) -> String {
    let BadArgument { command, written, wanted } = bad;
    let first = |names: &[String], else_: &str| names.first().map_or(else_.to_owned(), Clone::clone);
    // What it is, what is known of it, how to write it.
    let (what, such, write) = match wanted {
        Wanted::LevelAbove(None) => ("un niveau où escalader", "N2, N3".to_owned(), format!("{command} N2 : résumé")),
        Wanted::LevelAbove(Some(vendor)) => (
            "un niveau où escalader",
            "N2, N3".to_owned(),
            format!("{command} N2 : résumé » ou « {command} N3 {vendor} : résumé"),
        ),
        Wanted::LevelBelow => ("un niveau où revenir", "N1, N2".to_owned(), format!("{command} N1 : motif")),
        Wanted::VendorOfL3(vendors) => {
            let vendor = first(vendors, "FOURNISSEUR");
            ("un fournisseur connu", known(vendors, "il n’y en a aucun"), format!("{command} N3 {vendor} : résumé"))
        }
        Wanted::Vendor(vendors) => {
            let vendor = first(vendors, "FOURNISSEUR");
            ("un fournisseur connu", known(vendors, "il n’y en a aucun"), format!("{command} {vendor} : texte"))
        }
        Wanted::Agent(agents) => {
            ("un agent connu", known(agents, "il n’y en a aucun"), format!("{command} {}", first(agents, "ADRESSE")))
        }
        Wanted::OneOfAgents(agents) => {
            ("le nom d’un seul agent", known(agents, "aucun"), format!("{command} {}", first(agents, "ADRESSE")))
        }
        Wanted::Participants => ("une adresse", "nom@exemple.com".to_owned(), format!("{command} +nom@exemple.com")),
        Wanted::Requester => ("une adresse", "nom@exemple.com".to_owned(), format!("{command} nom@exemple.com")),
        Wanted::Priority => ("une priorité", "1 (la plus haute), 2, 3, 4".to_owned(), format!("{command} 2")),
        Wanted::Service => ("un service", "son nom".to_owned(), format!("{command} NOM")),
        Wanted::Desk(desks) => {
            ("un guichet connu", known(desks, "il n’y en a aucun"), format!("{command} {}", first(desks, "NOM")))
        }
        Wanted::Reference => ("le numéro d’un billet", "R-000123".to_owned(), format!("{command} R-000123")),
        Wanted::Wait => (
            "un motif d’attente",
            "demandeur, fournisseur, un jour (lundi, 3 décembre, demain 9 h, AAAA-MM-JJ) ou une durée (3 jours, 4 h)"
                .to_owned(),
            format!("{command} demandeur » ou « {command} 3 jours"),
        ),
        Wanted::Absence => (
            "un jour de retour",
            "lundi, 3 décembre, AAAA-MM-JJ, 3 jours, du 3 au 10 décembre".to_owned(),
            format!("{command} lundi » ou « {command} 3 jours"),
        ),
        Wanted::Attachments => ("le numéro d’une pièce jointe", "1 ou plus".to_owned(), format!("{command} 1,2")),
        Wanted::Fix => (
            "une solution connue",
            "son identifiant".to_owned(),
            format!("{command} IDENTIFIANT » ou « {command} nouveau TITRE"),
        ),
        Wanted::Words => {
            ("un mot à chercher", "d’un objet, d’un nom ou d’une adresse".to_owned(), format!("{command} imprimante"))
        }
        Wanted::Consulted => (
            "une adresse",
            "celle de la personne à consulter".to_owned(),
            format!("{command} expert@example.com : question"),
        ),
        Wanted::TicketTitle => ("un titre", "celui du nouveau billet".to_owned(), format!("{command} TITRE")),
        Wanted::Title => ("un titre", "celui de la nouvelle solution".to_owned(), format!("{command} nouveau TITRE")),
    };
    match written {
        Some(written) => format!("« {written} » n’est pas {what} : {such}. Écrivez « {write} »."),
        None => format!("Il manque {what} derrière « {command} » : {such}. Écrivez « {write} »."),
    }
}

/// What a clock stands for.
pub(super) fn promise(clock: ClockName) -> &'static str {
    match clock {
        ClockName::Tto => "Première réponse",
        ClockName::Ttr => "Résolution",
        ClockName::Tnr => "Réponse suivante",
        ClockName::Ola => "Prise en charge par l’équipe",
    }
}

pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::L1 => "N1",
        Level::L2 => "N2",
        Level::L3 => "N3",
    }
}

/// Where a ticket stands, as agents say it: masculine.
pub(super) fn state(standing: Standing) -> String {
    let said = match standing.state {
        State::New => "nouveau",
        State::Open => "attribué",
        State::Pending { reason: PendingReason::Requester } => "en attente du demandeur",
        State::Pending { reason: PendingReason::Vendor } => "en attente du fournisseur",
        State::Pending { reason: PendingReason::Until { .. } } => return waiting(standing.until),
        State::Resolved => "résolu",
        State::Closed => "fermé",
        State::Spam => "pourriel",
    };
    said.to_owned()
}

/// Where a request stands, as its requester says it: feminine.
pub(super) fn state_of_request(standing: Standing) -> String {
    let said = match standing.state {
        State::New => "nouvelle",
        State::Open => "prise en charge",
        State::Pending { reason: PendingReason::Requester } => "en attente de votre réponse",
        State::Pending { reason: PendingReason::Vendor } => "en attente d’un spécialiste",
        State::Pending { reason: PendingReason::Until { .. } } => return waiting(standing.until),
        State::Resolved => "résolue",
        State::Closed | State::Spam => "fermée",
    };
    said.to_owned()
}

fn waiting(until: Option<Day>) -> String {
    until.map_or_else(|| "en attente".to_owned(), |day| format!("en attente jusqu’au {}", day.french()))
}

/// Who wrote, where no name is known.
pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Requester => "le demandeur",
        Role::Participant => "un participant",
        Role::Agent => "un agent",
        Role::Vendor => "le fournisseur",
        Role::System => "le guichet",
        Role::Unknown => "expéditeur inconnu",
    }
}

/// What a letter to somebody outside is called.
fn letter(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Acknowledgement | Purpose::CrowdAcknowledgement | Purpose::AcknowledgementGeneric => {
            "accusé de réception"
        }
        Purpose::KnownFix => "solution connue",
        Purpose::Answer => "réponse",
        Purpose::PassedOn => "transmission à des spécialistes",
        Purpose::Resolved => "résolution",
        Purpose::Reminder => "rappel",
        Purpose::Status => "état du billet",
        Purpose::LanguageSwitched => "changement de langue",
        Purpose::Case => "dossier",
        Purpose::FollowUp => "suite du dossier",
        Purpose::Chase => "relance",
        other => other.name(),
    }
}
