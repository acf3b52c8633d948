//! UTF-16 and UTF-32 (RFC 2781, Unicode §3.10), whose byte order mails state wrongly or not at all.

/// Which byte of a unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Big,
    Little,
}

/// Bytes of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    Two,
    Four,
}

/// A form of wide text, its order where something states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    width: Width,
    order: Option<Order>,
}

/// Bytes that are looked at for the order.
const LOOKED_AT: usize = 4_096;

impl Form {
    /// The form that a charset's plain name (lower case, letters and digits alone) stands for.
    pub(super) fn named(plain: &str) -> Option<Form> {
        let form = |width, order| Some(Form { width, order });
        match plain {
            "utf16" | "ucs2" | "unicode" | "iso10646ucs2" | "unicode11" => form(Width::Two, None),
            "utf16le" | "ucs2le" | "unicodefeff" => form(Width::Two, Some(Order::Little)),
            "utf16be" | "ucs2be" | "unicodefffe" => form(Width::Two, Some(Order::Big)),
            "utf32" | "ucs4" | "iso10646ucs4" => form(Width::Four, None),
            "utf32le" | "ucs4le" => form(Width::Four, Some(Order::Little)),
            "utf32be" | "ucs4be" => form(Width::Four, Some(Order::Big)),
            _ => None,
        }
    }

    /// Text of two bytes that nothing calls so: every other byte is zero, as it is in no other text.
    pub(super) fn by_zeros(bytes: &[u8]) -> Option<Form> {
        let start = &bytes[..bytes.len().min(LOOKED_AT)];
        memchr::memchr(0, start)?;
        let [even, odd] = Side::both(start, 2);
        let units = start.len() / 2;
        let is_high = |high: &Side, low: &Side| high.zeros * 2 >= units && low.zeros * 16 <= units;
        let order = match () {
            () if units < 2 => return None,
            () if is_high(&even, &odd) => Order::Big,
            () if is_high(&odd, &even) => Order::Little,
            () => return None,
        };
        Some(Form { width: Width::Two, order: Some(order) })
    }

    /// Decodes; the flag says that the order is a guess.
    pub(super) fn decode(self, bytes: &[u8]) -> (String, bool) {
        let guessed = self.guess(bytes);
        let order = match self.order {
            Some(stated) if !self.contradicts(stated, bytes) => stated,
            _ => guessed,
        };
        (decode_as(self.width, order, bytes), self.order != Some(order))
    }

    /// Whether text of a stated order holds too many zero bytes where its low bytes are.
    fn contradicts(self, stated: Order, bytes: &[u8]) -> bool {
        let start = &bytes[..bytes.len().min(LOOKED_AT)];
        let (high, low) = self.sides(stated, start);
        low.zeros > high.zeros + start.len() / self.stride() / 4
    }

    /// The high bytes of a script are few, and its low bytes many; where both are alike, zeros are high bytes. RFC 2781 §4.3
    /// takes what is still undecided for big-endian.
    fn guess(self, bytes: &[u8]) -> Order {
        let start = &bytes[..bytes.len().min(LOOKED_AT)];
        let (first, last) = self.sides(Order::Big, start);
        let key = |side: &Side| (side.distinct, std::cmp::Reverse(side.zeros));
        if key(&last) < key(&first) { Order::Little } else { Order::Big }
    }

    fn stride(self) -> usize {
        match self.width {
            Width::Two => 2,
            Width::Four => 4,
        }
    }

    /// The high and the low bytes of an order.
    fn sides(self, order: Order, start: &[u8]) -> (Side, Side) {
        let [first, last] = Side::both(start, self.stride());
        match order {
            Order::Big => (first, last),
            Order::Little => (last, first),
        }
    }
}

/// The form and length of a byte order mark. U+0000 behind a mark of UTF-16 does not happen in text.
pub(super) fn mark(bytes: &[u8]) -> Option<(Form, usize)> {
    let form = |width, order| Form { width, order: Some(order) };
    match bytes {
        [0xff, 0xfe, 0, 0, ..] => Some((form(Width::Four, Order::Little), 4)),
        [0, 0, 0xfe, 0xff, ..] => Some((form(Width::Four, Order::Big), 4)),
        [0xff, 0xfe, ..] => Some((form(Width::Two, Order::Little), 2)),
        [0xfe, 0xff, ..] => Some((form(Width::Two, Order::Big), 2)),
        _ => None,
    }
}

