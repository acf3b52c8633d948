//! Files within `winmail.dat`: Outlook's Transport Neutral Encapsulation Format ([MS-OXTNEF]).
//!
//! Nothing in it is compressed but the RTF body, which is not read: what comes out is never longer than what went in.

use encoding_rs::{Encoding, WINDOWS_1252};

use super::{charset, sanitize};

/// Files beyond this number are not read.
const FILES_MAX: usize = 200;

/// [MS-OXTNEF] §2.1.3.1.
const SIGNATURE: u32 = 0x223e_9f78;
const ATT_OEM_CODEPAGE: u32 = 0x0006_9007;
const ATT_BODY: u32 = 0x0002_800c;
const ATT_MESSAGE_CLASS: u32 = 0x0007_8008;
const ATT_MESSAGE_PROPERTIES: u32 = 0x0006_9003;
const ATT_ATTACH_REND_DATA: u32 = 0x0006_9002;
const ATT_ATTACH_TITLE: u32 = 0x0001_8010;
const ATT_ATTACH_DATA: u32 = 0x0006_800f;
const ATT_ATTACHMENT: u32 = 0x0006_9005;

/// PidTagAttachLongFilename ([MS-OXPROPS] §2.593).
const PID_TAG_ATTACH_LONG_FILENAME: u16 = 0x3707;
/// PidTagBody ([MS-OXPROPS] §2.618).
const PID_TAG_BODY: u16 = 0x1000;

/// Tags of PidTagRtfCompressed and PidTagHtml, binary ([MS-OXPROPS]).
const RICH_BODIES: [[u8; 4]; 2] = [[0x02, 0x01, 0x09, 0x10], [0x02, 0x01, 0x13, 0x10]];

/// Longest name that is read.
const NAME_BYTES_MAX: usize = 1_000;

/// A file in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// What it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) files: Vec<File>,
    /// The plain text body, where the sender's Outlook put it here and nowhere else.
    pub(super) text: String,
    /// `IPM.Note`, `IPM.Schedule.Meeting.Resp.Pos`, … ([MS-OXCMSG] §2.2.1.3).
    pub(super) class: String,
    /// It cannot be read, or holds a text in a form that is not read: RTF or HTML alone.
    pub(super) hides_text: bool,
}

/// Reads the attributes as far as they are sound.
pub(super) fn unpack(bytes: &[u8]) -> Contents {
    let mut contents = Contents::default();
    let mut rest = Bytes(bytes);
    if rest.u32() != Some(SIGNATURE) || rest.u16().is_none() {
        contents.hides_text = true;
        return contents;
    }
    let mut encoding = WINDOWS_1252;
    while let Some(attribute) = rest.attribute() {
        let data = attribute.data;
        match attribute.id {
            ATT_OEM_CODEPAGE => encoding = Bytes(data).u32().and_then(codepage).unwrap_or(encoding),
            ATT_BODY => contents.text = text(encoding, data),
            ATT_MESSAGE_CLASS => contents.class = name(&text(encoding, data)),
            ATT_MESSAGE_PROPERTIES => {
                if contents.text.trim().is_empty() {
                    contents.text = string(data, PID_TAG_BODY, encoding).unwrap_or_default();
                }
                contents.hides_text |= RICH_BODIES.iter().any(|tag| memchr::memmem::find(data, tag).is_some());
            }
            ATT_ATTACH_REND_DATA if contents.files.len() < FILES_MAX => contents.files.push(File::default()),
            _ => {}
        }
        let Some(file) = contents.files.last_mut() else { continue };
        match attribute.id {
            ATT_ATTACH_TITLE if file.name.is_empty() => file.name = name(&text(encoding, data)),
            ATT_ATTACH_DATA if file.bytes.is_empty() => file.bytes = data.to_vec(),
            ATT_ATTACHMENT => {
                if let Some(long) = string(data, PID_TAG_ATTACH_LONG_FILENAME, encoding) {
                    file.name = name(long.get(..long.floor_char_boundary(NAME_BYTES_MAX)).unwrap_or_default());
                }
            }
            _ => {}
        }
    }
    contents.hides_text &= contents.text.trim().is_empty();
    // An attachment without bytes is a picture of a link, or a message of Outlook's own making.
    contents.files.retain(|file| !file.bytes.is_empty());
    contents
}

struct Attribute<'b> {
    id: u32,
    data: &'b [u8],
}

/// What is left to read, little-endian.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    /// Level, identifier, length, data, checksum.
    fn attribute(&mut self) -> Option<Attribute<'b>> {
        self.take(1)?;
        let id = self.u32()?;
        let length = self.u32()? as usize;
        let data = self.take(length)?;
        self.take(2)?;
        Some(Attribute { id, data })
    }
}

/// A string among MAPI properties ([MS-OXTNEF] §2.1.3.4), Unicode or 8-bit: it stands as a property tag, a count of one, a
/// length in bytes, and the string. Walking all property types for one string is not worth it; the tag is searched.
fn string(properties: &[u8], id: u16, encoding: &'static Encoding) -> Option<String> {
    [0x001f_u16, 0x001e].iter().find_map(|kind| {
        let tag = [kind.to_le_bytes(), id.to_le_bytes(), [1, 0], [0, 0]].concat();
        let at = memchr::memmem::find(properties, &tag)?;
        let mut rest = Bytes(&properties[at + tag.len()..]);
        let length = rest.u32()? as usize;
        let value = rest.take(length)?;
        if *kind == 0x001e {
            return Some(text(encoding, value));
        }
        let units: Vec<u16> = value.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
        let whole = String::from_utf16_lossy(&units);
        Some(sanitize::text(whole.split('\0').next().unwrap_or_default()).into_owned())
    })
}

