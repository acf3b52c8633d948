//! Case numbers of vendors' own ticket systems.

use regex::Regex;

use crate::desk::Vendor;
use crate::mail::{InboundMail, Kind, external_in_text};

/// The vendor's case numbers that a mail names, the likeliest first: by the configured pattern in subject and text,
/// else in the usual forms that parsing recognised.
pub(in crate::desk) fn find(mail: &InboundMail, vendor: &Vendor) -> Vec<String> {
    let configured = vendor.case_number.as_deref().and_then(|pattern| Regex::new(pattern).ok());
    match configured {
        Some(pattern) => {
            let texts = [mail.subject.as_str(), mail.body.reply_text.as_str()];
            let found = texts.iter().filter_map(|text| pattern.captures(text));
            found.filter_map(|found| found.get(1).or_else(|| found.get(0))).map(|m| m.as_str().to_owned()).collect()
        }
        None => {
            let named: Vec<String> = mail.external_refs.iter().map(|reference| reference.id.clone()).collect();
            // A ticket system's "we received it" may name the number in its text alone; a person's text names many.
            let by_robot = mail.kind_if_foreign == Kind::AutoReply || !mail.may_ack;
            if named.is_empty() && by_robot { external_in_text(&mail.body.reply_text) } else { named }
        }
    }
}
