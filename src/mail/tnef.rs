//! Files within `winmail.dat`: Outlook's Transport Neutral Encapsulation Format ([MS-OXTNEF]).
//!
//! Nothing in it is compressed but the RTF body: files are never longer than what went in.

use super::{charset, rtf, sanitize};

/// Files beyond this number are not read.
const FILES_MAX: usize = 200;

/// Number at the start of every TNEF stream, little-endian ([MS-OXTNEF] §2.1.3.1).
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
/// PidTagBodyHtml ([MS-OXPROPS] §2.621): PidTagHtml's place, as text.
const PID_TAG_BODY_HTML: u16 = 0x1013;

/// Whole tags: binary, binary, integer ([MS-OXPROPS] §2.880, §2.725, §2.747).
const PID_TAG_RTF_COMPRESSED: [u8; 4] = [0x02, 0x01, 0x09, 0x10];
const PID_TAG_HTML: [u8; 4] = [0x02, 0x01, 0x13, 0x10];
const PID_TAG_INTERNET_CODEPAGE: [u8; 4] = [0x03, 0x00, 0xde, 0x3f];

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
    /// The HTML body among the properties.
    pub(super) html: String,
    /// It cannot be read, or holds a text that cannot be.
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
    let mut codepage = 1252;
    while let Some(attribute) = rest.attribute() {
        let data = attribute.data;
        match attribute.id {
            ATT_OEM_CODEPAGE => codepage = Bytes(data).u32().unwrap_or(codepage),
            ATT_BODY if contents.text.trim().is_empty() => contents.text = text(codepage, data),
            ATT_MESSAGE_CLASS => contents.class = name(&text(codepage, data)),
            ATT_MESSAGE_PROPERTIES => {
                read_body(data, codepage, &mut contents);
            }
            ATT_ATTACH_REND_DATA if contents.files.len() < FILES_MAX => contents.files.push(File::default()),
            _ => {}
        }
        let Some(file) = contents.files.last_mut() else { continue };
        match attribute.id {
            ATT_ATTACH_TITLE if file.name.is_empty() => file.name = name(&text(codepage, data)),
            ATT_ATTACH_DATA if file.bytes.is_empty() => file.bytes = data.to_vec(),
            ATT_ATTACHMENT => {
                if let Some(long) = string(data, PID_TAG_ATTACH_LONG_FILENAME, codepage) {
                    file.name = name(long.get(..long.floor_char_boundary(NAME_BYTES_MAX)).unwrap_or_default());
                }
            }
            _ => {}
        }
    }
    contents.hides_text &= !contents.has_text();
    // An attachment without bytes is a picture of a link, or a message of Outlook's own making.
    contents.files.retain(|file| !file.bytes.is_empty());
    contents
}

impl Contents {
    fn has_text(&self) -> bool {
        !self.text.trim().is_empty() || !self.html.trim().is_empty()
    }
}

