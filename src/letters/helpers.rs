//! What templates can call beside Handlebars' own.

use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderErrorReason};
use serde_json::Value;

use super::html;
use super::scope::value_of;

/// Handlebars' own helpers that templates may call.
const BUILT_IN: [&str; 15] =
    ["if", "unless", "each", "with", "lookup", "len", "eq", "ne", "gt", "gte", "lt", "lte", "and", "or", "not"];

/// Which helpers there are.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.into_iter().chain(["quote", "lines", "safe", "mailto"])
}

/// `{{quote TEXT}}`: the lines of a text behind `> `.
pub(super) fn register_for_text(registry: &mut Handlebars<'_>) {
    registry.register_helper("quote", Box::new(quote));
}

/// `{{lines TEXT}}`: a text with its line ends and links. `{{safe HTML}}`: `text_html`, or the `html` of a known fix.
/// `{{mailto "#command"}}`: a link that answers the letter with a command; `{{mailto "#command" this}}`, on a worklist: that
/// gives the command on this ticket.
pub(super) fn register_for_html(registry: &mut Handlebars<'_>) {
    registry.register_helper("lines", Box::new(lines));
    registry.register_helper("safe", Box::new(safe));
    registry.register_helper("mailto", Box::new(mailto));
}

fn quote(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    for line in text_of(helper)?.trim().lines() {
        out.write(if line.is_empty() { ">" } else { "> " })?;
        out.write(line)?;
        out.write("\n")?;
    }
    Ok(())
}

fn lines(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let mut written = String::new();
    html::push_lines(&mut written, text_of(helper)?);
    Ok(out.write(&written)?)
}

fn safe(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let value = helper.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("safe", 0))?.value();
    match value.get("safe_html").and_then(Value::as_str) {
        Some(html) => Ok(out.write(html)?),
        None if value.is_null() => Ok(()),
        None => Err(RenderErrorReason::InvalidParamType("text_html, or the html of a known fix").into()),
    }
}

fn mailto(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    context: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let scope = helper.param(1).map_or(context.data(), |item| item.value());
    let mut written = String::new();
    CommandLinks::of(scope).push(&mut written, text_of(helper)?);
    Ok(out.write(&written)?)
}

/// Links that answer a letter, or a mail about a ticket, with a command: what they share, escaped for HTML.
pub(super) struct CommandLinks {
    before: String,
    behind: String,
}

impl CommandLinks {
    /// Of the scope of a letter, or of a ticket on a worklist.
    pub(super) fn of(scope: &Value) -> Self {
        let text = |name| value_of(scope, name).as_str().unwrap_or_default();
        let mut before = String::new();
        html::push_escaped(&mut before, &html::mailto(text("reply_to"), text("letter_subject"), ""));
        let mut below = "\r\n".to_owned();
        if value_of(scope, "reply_to_holds_token") != &Value::Bool(true) {
            // Below the signature's mark (RFC 3676 §4.3): it is found there, and nobody takes it for words of the agent.
            below.push_str(&format!("\r\n\r\n-- \r\nref: {}\r\n", text("token")));
        }
        let mut behind = String::new();
        html::push_percent_encoded(&mut behind, &below);
        CommandLinks { before, behind }
    }

    /// Appends the link that gives this command.
    pub(super) fn push(&self, html: &mut String, command: &str) {
        html.push_str(&self.before);
        html::push_percent_encoded(html, command);
        html.push_str(&self.behind);
    }
}

fn text_of<'c>(helper: &'c Helper<'_>) -> Result<&'c str, RenderErrorReason> {
    match helper.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("helper", 0))?.value() {
        Value::String(text) => Ok(text),
        Value::Null => Ok(""),
        _ => Err(RenderErrorReason::InvalidParamType("a text")),
    }
}
