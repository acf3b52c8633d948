//! Rich Text Format as which Outlook keeps a mail's text: compressed ([MS-OXRTFCP]), and with HTML inside ([MS-OXRTFEX]).
//!
//! Read in one pass; what comes out is bounded by what went in.

use std::collections::HashMap;

use super::charset;

/// What an RTF document holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Document {
    Text(String),
    /// The HTML that the RTF was made of.
    Html(String),
}

/// [MS-OXRTFCP] §2.1.3.1.1: COMPRESSED and UNCOMPRESSED.
const LZFU: &[u8] = b"LZFu";
const MELA: &[u8] = b"MELA";

/// [MS-OXRTFCP] §2.1.3.1.2: what the dictionary holds at first.
const DICTIONARY: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \
\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

const DICTIONARY_SIZE: usize = 4_096;

/// The RTF of a compressed one; `None` where it is of no known form. Damage ends it.
pub(super) fn decompress(compressed: &[u8]) -> Option<Vec<u8>> {
    let (header, content) = compressed.split_at_checked(16)?;
    let size = u32::from_le_bytes(header[4..8].try_into().ok()?) as usize;
    match &header[8..12] {
        MELA => Some(content[..content.len().min(size)].to_vec()),
        LZFU => Some(expand(content, size)),
        _ => None,
    }
}

/// [MS-OXRTFCP] §3.1.3.1.3: runs of eight tokens, a byte or a place in the last 4096 bytes and a length each.
fn expand(mut content: &[u8], size: usize) -> Vec<u8> {
    let mut dictionary = [b' '; DICTIONARY_SIZE];
    dictionary[..DICTIONARY.len()].copy_from_slice(DICTIONARY);
    let mut place = DICTIONARY.len();
    let mut expanded = Vec::new();
    let mut put = |byte: u8, dictionary: &mut [u8; DICTIONARY_SIZE], place: &mut usize| {
        expanded.push(byte);
        dictionary[*place] = byte;
        *place = (*place + 1) % DICTIONARY_SIZE;
    };
    while let Some((&control, rest)) = content.split_first() {
        content = rest;
        for bit in 0..8 {
            if control >> bit & 1 == 0 {
                let Some((&byte, rest)) = content.split_first() else { break };
                content = rest;
                put(byte, &mut dictionary, &mut place);
                continue;
            }
            let Some((&[high, low], rest)) = content.split_first_chunk::<2>() else { break };
            content = rest;
            let reference = usize::from(u16::from_be_bytes([high, low]));
            let (offset, length) = (reference >> 4, (reference & 0xf) + 2);
            if offset == place {
                content = &[];
                break;
            }
            for step in 0..length {
                let byte = dictionary[(offset + step) % DICTIONARY_SIZE];
                put(byte, &mut dictionary, &mut place);
            }
        }
    }
    expanded.truncate(size);
    expanded
}

/// Reads a document.
pub(super) fn read(rtf: &[u8]) -> Document {
    let mut reader = Reader::default();
    reader.run(rtf);
    reader.flush();
    if reader.is_html { Document::Html(reader.out) } else { Document::Text(reader.out) }
}

/// Groups deeper than this are read as if they were not nested.
const DEPTH_MAX: usize = 500;

/// Fonts beyond this number are read in the document's code page.
const FONTS_MAX: usize = 1_000;

/// What a group does to the text in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Text of the document.
    #[default]
    Body,
    /// A tag of the HTML that it was made of ([MS-OXRTFEX] §2.1.3.1.4).
    HtmlTag,
    FontTable,
    /// What a field does: it may lead somewhere.
    FieldInstruction,
    /// Not text: colours, styles, pictures, properties.
    Aside,
}

/// The state that a group begins with and gives back at its end.
#[derive(Clone, Copy, Debug)]
struct Group {
    place: Place,
    font: Option<i32>,
    /// Characters that stand behind each `\u` for older readers.
    fallbacks: usize,
    /// `\htmlrtf`: what only a reader of RTF is to see.
    is_rtf_alone: bool,
    is_hidden: bool,
    /// It holds what a field shows: at its end it is said where the field leads.
    is_field_result: bool,
}

impl Default for Group {
    fn default() -> Self {
        Group {
            place: Place::Body,
            font: None,
            fallbacks: 1,
            is_rtf_alone: false,
            is_hidden: false,
            is_field_result: false,
        }
    }
}