/// Reads the body among the properties: plain, HTML as bytes or text, and where neither is there RTF.
fn read_body(properties: &[u8], codepage: u32, contents: &mut Contents) {
    if contents.text.trim().is_empty() {
        contents.text = string(properties, PID_TAG_BODY, codepage).unwrap_or_default();
    }
    let codepage = internet_codepage(properties).unwrap_or(codepage);
    if let Some(document) = value(properties, PID_TAG_HTML) {
        contents.html = text(codepage, document);
    } else if let Some(document) = string(properties, PID_TAG_BODY_HTML, codepage) {
        contents.html = document;
    }
    if contents.has_text() {
        return;
    }
    match value(properties, PID_TAG_RTF_COMPRESSED).and_then(rtf::decompress).map(|rtf| rtf::read(&rtf)) {
        Some(rtf::Document::Html(html)) => contents.html = sanitize::text(&html).into_owned(),
        Some(rtf::Document::Text(text)) => contents.text = sanitize::text(&text).into_owned(),
        None => {}
    }
    contents.hides_text |= memchr::memmem::find(properties, &PID_TAG_RTF_COMPRESSED).is_some();
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
fn string(properties: &[u8], id: u16, codepage: u32) -> Option<String> {
    [0x001f_u16, 0x001e].iter().find_map(|kind| {
        let [kind_low, kind_high] = kind.to_le_bytes();
        let [low, high] = id.to_le_bytes();
        let value = value(properties, [kind_low, kind_high, low, high])?;
        if *kind == 0x001e {
            return Some(text(codepage, value));
        }
        let units: Vec<u16> = value.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
        let whole = String::from_utf16_lossy(&units);
        Some(sanitize::text(whole.split('\0').next().unwrap_or_default()).into_owned())
    })
}

/// The one value of a property of variable length.
fn value(properties: &[u8], tag: [u8; 4]) -> Option<&[u8]> {
    let head = [tag, [1, 0, 0, 0]].concat();
    let at = memchr::memmem::find(properties, &head)?;
    let mut rest = Bytes(&properties[at + head.len()..]);
    let length = rest.u32()? as usize;
    rest.take(length)
}

fn internet_codepage(properties: &[u8]) -> Option<u32> {
    let at = memchr::memmem::find(properties, &PID_TAG_INTERNET_CODEPAGE)?;
    Bytes(&properties[at + PID_TAG_INTERNET_CODEPAGE.len()..]).u32()
}

fn text(codepage: u32, data: &[u8]) -> String {
    let end = memchr::memchr(0, data).unwrap_or(data.len());
    sanitize::text(&charset::decode_codepage(codepage, &data[..end])).into_owned()
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
    fn a_text_among_the_properties_is_read_and_one_in_damaged_rtf_alone_is_hidden() {
        let rtf = [PID_TAG_RTF_COMPRESSED.to_vec(), vec![1, 0, 0, 0, 2, 0, 0, 0, 0, 0]].concat();
        let hidden = unpack(&winmail(&[attribute(1, ATT_MESSAGE_PROPERTIES, &rtf)]));
        assert!(hidden.hides_text);
        let both = [rtf, wide_property(PID_TAG_BODY, "L'écran est noir.\r\n\0")].concat();
        let shown = unpack(&winmail(&[attribute(1, ATT_MESSAGE_PROPERTIES, &both)]));
        assert_eq!((shown.text.as_str(), shown.hides_text), ("L'écran est noir.\n", false));
    }

    fn binary_property(tag: [u8; 4], bytes: &[u8]) -> Vec<u8> {
        [&tag[..], &[1, 0, 0, 0], &(bytes.len() as u32).to_le_bytes(), bytes].concat()
    }

    #[test]
    fn a_text_in_rtf_alone_is_read() {
        let read = |document: &[u8]| {
            let property = binary_property(PID_TAG_RTF_COMPRESSED, &rtf::tests::compressed(document));
            unpack(&winmail(&[attribute(1, ATT_MESSAGE_PROPERTIES, &property)]))
        };
        let plain = read(b"{\\rtf1\\ansi\\ansicpg1252 L'\\'e9cran est noir.\\par}");
        assert_eq!((plain.text.as_str(), plain.hides_text), ("L'écran est noir.\n", false));
        let html = read(b"{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}L'\\'e9cran{\\*\\htmltag72 </p>}}");
        assert_eq!((html.html.as_str(), html.hides_text), ("<p>L'écran</p>", false));
    }

    #[test]
    fn an_html_text_is_read_as_unicode_too() {
        let contents =
            unpack(&winmail(&[attribute(1, ATT_MESSAGE_PROPERTIES, &wide_property(0x1013, "<p>L'écran</p>\0"))]));
        assert_eq!(contents.html, "<p>L'écran</p>");
    }

    #[test]
    fn names_are_read_in_the_codepage_of_the_sender() {
        for (codepage, title) in
            [(65001_u32, &b"\xc3\xa9t\xc3\xa9.txt\0"[..]), (850, b"\x82t\x82.txt\0"), (1252, b"\xe9t\xe9.txt\0")]
        {
            let contents = unpack(&winmail(&[
                attribute(1, ATT_OEM_CODEPAGE, &[&codepage.to_le_bytes()[..], &[0; 4]].concat()),
                attribute(2, ATT_ATTACH_REND_DATA, &[]),
                attribute(2, ATT_ATTACH_TITLE, title),
                attribute(2, ATT_ATTACH_DATA, b"A"),
            ]));
            assert_eq!(contents.files[0].name, "été.txt", "{codepage}");
        }
    }

    #[test]
    fn an_html_text_is_read_in_the_codepage_that_stands_beside_it() {
        for (codepage, html) in [(65001_u32, &b"<p>L'\xc3\xa9cran</p>"[..]), (1252, b"<p>L'\xe9cran</p>")] {
            let document = [&PID_TAG_HTML[..], &[1, 0, 0, 0], &(html.len() as u32).to_le_bytes(), html].concat();
            let page = [&PID_TAG_INTERNET_CODEPAGE[..], &codepage.to_le_bytes()].concat();
            let contents = unpack(&winmail(&[attribute(1, ATT_MESSAGE_PROPERTIES, &[document, page].concat())]));
            assert_eq!((contents.html.as_str(), contents.hides_text), ("<p>L'écran</p>", false));
        }
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
