//! Mails of which the beginning alone is taken in.

use std::borrow::Cow;

use super::{leaves, mime};

/// How much of a mail there was, where it was too large to be taken in whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenInPart {
    /// Length of the whole, in bytes.
    pub whole_size: u64,
    /// The whole stands in a folder of the mailbox; else nobody has the rest.
    pub is_in_mailbox: bool,
}

/// The beginning of a mail, without the file that it cuts short: half of one is worse than none, and looks like a whole one.
pub fn without_cut_file(mut beginning: Vec<u8>) -> Vec<u8> {
    if let Some(length) = start_of_last_file(&beginning) {
        beginning.truncate(length);
    }
    beginning
}

/// Where the line stands behind which the last part begins, if that part is a file.
fn start_of_last_file(beginning: &[u8]) -> Option<usize> {
    let parts = mime::parts(beginning);
    let last = parts.parts.len().checked_sub(1)?;
    let is_file = leaves::sort(&parts).attachments.last() == Some(&last);
    let Cow::Borrowed(content) = *parts.parts[last].raw() else { return None };
    let start = (content.as_ptr() as usize).checked_sub(beginning.as_ptr() as usize)?;
    let before = beginning.get(..start).filter(|_| is_file && last > 0)?;
    before.windows(3).rposition(|bytes| bytes == b"\n--").map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::parse;

    const MAIL: &str = "Subject: Scan\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
        Content-Type: text/plain\n\nHere it is.\n--b\nContent-Type: text/plain; name=small.txt\n\
        Content-Disposition: attachment\n\nsmall\n--b\nContent-Type: application/pdf; name=scan.pdf\n\
        Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nQUJDQUJDQUJD\n";

    fn names(mail: &[u8]) -> Vec<String> {
        parse(mail).attachments.into_iter().map(|one| one.safe_name).collect()
    }

    #[test]
    fn a_file_that_is_cut_short_is_left_out_and_those_before_it_stay() {
        assert_eq!(names(MAIL.as_bytes()), ["small.txt", "scan.pdf"]);
        let kept = without_cut_file(MAIL.as_bytes().to_vec());
        assert_eq!(names(&kept), ["small.txt"]);
        assert_eq!(parse(&kept).body.text.trim(), "Here it is.");
    }

    #[test]
    fn a_text_that_is_cut_short_stays() {
        let end = MAIL.find(" is.").unwrap();
        let begun = &MAIL.as_bytes()[..end];
        assert_eq!(without_cut_file(begun.to_vec()), begun);
        let plain = "Subject: x\n\nA long text";
        assert_eq!(without_cut_file(plain.into()), plain.as_bytes());
    }

    proptest::proptest! {
        #[test]
        fn wherever_it_is_cut_no_half_file_is_left(end in 0..MAIL.len()) {
            let kept = without_cut_file(MAIL.as_bytes()[..end].to_vec());
            proptest::prop_assert!(MAIL.as_bytes().starts_with(&kept));
            proptest::prop_assert!(!names(&kept).contains(&"scan.pdf".to_owned()));
        }
    }
}
