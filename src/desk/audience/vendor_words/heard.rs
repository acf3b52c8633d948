//! What is known of a vendor's mail before it is read.

/// A vendor's mail, and what tells its words from others'.
#[derive(Clone, Copy, Debug)]
pub(in crate::desk) struct Heard<'a> {
    /// The subject of the vendor's mail, as it came.
    pub(in crate::desk) subject: &'a str,
    /// What was written in it, as far as its markup tells.
    pub(in crate::desk) text: &'a str,
    /// The plain texts of our letters to the vendor.
    pub(in crate::desk) ours: &'a [&'a str],
    /// The subject of those letters, without tags.
    pub(in crate::desk) our_subject: &'a str,
    /// Names that say nothing: the vendor's, its author's, ours, its marks.
    pub(in crate::desk) names: &'a [&'a str],
    /// The vendor's domains: links there that lead to the case are its system's.
    pub(in crate::desk) domains: &'a [&'a str],
    /// The desk's addresses.
    pub(in crate::desk) addresses: &'a [&'a str],
    /// Its header says that a program wrote it.
    pub(in crate::desk) automatic: bool,
    /// It brought a file that is not ours.
    pub(in crate::desk) brings_file: bool,
}