#[derive(Default)]
struct Reader {
    out: String,
    is_html: bool,
    group: Group,
    outer: Vec<Group>,
    /// Groups that are open beyond the depth that is looked at.
    beyond: usize,
    codepage: Option<u32>,
    codepages: HashMap<i32, u32>,
    /// Bytes of one code page, and units of UTF-16, that are not written yet.
    bytes: Vec<u8>,
    units: Vec<u16>,
    /// Fallbacks that are still to be left out.
    skip: usize,
    /// `\*` stands before the next word.
    is_optional: bool,
    instruction: String,
}

impl Reader {
    fn run(&mut self, rtf: &[u8]) {
        let mut rest = rtf;
        while let Some((&byte, behind)) = rest.split_first() {
            rest = behind;
            match byte {
                b'{' => self.open(),
                b'}' => self.close(),
                b'\\' => rest = self.control(behind),
                b'\r' | b'\n' | 0 => {}
                byte => self.byte(byte),
            }
        }
    }

    fn open(&mut self) {
        self.flush();
        (self.skip, self.is_optional) = (0, false);
        if self.outer.len() < DEPTH_MAX {
            self.outer.push(self.group);
            self.group.is_field_result = false;
        } else {
            self.beyond += 1;
        }
    }

    fn close(&mut self) {
        self.flush();
        (self.skip, self.is_optional) = (0, false);
        if self.beyond > 0 {
            self.beyond -= 1;
        } else if let Some(outer) = self.outer.pop() {
            if self.group.is_field_result {
                self.say_where_field_leads();
            }
            self.group = outer;
        }
    }

