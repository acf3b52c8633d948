//! Case numbers of vendors' own ticket systems.

use regex::Regex;

use super::Vendor;
use crate::mail::InboundMail;

/// The vendor's case numbers that a mail names, the likeliest first: by the configured pattern in subject and text,
/// else in the usual forms that parsing recognised.
pub(super) fn find(mail: &InboundMail, vendor: &Vendor) -> Vec<String> {
    let configured = vendor.case_number.as_deref().and_then(|pattern| Regex::new(pattern).ok());
    match configured {
        Some(pattern) => {
            let texts = [mail.subject.as_str(), mail.body.reply_text.as_str()];
            let found = texts.iter().filter_map(|text| pattern.captures(text));
            found.filter_map(|found| found.get(1).or_else(|| found.get(0))).map(|m| m.as_str().to_owned()).collect()
        }
        None => mail.external_refs.iter().map(|reference| reference.id.clone()).collect(),
    }
}