/// What stands at the first or last place of all units.
struct Side {
    zeros: usize,
    distinct: usize,
}

impl Side {
    /// The first and the last bytes of units of this many.
    fn both(start: &[u8], stride: usize) -> [Side; 2] {
        [0, stride - 1].map(|offset| {
            let mut seen = [0usize; 256];
            start.chunks_exact(stride).for_each(|unit| seen[usize::from(unit[offset])] += 1);
            Side { zeros: seen[0], distinct: seen.iter().filter(|&&times| times > 0).count() }
        })
    }
}

/// What is no character, or half of one at the end, is U+FFFD.
fn decode_as(width: Width, order: Order, bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    match width {
        Width::Two => {
            let (units, rest) = bytes.as_chunks::<2>();
            let unit = |unit: &[u8; 2]| match order {
                Order::Big => u16::from_be_bytes(*unit),
                Order::Little => u16::from_le_bytes(*unit),
            };
            text.extend(char::decode_utf16(units.iter().map(unit)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
            text.extend(half(rest));
        }
        Width::Four => {
            let (units, rest) = bytes.as_chunks::<4>();
            let unit = |unit: &[u8; 4]| match order {
                Order::Big => u32::from_be_bytes(*unit),
                Order::Little => u32::from_le_bytes(*unit),
            };
            text.extend(units.iter().map(|bytes| char::from_u32(unit(bytes)).unwrap_or(char::REPLACEMENT_CHARACTER)));
            text.extend(half(rest));
        }
    }
    text
}

/// What is left of a unit: relays add a lone line end, or cut one.
fn half(rest: &[u8]) -> Option<char> {
    let is_line_end = rest.iter().all(|byte| matches!(byte, b'\r' | b'\n' | 0));
    (!is_line_end).then_some(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str, order: Order) -> Vec<u8> {
        let unit = |unit: u16| match order {
            Order::Big => unit.to_be_bytes(),
            Order::Little => unit.to_le_bytes(),
        };
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn the_order_shows_in_the_bytes_of_every_script() {
        let texts = [
            "A",
            "Le réseau est coupé.",
            "Принтер не печатает",
            "打印机坏了，请尽快来看。\n谢谢",
            "プリンターが動きません。",
        ];
        for order in [Order::Big, Order::Little] {
            for text in texts {
                let form = Form { width: Width::Two, order: None };
                assert_eq!(form.decode(&bytes(text, order)), (text.to_owned(), true), "{order:?}");
            }
        }
    }

    #[test]
    fn a_stated_order_holds_unless_the_bytes_deny_it() {
        let stated = Form { width: Width::Two, order: Some(Order::Little) };
        assert_eq!(stated.decode(&bytes("打印机坏了", Order::Little)), ("打印机坏了".to_owned(), false));
        assert_eq!(stated.decode(&bytes("The printer", Order::Big)), ("The printer".to_owned(), true));
    }

    #[test]
    fn a_text_of_every_other_byte_is_known_without_a_name() {
        assert!(Form::by_zeros(&bytes("Bonjour", Order::Little)).is_some());
        assert!(Form::by_zeros(b"Bonjour\0").is_none());
        assert!(Form::by_zeros(b"\0\0\0\0").is_none());
    }

    proptest::proptest! {
        #[test]
        fn a_marked_text_is_read_as_it_was_written(text in "\\PC{0,40}", big: bool) {
            let order = if big { Order::Big } else { Order::Little };
            let marked = bytes(&format!("\u{feff}a{text}"), order);
            let (form, length) = mark(&marked).expect("a mark");
            proptest::prop_assert_eq!(form.decode(&marked[length..]).0, format!("a{text}"));
        }

        #[test]
        fn any_bytes_are_decoded(bytes: Vec<u8>, plain in "utf16(le|be)?|utf32(le|be)?") {
            let form = Form::named(&plain).expect("a form");
            proptest::prop_assert!(form.decode(&bytes).0.len() <= bytes.len() * 3);
        }
    }
}
