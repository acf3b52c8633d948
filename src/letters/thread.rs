//! What makes a letter stand in the right conversation of its reader's client.

use data_encoding::BASE64;
use jiff::Timestamp;

use crate::mail::MessageId;

/// Identifiers in References at most: longer fields are refused or cut by some servers.
const REFERENCES_COUNT: usize = 10;
/// Characters in References at most, brackets and spaces included.
const REFERENCES_CHARACTERS: usize = 1500;

/// Outlook's conversation index: a block of 22 bytes, then 5 for each answer (MS-OXOMSG §2.2.1.3).
const INDEX_ROOT_BYTES: usize = 22;
const INDEX_CHILD_BYTES: usize = 5;
const INDEX_CHILDREN: usize = 60;
/// Seconds from 1601, where FILETIME begins, to 1970.
const FILETIME_EPOCH_SECONDS: i64 = 11_644_473_600;

/// References of a letter: our pseudo-root, the thread's root, and as many of the newest as there is room for.
pub(super) fn references<'a>(
    pseudo_root: Option<&'a str>,
    earlier: &'a [MessageId],
    in_reply_to: Option<&'a MessageId>,
) -> Vec<&'a str> {
    let answered = in_reply_to.map(MessageId::as_str);
    let mut thread: Vec<&str> = Vec::new();
    for id in earlier.iter().map(MessageId::as_str) {
        if Some(id) != pseudo_root && Some(id) != answered && !thread.contains(&id) {
            thread.push(id);
        }
    }
    thread.extend(answered.filter(|id| Some(*id) != pseudo_root));
    let mut chosen: Vec<&str> = pseudo_root.into_iter().chain(thread.first().copied()).collect();
    let mut room = REFERENCES_CHARACTERS.saturating_sub(chosen.iter().map(|id| cost(id)).sum());
    let fixed = chosen.len();
    let mut newest: Vec<&str> = Vec::new();
    for id in thread.iter().skip(1).rev() {
        if fixed + newest.len() == REFERENCES_COUNT || cost(id) > room {
            break;
        }
        room -= cost(id);
        newest.push(id);
    }
    chosen.extend(newest.into_iter().rev());
    chosen
}

fn cost(id: &str) -> usize {
    id.len() + " <>".len()
}

/// Outlook's Thread-Index of an answer to the mail that bore `index`; `None` where that one cannot be read.
pub(super) fn child_index(index: &str, now: Timestamp, letter: i64) -> Option<String> {
    let compact: Vec<u8> = index.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let mut block = BASE64.decode(&compact).ok()?;
    if block.len() < INDEX_ROOT_BYTES || !(block.len() - INDEX_ROOT_BYTES).is_multiple_of(INDEX_CHILD_BYTES) {
        return None;
    }
    block.truncate(INDEX_ROOT_BYTES + INDEX_CHILDREN * INDEX_CHILD_BYTES);
    // The first six bytes are the upper ones of the root's FILETIME, in units of 100 ns.
    let root = block[..6].iter().fold(0_u64, |time, byte| time << 8 | u64::from(*byte)) << 16;
    let ticks = (now.as_second() + FILETIME_EPOCH_SECONDS).max(0).unsigned_abs() * 10_000_000;
    let elapsed = ticks.saturating_sub(root);
    let difference = match elapsed >> 18 {
        short if short < 1 << 31 => short,
        _ => 1 << 31 | (elapsed >> 23 & 0x7fff_ffff),
    };
    block.extend_from_slice(&difference.to_be_bytes()[4..]);
    block.push(letter.to_le_bytes()[0]);
    Some(BASE64.encode(&block))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> MessageId {
        MessageId::new(text).unwrap()
    }

    #[test]
    fn root_and_last_are_kept_when_there_are_too_many() {
        let earlier: Vec<MessageId> = (0..40).map(|n| id(&format!("{n}@client.test"))).collect();
        let last = id("39@client.test");
        let chosen = references(Some("root@desk.test"), &earlier, Some(&last));
        assert_eq!(chosen.len(), 10);
        assert_eq!(chosen[..3], ["root@desk.test", "0@client.test", "32@client.test"]);
        assert_eq!(chosen[9], "39@client.test");
    }

    #[test]
    fn long_identifiers_leave_room_for_fewer() {
        let earlier: Vec<MessageId> = (0..9).map(|n| id(&format!("{n}{}@client.test", "x".repeat(230)))).collect();
        let chosen = references(Some("root@desk.test"), &earlier, None);
        assert!(chosen.iter().map(|id| cost(id)).sum::<usize>() <= 1500);
        assert_eq!((chosen[1], chosen.last().copied()), (earlier[0].as_str(), Some(earlier[8].as_str())));
    }

    #[test]
    fn a_single_earlier_mail_is_named_once() {
        let only = id("a@client.test");
        assert_eq!(
            references(Some("root@desk.test"), std::slice::from_ref(&only), Some(&only)),
            ["root@desk.test", "a@client.test"]
        );
        assert!(references(None, &[], None).is_empty());
    }

    #[test]
    fn an_answer_stands_five_bytes_below_the_mail_it_answers() {
        let root =
            BASE64.encode(&[0x01, 0xda, 0x10, 0x20, 0x30, 0x40, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
        let now: Timestamp = "2026-11-22T15:00:00Z".parse().unwrap();
        let child = child_index(&root, now, 3).unwrap();
        let block = BASE64.decode(child.as_bytes()).unwrap();
        assert_eq!(block.len(), 27);
        assert_eq!(child, child_index(&root, now, 3).unwrap());
        assert!(child_index("not base64", now, 3).is_none());
        assert!(child_index("AAAA", now, 3).is_none());
    }
}
