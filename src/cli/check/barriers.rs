//! What keeps people from reading the letters of templates that an operator edited. They are sent nevertheless.

use super::{Fault, Line};
use crate::letters::{BarrierKind, Templates};
use crate::said;

/// One line for each barrier, whatever the number of letters that it stands in.
pub(super) fn of(templates: &Templates) -> Vec<Line> {
    let told = templates.barriers().into_iter().map(|(barrier, files)| {
        let (first, others) = (files.first().cloned().unwrap_or_default(), files.len().saturating_sub(1));
        let what = match others {
            0 => first,
            1 => said!("{first} and another one", "{first} et un autre"),
            _ => said!("{first} and {others} others", "{first} et {others} autres"),
        };
        let (problem, place) = (problem(barrier.kind), &barrier.place);
        let problem = said!("{problem}: {place}", "{problem}\u{a0}: {place}");
        Line::new(what, Err(Fault { problem, remedy: remedy(barrier.kind) }))
    });
    told.collect()
}

/// What is in the way: a sentence without its full stop.
fn problem(kind: BarrierKind) -> String {
    match kind {
        BarrierKind::NoLanguage => said!(
            "it does not say its language, and is read aloud in the sounds of another",
            "il ne dit pas sa langue et sera lu à voix haute avec les sons d’une autre"
        ),
        BarrierKind::OtherLanguage => said!(
            "it says another language than the one that it is written in",
            "il dit une autre langue que celle où il est écrit"
        ),
        BarrierKind::NoDirection => {
            said!("it does not say from which side it is read", "il ne dit pas de quel côté il se lit")
        }
        BarrierKind::NoTitle => said!("it has no title", "il n’a pas de titre"),
        BarrierKind::NoColourScheme => said!(
            "it does not say that it can be read light on dark, so mail clients turn its colours as they guess",
            "il ne dit pas qu’il se lit aussi clair sur fond sombre, si bien que les logiciels de courriel retournent ses couleurs à leur idée"
        ),
        BarrierKind::NoZoom => said!("it cannot be enlarged", "il ne peut pas être agrandi"),
        BarrierKind::LayoutTable => said!(
            "a table without headers is read aloud as data",
            "un tableau sans en-têtes est lu à voix haute comme des données"
        ),
        BarrierKind::HeadedLayoutTable => said!(
            "a table that is said to place things has headers, which nobody is told",
            "un tableau dit de présentation a des en-têtes, que personne n’entend"
        ),
        BarrierKind::HeaderWithoutScope => said!(
            "a header does not say of what it is one",
            "un en-tête de tableau ne dit pas ce dont il est l’en-tête"
        ),
        BarrierKind::NoAlternative => {
            said!("an image says nothing to those who do not see it", "une image ne dit rien à qui ne la voit pas")
        }
        BarrierKind::FirstHeading => said!("the first heading is not an <h1>", "le premier titre n’est pas un <h1>"),
        BarrierKind::SkippedHeading => said!(
            "a heading is more than one level below the one before",
            "un titre est plus d’un niveau sous le précédent"
        ),
        BarrierKind::EmptyHeading => said!("a heading says nothing", "un titre ne dit rien"),
        BarrierKind::NamelessLink => said!("a link says nothing", "un lien ne dit rien"),
        BarrierKind::VagueLink => said!("a link does not say where it leads", "un lien ne dit pas où il mène"),
        BarrierKind::OrderOfKeys => said!(
            "the keyboard goes through it in another order than it is read",
            "le clavier le parcourt dans un autre ordre que la lecture"
        ),
        BarrierKind::HiddenLink => {
            said!("the keyboard finds what is not read aloud", "le clavier trouve ce qui n’est pas lu à voix haute")
        }
        BarrierKind::DoubleId => said!("two elements have the same id", "deux éléments ont le même id"),
        BarrierKind::Contrast => said!(
            "these words are too much like what is behind them",
            "ces mots ressemblent trop à ce qui est derrière"
        ),
        BarrierKind::HalfColours => said!(
            "in dark mode these words are too much like what is behind them, because only one of the two has a colour",
            "en mode sombre ces mots ressemblent trop à ce qui est derrière, parce qu’un seul des deux a une couleur"
        ),
        BarrierKind::ContrastInTheDark => said!(
            "in dark mode these words are too much like what is behind them",
            "en mode sombre ces mots ressemblent trop à ce qui est derrière"
        ),
        BarrierKind::SmallText => said!("these words are too small", "ces mots sont trop petits"),
        BarrierKind::TightLines => said!("these lines are too close", "ces lignes sont trop serrées"),
        BarrierKind::UnbrokenLine => said!(
            "this line does not break, so that enlarged it leaves the window",
            "cette ligne ne se coupe pas, si bien qu’agrandie elle sort de la fenêtre"
        ),
        BarrierKind::FixedWidth => said!(
            "it is wider than a narrow window and does not shrink",
            "il est plus large qu’une fenêtre étroite et ne rétrécit pas"
        ),
        BarrierKind::FixedHeight => said!(
            "these words stand in a height that does not grow with them",
            "ces mots se tiennent dans une hauteur qui ne grandit pas avec eux"
        ),
        BarrierKind::UnmarkedLink => said!(
            "its colour alone tells this link from the words around it",
            "seule sa couleur distingue ce lien des mots qui l’entourent"
        ),
    }
}

