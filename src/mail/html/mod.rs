//! HTML mail as readable text.

mod link;
mod list;
mod render;
mod tag;

pub(super) use render::{Area, Rendered, render};

/// The readable text of an HTML document. Takes time in proportion to its length, whatever it holds.
pub fn to_text(html: &str) -> String {
    render(html).text
}
