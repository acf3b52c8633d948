//! `BODY[section]` (RFC 3501 §6.4.5): which bytes of a mail it names.

use std::borrow::Cow;
use std::num::NonZeroU32;

use imap_codec::imap_types::core::AString;
use imap_codec::imap_types::fetch::{Part, Section};

use crate::demo::server::mime::{self, Content, Entity};

/// `BODY[1.2.HEADER.FIELDS (FROM TO)]`.
pub(super) fn label(section: Option<&Section<'_>>) -> String {
    let inner = match section {
        None => String::new(),
        Some(Section::Part(part)) => numbers(part),
        Some(Section::Header(part)) => prefixed(part.as_ref(), "HEADER"),
        Some(Section::HeaderFields(part, names)) => {
            prefixed(part.as_ref(), &format!("HEADER.FIELDS ({})", field_names(names.as_ref())))
        }
        Some(Section::HeaderFieldsNot(part, names)) => {
            prefixed(part.as_ref(), &format!("HEADER.FIELDS.NOT ({})", field_names(names.as_ref())))
        }
        Some(Section::Text(part)) => prefixed(part.as_ref(), "TEXT"),
        Some(Section::Mime(part)) => format!("{}.MIME", numbers(part)),
    };
    format!("BODY[{inner}]")
}

/// The bytes; `None` where the mail has no such part.
pub(super) fn data<'a>(raw: &'a [u8], section: Option<&Section<'_>>) -> Option<Cow<'a, [u8]>> {
    let borrowed = match section {
        None => raw,
        Some(Section::Part(part)) => entity(&mime::parse(raw), part)?.1,
        Some(Section::Mime(part)) => entity(&mime::parse(raw), part)?.0,
        Some(Section::Header(part)) => message(raw, part.as_ref())?.0,
        Some(Section::Text(part)) => message(raw, part.as_ref())?.1,
        Some(Section::HeaderFields(part, names)) => {
            let listed = |name: &str| is_listed(names.as_ref(), name);
            return Some(Cow::Owned(fields(message(raw, part.as_ref())?.0, listed)));
        }
        Some(Section::HeaderFieldsNot(part, names)) => {
            let unlisted = |name: &str| !is_listed(names.as_ref(), name);
            return Some(Cow::Owned(fields(message(raw, part.as_ref())?.0, unlisted)));
        }
    };
    Some(Cow::Borrowed(borrowed))
}

/// Header and body of the whole mail, or of the message/rfc822 that the part is.
fn message<'a>(raw: &'a [u8], part: Option<&Part>) -> Option<(&'a [u8], &'a [u8])> {
    match part {
        None => Some(mime::split(raw)),
        Some(part) => Some(mime::split(entity(&mime::parse(raw), part)?.1)),
    }
}

/// MIME header and body of a part.
fn entity<'a>(root: &Entity<'a>, part: &Part) -> Option<(&'a [u8], &'a [u8])> {
    let found =
        part.0.as_ref().iter().try_fold((root, Depth::Top), |(entity, depth), number| child(entity, depth, *number));
    found.map(|(entity, _)| (entity.header, entity.body))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// The mail itself.
    Top,
    /// A part that is no multipart; it has no further parts.
    Leaf,
    Inner,
}

fn child<'e, 'a>(entity: &'e Entity<'a>, depth: Depth, number: NonZeroU32) -> Option<(&'e Entity<'a>, Depth)> {
    let at = number.get() as usize - 1;
    match &entity.content {
        _ if depth == Depth::Leaf => None,
        Content::Multipart(parts) => parts.get(at).map(|part| (part, Depth::Inner)),
        Content::Message(inner) if depth == Depth::Inner => match &inner.content {
            Content::Multipart(parts) => parts.get(at).map(|part| (part, Depth::Inner)),
            Content::Leaf | Content::Message(_) => (at == 0).then_some((inner.as_ref(), Depth::Leaf)),
        },
        Content::Leaf | Content::Message(_) => (depth == Depth::Top && at == 0).then_some((entity, Depth::Inner)),
    }
}

fn fields(header: &[u8], wanted: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut chosen = Vec::new();
    for (_, field) in mime::fields(header).filter(|(name, _)| wanted(name)) {
        chosen.extend_from_slice(field);
    }
    chosen.extend_from_slice(b"\r\n");
    chosen
}

fn is_listed(names: &[AString<'_>], name: &str) -> bool {
    names.iter().any(|listed| listed.as_ref().eq_ignore_ascii_case(name.as_bytes()))
}

fn field_names(names: &[AString<'_>]) -> String {
    let names = names.iter().map(|name| String::from_utf8_lossy(name.as_ref()).to_uppercase());
    names.collect::<Vec<_>>().join(" ")
}

fn prefixed(part: Option<&Part>, specifier: &str) -> String {
    match part {
        None => specifier.to_owned(),
        Some(part) => format!("{}.{specifier}", numbers(part)),
    }
}

fn numbers(part: &Part) -> String {
    part.0.as_ref().iter().map(NonZeroU32::to_string).collect::<Vec<_>>().join(".")
}
