//! Looks at lines, fields, parts and bytes, counted by tests alone: nothing may take more of them than a mail is long.
//!
//! What is looked at again and again counts itself. The law stands in `hostile`.

/// So many are looked at: lines, fields, parts, or bytes.
#[cfg(not(test))]
#[inline(always)]
pub(super) fn count(_looks: usize) {}

#[cfg(test)]
thread_local! {
    static LOOKS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
pub(super) fn count(looks: usize) {
    LOOKS.set(LOOKS.get() + looks);
}

/// What was found in a text, whose bytes are looked at up to there, or to the end.
#[inline(always)]
pub(super) fn searched(text: &(impl AsRef<[u8]> + ?Sized), found: Option<usize>) -> Option<usize> {
    count(found.unwrap_or(text.as_ref().len()));
    found
}

/// How often something was looked at by some work.
#[cfg(test)]
pub(super) fn of(work: impl FnOnce()) -> usize {
    let before = LOOKS.get();
    work();
    LOOKS.get() - before
}
