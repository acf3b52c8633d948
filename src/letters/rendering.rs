//! A template and a letter's facts as text.
//!
//! What templates hold most are texts, facts by their name alone, conditions on one of these, lists, and links with commands:
//! they are written here. Handlebars, which copies a path wherever it resolves one, does all else, and says what
//! is wrong.

use handlebars::template::{HelperTemplate, Parameter, TemplateElement};
use handlebars::{
    Context, Handlebars, JsonRender, JsonTruthy, Output, Path, PathSeg, RenderContext, RenderError, Renderable,
    Template,
};
use serde_json::Value;

use super::helpers::CommandLinks;
use super::html;
use super::template_file::Part;

/// Renders a template of this part of a letter with the helpers of the registry.
pub(super) fn render<'r>(
    template: &'r Template,
    part: Part,
    registry: &'r Handlebars<'r>,
    context: &'r Context,
) -> Result<String, RenderError> {
    let (state, text) = (RenderContext::new(template.name.as_ref()), Text(String::with_capacity(TEXT_BYTES)));
    let mut rendering = Rendering { part, registry, context, state, links: None, text };
    rendering.template(template)?;
    Ok(rendering.text.0)
}

/// Most parts of letters are shorter.
const TEXT_BYTES: usize = 2048;

struct Rendering<'r> {
    part: Part,
    registry: &'r Handlebars<'r>,
    context: &'r Context,
    state: RenderContext<'r, 'r>,
    links: Option<CommandLinks>,
    text: Text,
}

/// What is rendered so far.
struct Text(String);

impl Output for Text {
    fn write(&mut self, text: &str) -> std::io::Result<()> {
        self.0.push_str(text);
        Ok(())
    }
}

impl<'r> Rendering<'r> {
    fn template(&mut self, template: &'r Template) -> Result<(), RenderError> {
        for (at, element) in template.elements.iter().enumerate() {
            self.element(element).map_err(|mut error| {
                if let (None, Some(place)) = (error.line_no, template.mapping.get(at)) {
                    (error.line_no, error.column_no) = (Some(place.0), Some(place.1));
                }
                error.template_name = error.template_name.or_else(|| template.name.clone());
                error
            })?;
        }
        Ok(())
    }

    fn element(&mut self, element: &'r TemplateElement) -> Result<(), RenderError> {
        let letter = self.context.data();
        if let TemplateElement::HelperBlock(block) = element
            && let Some(branch) = branch(block, letter)
        {
            return branch.map_or(Ok(()), |branch| self.template(branch));
        }
        if self.is_written(element, letter) {
            return Ok(());
        }
        element.render(self.registry, self.context, &mut self.state, &mut self.text)
    }

    /// Writes an element about the letter or an item of a list, unless it holds what is Handlebars's to write.
    fn is_written(&mut self, element: &'r TemplateElement, about: &'r Value) -> bool {
        match element {
            TemplateElement::RawString(text) => self.text.0.push_str(text),
            TemplateElement::Expression(name) if name.params.is_empty() && name.hash.is_empty() => {
                let Some(value) = fact(&name.name, about) else { return false };
                self.value(value);
            }
            TemplateElement::Expression(call) if self.part == Part::Html => {
                let Some(command) = command(call, about) else { return false };
                let links = self.links.get_or_insert_with(|| CommandLinks::of(self.context.data()));
                links.push(&mut self.text.0, command);
            }
            TemplateElement::HelperBlock(block) => return self.is_block_written(block, about),
            _ => return false,
        }
        true
    }

    fn is_block_written(&mut self, block: &'r HelperTemplate, about: &'r Value) -> bool {
        if let Some(branch) = branch(block, about) {
            return branch.is_none_or(|branch| branch.elements.iter().all(|element| self.is_written(element, about)));
        }
        let Some((items, template)) = list(block, about) else { return false };
        let start = self.text.0.len();
        let is_written =
            items.iter().all(|item| template.elements.iter().all(|element| self.is_written(element, item)));
        if !is_written {
            self.text.0.truncate(start);
        }
        is_written
    }

    fn value(&mut self, value: &Value) {
        let rendered;
        let text = match value {
            Value::String(text) => text,
            other => {
                rendered = other.render();
                &rendered
            }
        };
        match self.part {
            Part::Html => html::push_escaped_for_template(&mut self.text.0, text),
            Part::Subject | Part::Text => self.text.0.push_str(text),
        }
    }
}

/// What is meant by its name alone, or by `this`. No fact has the name of a helper.
fn fact<'r>(parameter: &Parameter, about: &'r Value) -> Option<&'r Value> {
    let Parameter::Path(Path::Relative((segments, _))) = parameter else { return None };
    match segments.as_slice() {
        [] => Some(about),
        [PathSeg::Named(name)] => about.as_object()?.get(name),
        _ => None,
    }
}

/// The branch that `{{#if fact}}` or `{{#unless fact}}` takes; `None` for any other block.
fn branch<'r>(block: &'r HelperTemplate, about: &Value) -> Option<Option<&'r Template>> {
    let wanted = match block.name.as_name()? {
        "if" => true,
        "unless" => false,
        _ => return None,
    };
    let [condition] = block.params.as_slice() else { return None };
    let is_met = fact(condition, about).filter(|_| block.hash.is_empty())?.is_truthy(false) == wanted;
    Some(if is_met { block.template.as_ref() } else { block.inverse.as_ref() })
}

/// The items of `{{#each fact}}`, and what is written of each; `None` for any other block.
fn list<'r>(block: &'r HelperTemplate, about: &'r Value) -> Option<(&'r Vec<Value>, &'r Template)> {
    let ([items], Some("each")) = (block.params.as_slice(), block.name.as_name()) else { return None };
    let items = fact(items, about)?.as_array()?;
    let is_plain = block.block_param.is_none() && block.inverse.is_none();
    is_plain.then_some(items).zip(block.template.as_ref())
}

/// The command that `{{mailto "#command"}}` or `{{mailto fact}}` gives.
fn command<'r>(call: &'r HelperTemplate, about: &'r Value) -> Option<&'r str> {
    match call.params.as_slice() {
        _ if call.name.as_name() != Some("mailto") => None,
        [Parameter::Literal(Value::String(command))] => Some(command),
        [parameter] => fact(parameter, about)?.as_str(),
        _ => None,
    }
}
