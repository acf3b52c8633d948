//! Attachments enter a letter when it leaves. The letter in the outbox holds the place of each; the bytes stay in the
//! raw mail that they came with, so that nothing is stored twice and erasing is one row.

use serde::{Deserialize, Serialize};

use super::body::base64_lines;
use crate::desk::Enclosure;

/// What every boundary of ours begins with; quoted-printable and base64 cannot hold it.
pub(super) const BOUNDARY_PREFIX: &str = "=_";

/// An enclosure and its place in a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedEnclosure {
    /// Where its base64 goes, in bytes from the start of the letter as it is stored.
    pub offset: usize,
    /// Which file of which mail stands there.
    #[serde(flatten)]
    pub enclosure: Enclosure,
}

/// Stands for an enclosure that is gone, in both languages: who reads it is not known here. Quoted-printable.
const GONE: &str = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
    [Cette pi=C3=A8ce jointe n'est plus dans nos dossiers.]\r\n\
    [This attachment is no longer in our records.]\r\n";

/// The letter as it leaves: `cut` gives the decoded bytes of an enclosure, `None` where they are gone. The same input
/// gives the same bytes.
pub fn enclose<B: AsRef<[u8]>>(
    bytes: &[u8],
    placed: &[PlacedEnclosure],
    mut cut: impl FnMut(&Enclosure) -> Option<B>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut copied = 0;
    for PlacedEnclosure { offset, enclosure } in placed {
        let offset = (*offset).clamp(copied, bytes.len());
        out.extend_from_slice(&bytes[copied..offset]);
        copied = offset;
        match cut(enclosure) {
            Some(bytes) => out.extend_from_slice(base64_lines(bytes.as_ref()).as_bytes()),
            None => {
                out.truncate(part_start(&out));
                out.extend_from_slice(GONE.as_bytes());
            }
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    out
}

/// Behind the line of the last boundary.
fn part_start(out: &[u8]) -> usize {
    let delimiter = format!("\r\n--{BOUNDARY_PREFIX}");
    let found = out.windows(delimiter.len()).rposition(|window| window == delimiter.as_bytes());
    let line = found.map_or(out.len(), |at| at + delimiter.len());
    out[line..].windows(2).position(|window| window == b"\r\n").map_or(out.len(), |end| line + end + 2)
}