fn codepage(number: u32) -> Option<&'static Encoding> {
    charset::encoding(&format!("windows-{number}"))
}

fn text(encoding: &'static Encoding, data: &[u8]) -> String {
    let end = memchr::memchr(0, data).unwrap_or(data.len());
    let decoded = encoding.decode_without_bom_handling(&data[..end]).0;
    sanitize::text(&decoded).into_owned()
}

fn name(text: &str) -> String {
    sanitize::line(text.trim_end_matches('\0')).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![level];
        bytes.extend(id.to_le_bytes());
        bytes.extend((data.len() as u32).to_le_bytes());
        bytes.extend(data);
        bytes.extend([0, 0]);
        bytes
    }

    fn winmail(attributes: &[Vec<u8>]) -> Vec<u8> {
        [SIGNATURE.to_le_bytes().to_vec(), vec![1, 0], attributes.concat()].concat()
    }

    #[test]
    fn files_and_text_are_taken_out() {
        let long: Vec<u8> = "capture d'écran.png\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut properties = vec![1, 0, 0, 0, 0x1f, 0, 0x07, 0x37, 1, 0, 0, 0];
        properties.extend((long.len() as u32).to_le_bytes());
        properties.extend(long);
        let contents = unpack(&winmail(&[
            attribute(1, ATT_OEM_CODEPAGE, &[0xe4, 4, 0, 0, 0, 0, 0, 0]),
            attribute(1, ATT_BODY, b"L'\xe9cran est noir.\r\n\0"),
            attribute(2, ATT_ATTACH_REND_DATA, &[1, 0]),
            attribute(2, ATT_ATTACH_TITLE, b"CAPTUR~1.PNG\0"),
            attribute(2, ATT_ATTACH_DATA, b"PNG"),
            attribute(2, ATT_ATTACHMENT, &properties),
            attribute(2, ATT_ATTACH_REND_DATA, &[1, 0]),
            attribute(2, ATT_ATTACH_TITLE, b"a.txt\0"),
            attribute(2, ATT_ATTACH_DATA, b"A"),
        ]));
        let files: Vec<_> = contents.files.iter().map(|file| (file.name.as_str(), file.bytes.as_slice())).collect();
        assert_eq!(files, [("capture d'écran.png", &b"PNG"[..]), ("a.txt", b"A")]);
        assert_eq!(contents.text, "L'écran est noir.\n");
    }

    fn wide_property(id: u16, text: &str) -> Vec<u8> {
        let text: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let head = [&[0x1f, 0][..], &id.to_le_bytes(), &[1, 0, 0, 0], &(text.len() as u32).to_le_bytes()].concat();
        [head, text].concat()
    }

    #[test]
    fn a_text_among_the_properties_is_read_and_one_in_rtf_alone_is_hidden() {
        let rtf = [RICH_BODIES[0].to_vec(), vec![1, 0, 0, 0, 2, 0, 0, 0, 0, 0]].concat();
        let hidden = unpack(&winmail(&[attribute(1, ATT_MESSAGE_PROPERTIES, &rtf)]));
        assert!(hidden.hides_text);
        let both = [rtf, wide_property(PID_TAG_BODY, "L'écran est noir.\r\n\0")].concat();
        let shown = unpack(&winmail(&[attribute(1, ATT_MESSAGE_PROPERTIES, &both)]));
        assert_eq!((shown.text.as_str(), shown.hides_text), ("L'écran est noir.\n", false));
    }

    #[test]
    fn the_class_of_a_message_is_told() {
        let contents = unpack(&winmail(&[attribute(1, ATT_MESSAGE_CLASS, b"IPM.Schedule.Meeting.Resp.Pos\0")]));
        assert_eq!(contents.class, "IPM.Schedule.Meeting.Resp.Pos");
    }

    #[test]
    fn what_is_cut_short_is_read_so_far() {
        let whole = winmail(&[
            attribute(2, ATT_ATTACH_REND_DATA, &[]),
            attribute(2, ATT_ATTACH_DATA, b"A"),
            attribute(2, ATT_ATTACH_REND_DATA, &[]),
        ]);
        for end in 0..whole.len() {
            assert!(unpack(&whole[..end]).files.len() <= 1);
        }
        assert_eq!(unpack(&whole).files.len(), 1);
        assert_eq!(unpack(b"PK\x03\x04"), Contents { hides_text: true, ..Contents::default() });
    }

    proptest::proptest! {
        #[test]
        fn no_more_comes_out_than_went_in(bytes: Vec<u8>) {
            let mut whole = winmail(&[attribute(2, ATT_ATTACH_REND_DATA, &[])]);
            whole.extend(attribute(2, ATT_ATTACHMENT, &bytes));
            whole.extend(&bytes);
            let contents = unpack(&whole);
            let files: usize = contents.files.iter().map(|file| file.bytes.len()).sum();
            proptest::prop_assert!(files <= whole.len());
        }
    }
}