    /// Reads the control word or symbol behind a backslash, and returns what follows it.
    fn control<'r>(&mut self, rest: &'r [u8]) -> &'r [u8] {
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        if length == 0 {
            return self.symbol(rest);
        }
        let (word, behind) = rest.split_at(length.min(40));
        let digits = behind.iter().enumerate().take(11);
        let digits = digits.take_while(|(at, byte)| byte.is_ascii_digit() || *at == 0 && **byte == b'-').count();
        let (number, behind) = behind.split_at(digits);
        let number = std::str::from_utf8(number).ok().and_then(|number| number.parse().ok());
        let behind = behind.strip_prefix(b" ").unwrap_or(behind);
        let is_optional = std::mem::take(&mut self.is_optional);
        if word == b"bin" {
            let length = usize::try_from(number.unwrap_or(0)).unwrap_or(0).min(behind.len());
            return &behind[length..];
        }
        self.word(word, number, is_optional);
        behind
    }

    fn symbol<'r>(&mut self, rest: &'r [u8]) -> &'r [u8] {
        let Some((&symbol, behind)) = rest.split_first() else { return rest };
        match symbol {
            b'\'' => {
                if let Some(byte) = super::transfer::escape(behind) {
                    self.byte(byte);
                    return &behind[2..];
                }
            }
            b'*' => self.is_optional = true,
            b'~' => self.write(if self.is_html { "&nbsp;" } else { "\u{a0}" }),
            b'_' => self.write(if self.is_html { "&shy;" } else { "-" }),
            b'\r' | b'\n' => self.write("\n"),
            b'{' | b'}' | b'\\' => self.byte(symbol),
            _ => {}
        }
        behind
    }

    fn word(&mut self, word: &[u8], number: Option<i32>, is_optional: bool) {
        match word {
            b"par" | b"line" | b"row" | b"sect" | b"page" => self.write("\n"),
            b"tab" | b"cell" | b"nestcell" => self.write("\t"),
            b"nestrow" => self.write("\n"),
            b"lquote" => self.write("‘"),
            b"rquote" => self.write("’"),
            b"ldblquote" => self.write("“"),
            b"rdblquote" => self.write("”"),
            b"bullet" => self.write("•"),
            b"endash" => self.write("–"),
            b"emdash" => self.write("—"),
            b"u" => self.unit(number.unwrap_or(0)),
            b"uc" => self.group.fallbacks = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(10),
            b"f" => self.font(number.unwrap_or(0)),
            b"v" => self.group.is_hidden = number != Some(0),
            b"plain" => self.group.is_hidden = false,
            b"htmlrtf" => {
                self.flush();
                self.group.is_rtf_alone = number != Some(0);
            }
            b"fromhtml" => self.is_html = true,
            b"ansicpg" => self.codepage = number.and_then(|number| u32::try_from(number).ok()).filter(|&page| page > 0),
            b"pc" => self.codepage = Some(437),
            b"pca" => self.codepage = Some(850),
            b"mac" => self.codepage = Some(10_000),
            b"fcharset" => self.name_codepage(number.and_then(codepage_of_charset)),
            b"cpg" => self.name_codepage(number.and_then(|number| u32::try_from(number).ok())),
            b"fldrslt" => self.group.is_field_result = true,
            b"fldinst" => {
                self.instruction.clear();
                self.group.place = Place::FieldInstruction;
            }
            b"fonttbl" => self.group.place = Place::FontTable,
            b"htmltag" if is_optional => self.group.place = Place::HtmlTag,
            b"colortbl" | b"stylesheet" | b"info" | b"pict" | b"object" | b"header" | b"headerl" | b"headerr"
            | b"headerf" | b"footer" | b"footerl" | b"footerr" | b"footerf" | b"xe" | b"tc" | b"nonshppict" => {
                self.group.place = Place::Aside;
            }
            _ if is_optional => self.group.place = Place::Aside,
            _ => {}
        }
    }

    /// A byte of the code page that holds here.
    fn byte(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        if self.group.place == Place::FieldInstruction {
            self.instruction.push(char::from(byte));
        } else if self.is_text() {
            self.flush_units();
            self.bytes.push(byte);
        }
    }

    /// `\u`: a unit of UTF-16, signed.
    fn unit(&mut self, number: i32) {
        if self.is_text() {
            self.flush_bytes();
            self.units.push((number & 0xffff) as u16);
        }
        self.skip = self.group.fallbacks;
    }

    fn font(&mut self, font: i32) {
        self.flush();
        self.group.font = Some(font);
    }

    fn name_codepage(&mut self, codepage: Option<u32>) {
        if let (Place::FontTable, Some(font), Some(codepage)) = (self.group.place, self.group.font, codepage)
            && self.codepages.len() < FONTS_MAX
        {
            self.codepages.insert(font, codepage);
        }
    }

    fn write(&mut self, text: &str) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.is_text() {
            self.flush();
            self.out.push_str(text);
        }
    }

    /// Whether what is read here is what the author wrote, or a tag of it.
    fn is_text(&self) -> bool {
        let group = &self.group;
        match group.place {
            Place::HtmlTag => self.is_html && !group.is_rtf_alone,
            Place::Body => !(group.is_hidden || self.is_html && group.is_rtf_alone),
            Place::FontTable | Place::FieldInstruction | Place::Aside => false,
        }
    }

    fn flush(&mut self) {
        self.flush_bytes();
        self.flush_units();
    }

    fn flush_bytes(&mut self) {
        if !self.bytes.is_empty() {
            let of_font = self.group.font.and_then(|font| self.codepages.get(&font));
            let of_font = of_font.filter(|_| self.group.place != Place::HtmlTag);
            let codepage = of_font.copied().or(self.codepage).unwrap_or(1252);
            self.out.push_str(&charset::decode_codepage(codepage, &self.bytes));
            self.bytes.clear();
        }
    }

    fn flush_units(&mut self) {
        if !self.units.is_empty() {
            self.out.push_str(&String::from_utf16_lossy(&self.units));
            self.units.clear();
        }
    }

    /// Writes the address of `HYPERLINK "https://…"` behind the words that lead there, unless they are the address.
    fn say_where_field_leads(&mut self) {
        let instruction = std::mem::take(&mut self.instruction);
        let address = instruction.trim_start().strip_prefix("HYPERLINK").and_then(|rest| rest.split('"').nth(1));
        let is_shown = |address: &str| self.out.trim_end().ends_with(address);
        let is_address = |address: &str| {
            address.starts_with("http") && !address.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>'))
        };
        if let Some(address) = address.filter(|address| !self.is_html && is_address(address) && !is_shown(address)) {
            self.out.push_str(&format!(" <{address}>"));
        }
    }
}

