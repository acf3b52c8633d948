//! What would keep somebody from reading a letter: who has it read aloud, sees it badly, enlarges it, or reads it light on
//! dark.
//!
//! It looks at the HTML of a letter as mail clients honour it, by the Web Content Accessibility Guidelines (WCAG) 2.2, where a
//! program can tell. Of sample letters all is ours: what people send is their own.

mod appearance;
mod colour;
mod document;
mod legibility;
mod sheet;
mod structure;

use self::document::Document;
use crate::mail::Language;

/// Something that keeps people from reading a letter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Barrier {
    /// What it is.
    pub kind: BarrierKind,
    /// The element, by what it says or is styled by, and what was measured: `<h2> Earlier`, `<p style="color:#999"> (2.8:1)`.
    pub place: String,
}

/// A sort of barrier. Numbers are those of the success criteria of WCAG 2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BarrierKind {
    /// 3.1.1: the document says no language that there is, and is read aloud in another's sounds.
    NoLanguage,
    /// 3.1.1: the document says another language than the template's.
    OtherLanguage,
    /// 1.3.2: the document does not say from which side it is read.
    NoDirection,
    /// 2.4.2: the document has no title.
    NoTitle,
    /// The document does not say that it can be read light on dark, so clients turn its colours as they guess. No criterion.
    NoColourScheme,
    /// 1.4.4: the document cannot be enlarged.
    NoZoom,
    /// 1.3.1: a table that places things is read aloud as one of data.
    LayoutTable,
    /// 1.3.1: a table that is said to place things has headers.
    HeadedLayoutTable,
    /// 1.3.1: a header that does not say whether it is a column's or a row's.
    HeaderWithoutScope,
    /// 1.1.1: an image without words, or named by its file.
    NoAlternative,
    /// 1.3.1: the first heading is not of the first level.
    FirstHeading,
    /// 1.3.1: a heading more than one level below the one before.
    SkippedHeading,
    /// 2.4.6: a heading that says nothing.
    EmptyHeading,
    /// 2.4.4: a link that says nothing.
    NamelessLink,
    /// 2.4.4: a link that does not say where it leads: "here", or a bare address, which is read letter by letter.
    VagueLink,
    /// 2.4.3: keys go through the document in another order than it is read.
    OrderOfKeys,
    /// 4.1.2: keys find a link that is not read aloud.
    HiddenLink,
    /// 1.3.1: two elements of one name: what refers to it finds the first.
    DoubleId,
    /// 1.4.3: words too much like what is behind them.
    Contrast,
    /// 1.4.3: words or what is behind them have a colour, and the other has the reader's: light on light in dark mode.
    HalfColours,
    /// 1.4.3: words too much like what is behind them in dark mode.
    ContrastInTheDark,
    /// Words smaller than 14 pixels. No criterion.
    SmallText,
    /// 1.4.12: lines so close that words overlap.
    TightLines,
    /// 1.4.10: a long line that does not break: enlarged, it must be scrolled to be read.
    UnbrokenLine,
    /// 1.4.10: a part wider than a narrow window.
    FixedWidth,
    /// 1.4.4: words in a height that does not grow with them.
    FixedHeight,
    /// 1.4.1: a link that its colour alone tells from the words around it.
    UnmarkedLink,
}

/// What is in the way in an HTML document that is written in this language.
pub fn barriers(html: &str, language: Language) -> Vec<Barrier> {
    let document = Document::read(html);
    let mut found = structure::barriers(&document, language);
    found.extend(legibility::barriers(&document));
    found
}

#[cfg(test)]
mod tests;