fn remedy(kind: BarrierKind) -> String {
    match kind {
        BarrierKind::NoLanguage | BarrierKind::OtherLanguage | BarrierKind::NoDirection => said!(
            "Write <html lang=\"{{{{language}}}}\" dir=\"{{{{dir}}}}\">.",
            "Écrivez <html lang=\"{{{{language}}}}\" dir=\"{{{{dir}}}}\">."
        ),
        BarrierKind::NoTitle => said!(
            "Write <title>{{{{letter_subject}}}}</title> in the head.",
            "Écrivez <title>{{{{letter_subject}}}}</title> dans l’en-tête."
        ),
        BarrierKind::NoColourScheme => said!(
            "Write <meta name=\"color-scheme\" content=\"light dark\"> and the same for supported-color-schemes.",
            "Écrivez <meta name=\"color-scheme\" content=\"light dark\"> et la même chose pour supported-color-schemes."
        ),
        BarrierKind::NoZoom => {
            said!("Take user-scalable and maximum-scale out.", "Enlevez user-scalable et maximum-scale.")
        }
        BarrierKind::LayoutTable => said!(
            "Write role=\"presentation\" if it only places things; give data their <th scope=\"col\">.",
            "Écrivez role=\"presentation\" s’il ne fait que placer; donnez aux données leurs <th scope=\"col\">."
        ),
        BarrierKind::HeadedLayoutTable => said!(
            "Take role=\"presentation\" out, or make <td> of <th> and <caption>.",
            "Enlevez role=\"presentation\", ou faites des <td> des <th> et <caption>."
        ),
        BarrierKind::HeaderWithoutScope => said!(
            "Write <th scope=\"col\"> or <th scope=\"row\">.",
            "Écrivez <th scope=\"col\"> ou <th scope=\"row\">."
        ),
        BarrierKind::NoAlternative => said!(
            "Write what it says as alt=\"…\", or alt=\"\" where it only decorates.",
            "Écrivez ce qu’elle dit dans alt=\"…\", ou alt=\"\" si elle ne fait que décorer."
        ),
        BarrierKind::FirstHeading | BarrierKind::SkippedHeading => said!(
            "Begin with <h1>, and go down one level at a time.",
            "Commencez par <h1> et descendez d’un niveau à la fois."
        ),
        BarrierKind::EmptyHeading => said!("Give it words, or take it out.", "Donnez-lui des mots, ou enlevez-le."),
        BarrierKind::NamelessLink | BarrierKind::VagueLink => {
            said!("Say in its words where it leads.", "Dites dans ses mots où il mène.")
        }
        BarrierKind::OrderOfKeys => said!("Take tabindex out.", "Enlevez tabindex."),
        BarrierKind::HiddenLink => said!("Take aria-hidden out.", "Enlevez aria-hidden."),
        BarrierKind::DoubleId => said!("Give each its own.", "Donnez à chacun le sien."),
        BarrierKind::Contrast | BarrierKind::ContrastInTheDark => said!(
            "Take colours with a contrast of 4.5:1, of large words 3:1; none at all are the best readable.",
            "Prenez des couleurs au contraste de 4,5:1, ou de 3:1 pour de grands mots; n’en prendre aucune se lit le mieux."
        ),
        BarrierKind::HalfColours => said!(
            "Give words and background a colour, or neither; a border shows as well.",
            "Donnez une couleur aux mots et au fond, ou à aucun; une bordure se voit aussi."
        ),
        BarrierKind::SmallText => said!("Write them in 14px or larger.", "Écrivez-les en 14px ou plus."),
        BarrierKind::TightLines => said!(
            "Take a line-height of 1.2 or more, without a unit.",
            "Prenez un line-height de 1.2 ou plus, sans unité."
        ),
        BarrierKind::UnbrokenLine => said!(
            "Take white-space:nowrap out; write pre-wrap for <pre>.",
            "Enlevez white-space:nowrap; écrivez pre-wrap pour <pre>."
        ),
        BarrierKind::FixedWidth => said!(
            "Write max-width in the place of width, or max-width:100% beside it.",
            "Écrivez max-width au lieu de width, ou max-width:100% à côté."
        ),
        BarrierKind::FixedHeight => said!("Write min-height, or none.", "Écrivez min-height, ou rien."),
        BarrierKind::UnmarkedLink => said!("Leave it its underline.", "Laissez-lui son soulignement."),
    }
}
