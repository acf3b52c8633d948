//! stand-in
use super::InboundMail;
/// x
pub fn is_thanks(_: &str) -> bool {
    false
}
/// x
pub fn is_yes(_: &str) -> bool {
    false
}
/// x
pub fn is_no(_: &str) -> bool {
    false
}
/// x
pub fn is_reaction(_: &InboundMail) -> bool {
    false
}