/// The code page of a font's character set (`\fcharset`, RTF 1.9.1).
fn codepage_of_charset(charset: i32) -> Option<u32> {
    Some(match charset {
        77 => 10_000,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        255 => 437,
        _ => return None,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Compresses without finding anything in the dictionary but what is asked for.
    pub(in crate::mail) fn compressed(rtf: &[u8]) -> Vec<u8> {
        let mut bytes =
            [&((rtf.len() + 12) as u32).to_le_bytes()[..], &(rtf.len() as u32).to_le_bytes(), LZFU, &[0; 4]].concat();
        for run in rtf.chunks(8) {
            bytes.push(0);
            bytes.extend(run);
        }
        bytes
    }

    fn text(rtf: &[u8]) -> String {
        match read(rtf) {
            Document::Text(text) => text,
            Document::Html(html) => panic!("{html}"),
        }
    }

    #[test]
    fn references_into_the_dictionary_are_followed() {
        assert_eq!(DICTIONARY.len(), 207);
        // "{\rtf1\ansi" from the dictionary, "ab", then "ab" twice from what has been written, overlapping itself.
        let tokens = [0b0000_1001, 0x00, 0x09, b'a', b'b', 0x0d, 0xa2, b'}'];
        let header = [&[0; 4][..], &18_u32.to_le_bytes(), LZFU, &[0; 4]].concat();
        assert_eq!(decompress(&[header, tokens.to_vec()].concat()).as_deref(), Some(&b"{\\rtf1\\ansiababab}"[..]));
    }

    /// [MS-OXRTFCP] §4.1.
    #[test]
    fn the_examples_of_the_specification_are_read() {
        let bytes = |hex: &str| data_encoding::HEXLOWER.decode(hex.replace(' ', "").as_bytes()).expect("hex");
        let first =
            "2d0000002b0000004c5a4675f1c5c7a7 03000a0072637067313235423 20af32068656c090020627705b06c647d0a800fa0";
        let second = "1a0000001c0000004c5a4675e2d44b51 410004205758595a0d6e7d010eb0";
        assert_eq!(
            decompress(&bytes(first)).as_deref(),
            Some(&b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"[..])
        );
        assert_eq!(decompress(&bytes(second)).as_deref(), Some(&b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"[..]));
    }

    #[test]
    fn a_document_is_its_text() {
        let rtf = b"{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss Arial;}{\\f1\\fcharset204 Arial Cyr;}}\
            {\\colortbl;\\red0\\green0\\blue0;}{\\*\\generator Riched20;}\\uc1\\pard\\f0\\fs20 L'\\'e9cran\r\n est \\{noir\\}.\\par\r\n\
            \\u8212- fin\\tab x\\line {\\f1\\'ef\\'f0}{\\b gras}{\\v cach\\'e9}\\u-10179?\\u-8704?\\par}";
        assert_eq!(text(rtf), "L'écran est {noir}.\n— fin\tx\nпрgras😀\n");
    }

    #[test]
    fn a_link_says_where_it_leads() {
        let field = |words: &str| {
            format!(
                "{{\\rtf1 {{\\field{{\\*\\fldinst{{HYPERLINK \"https://a.test/b\"}}}}{{\\fldrslt{{{words}}}}}}} fin}}"
            )
        };
        assert_eq!(text(field("Portail").as_bytes()), "Portail <https://a.test/b> fin");
        assert_eq!(text(field("https://a.test/b").as_bytes()), "https://a.test/b fin");
    }

    #[test]
    fn html_comes_out_as_it_went_in() {
        let rtf = b"{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0 Arial;}}{\\*\\htmltag19 <html>}\
            {\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 L'\\'e9cran {\\*\\htmltag84 <b>}\\htmlrtf {\\b\\htmlrtf0 noir{\\*\\htmltag92 </b>}\
            \\htmlrtf }\\htmlrtf0 {\\*\\htmltag84 &lt;}\\htmlrtf <\\htmlrtf0  3\\htmlrtf\\par}\\htmlrtf0{\\*\\mhtmltag84 <x>}{\\*\\htmltag72 </p>}}";
        assert_eq!(read(rtf), Document::Html("<html><p>L'écran <b>noir</b>&lt; 3</p>".to_owned()));
    }

    proptest::proptest! {
        #[test]
        fn what_was_compressed_comes_back(rtf: Vec<u8>) {
            proptest::prop_assert_eq!(decompress(&compressed(&rtf)), Some(rtf));
        }

        #[test]
        fn any_bytes_expand_to_a_bounded_number(size: u32, bytes: Vec<u8>) {
            let header = [&[0; 4][..], &size.to_le_bytes(), LZFU, &[0; 4]].concat();
            let expanded = decompress(&[header, bytes.clone()].concat()).unwrap_or_default();
            proptest::prop_assert!(expanded.len() <= bytes.len() * 9);
        }

        #[test]
        fn any_bytes_are_a_document(bytes: Vec<u8>) {
            read(&bytes);
        }

        #[test]
        fn any_controls_are_a_document(rtf in "(\\{|\\}|\\\\|\\*|\\\\u-?[0-9]{0,9} ?|\\\\uc[0-9]|\\\\'[0-9a-g]{2}|\\\\bin[0-9]|\\\\f[0-9]|\\\\fonttbl|\\\\htmlrtf0?|\\\\fromhtml1|\\\\fldinst|\\\\fldrslt|[a-z\" é])*") {
            let (Document::Text(text) | Document::Html(text)) = read(rtf.as_bytes());
            proptest::prop_assert!(text.len() <= rtf.len() * 3 + 10);
        }
    }
}
