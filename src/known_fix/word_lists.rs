//! Words that carry no or little meaning in a request for help, folded (see `words`).

use std::sync::LazyLock;

use super::hash::{self, ByHash};

/// Why a word does not count in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// A greeting, thanks, a day of the week: carries nothing.
    Courtesy,
    /// A French grammatical word: carries next to nothing.
    French,
    /// An English grammatical word: carries next to nothing.
    English,
    /// Stands in requests of every sort: carries little.
    Common,
}

/// `None` for a word, with its hash, that counts in full.
pub(super) fn weight_of(word: &str, hash: u64) -> Option<Weight> {
    LISTED.get(&hash).filter(|(listed, _)| *listed == word).map(|(_, weight)| *weight)
}

static LISTED: LazyLock<ByHash<(&str, Weight)>> = LazyLock::new(|| {
    let lists =
        [(COURTESY, Weight::Courtesy), (FRENCH, Weight::French), (ENGLISH, Weight::English), (COMMON, Weight::Common)];
    let words = lists.into_iter().flat_map(|(list, weight)| list.split_whitespace().map(move |word| (word, weight)));
    words.map(|(word, weight)| (hash::of_word(word), (word, weight))).collect()
});

const COURTESY: &str = "
    bonjour bonsoir salut allo coucou merci mercis remercie remercier remerciements cordialement salutations bonne
    journee soiree matinee svp stp plait bienvenue madame monsieur mme mr amicalement sincerement avance attente reponse
    aide aider aidez besoin question aujourdhui matin hier soir semaine lundi mardi mercredi jeudi vendredi
    hello hi hey dear good morning afternoon evening day thanks thank thx ty please pls kindly regards best sincerely
    cheers greetings welcome sir madam team appreciate advance help helping need question
    today yesterday tonight monday tuesday wednesday thursday friday week
    re fw fwd tr ok okay";

const FRENCH: &str = "
    le la les un une des du de au aux et ou mais donc ni ce cet cette ces cela ca ceci celui celle ceux celles
    je tu il elle nous vous ils elles moi toi lui leur leurs se soi mon ma mes ton ta tes sa ses notre nos votre vos
    qui que quoi dont quel quelle quels quelles en y dans par pour avec sur sous chez vers entre sans selon depuis pendant
    est suis es sommes etes sont etait etais etaient ete etre sera serait soit ai as avons avez ont avait avais avoir eu
    aura aurait ayant fait fais faire faites font fasse vais va vas allons allez vont aller alle peux peut pouvons pouvez
    peuvent pourrait pourriez pouvoir veux veut voudrais vouloir voulais dois doit devons devez devrait aimerais souhaite
    souhaiterais ne pas plus tres trop aussi bien si comme alors ainsi encore deja toujours jamais tout toute tous toutes
    meme autre autres quelque quelques chaque lors lorsque quand puis apres avant ici voici voila oui non rien
    quelquun beaucoup plusieurs parce etait jai jarrive cest dun dune";

const ENGLISH: &str = "
    the a an of to and or but nor so in on at by for with from into onto over under about as than then that this these
    those it its itself i me my mine we us our ours you your yours he him his she her hers they them their theirs
    is am are was were be been being do does did doing done have has had having will would shall should can could may
    might must not no dont doesnt didnt isnt arent wasnt werent havent hasnt hadnt wont wouldnt shouldnt couldnt cant
    cannot im ive id ill youre youve theyre weve were lets thats theres whats if else when while because just also too very
    really still already yet only some any all both each every other another such own same there here now again since
    yes want like get getting got hour hours ago";

const COMMON: &str = "
    how what where who whom which why whose much many long often comment pourquoi combien
    probleme problemes souci soucis erreur erreurs panne bug bogue fonctionne fonctionnent fonctionner
    fonctionnait marche marchent marcher marchait arrive arrivent arriver reussis reussit impossible essaye essayer
    essai tente tenter bloque bloquee nouveau nouvelle nouveaux ordinateur ordi poste pc machine appareil logiciel
    application appli systeme site demande demander sais savoir dit dire donne donner mettre mets met chose choses
    problem problems issue issues error errors trouble broken wrong fail fails failed failing failure work works working
    worked unable impossible try tried trying new computer laptop device machine software application app system website
    use using used make makes made know tell let see say says said give take thing things something anything nothing
    way able happen happens happened happening show shows showing come comes coming go goes going went keep keeps ask
    time son message messages heure heures jour jours urgent asap possible quickly vite rapidement urgence";
