//! stand-in
use super::Contact;
use crate::mail::Language;
pub(super) fn looks_secret(_: &str) -> bool {
    false
}
pub(super) fn pseudonymise(text: &str, _: &[&Contact], _: Language) -> String {
    text.to_owned()
}
