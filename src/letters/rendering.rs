//! A template and a letter's facts as text.
//!
//! What templates hold most are texts, facts of the letter by their name alone, conditions on one of these, and links with
//! commands: they are written here. Handlebars, which copies a path wherever it resolves one, does all else, and says what
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
                error.line_no = error.line_no.or(template.mapping.get(at).map(|mapping| mapping.0));
                error.template_name = error.template_name.or_else(|| template.name.clone());
                error
            })?;
        }
        Ok(())
    }

    fn element(&mut self, element: &'r TemplateElement) -> Result<(), RenderError> {
        match element {
            TemplateElement::RawString(text) => {
                self.text.0.push_str(text);
                return Ok(());
            }
            TemplateElement::Expression(expression) if expression.params.is_empty() && expression.hash.is_empty() => {
                if let Some(value) = self.fact(&expression.name) {
                    self.value(value);
                    return Ok(());
                }
            }
            TemplateElement::Expression(call) if self.part == Part::Html => {
                if let Some(command) = command(call) {
                    let links = self.links.get_or_insert_with(|| CommandLinks::of(self.context.data()));
                    links.push(&mut self.text.0, command);
                    return Ok(());
                }
            }
            TemplateElement::HelperBlock(block) => {
                if let Some(is_met) = self.condition(block) {
                    let branch = if is_met { &block.template } else { &block.inverse };
                    return branch.as_ref().map_or(Ok(()), |branch| self.template(branch));
                }
            }
            _ => {}
        }
        element.render(self.registry, self.context, &mut self.state, &mut self.text)
    }

    /// The fact that is meant by its name alone. No fact has the name of a helper.
    fn fact(&self, parameter: &Parameter) -> Option<&'r Value> {
        let Parameter::Path(Path::Relative((segments, _))) = parameter else { return None };
        let [PathSeg::Named(name)] = segments.as_slice() else { return None };
        self.context.data().get(name)
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

    /// Whether `{{#if fact}}` or `{{#unless fact}}` holds; `None` for any other block.
    fn condition(&self, block: &HelperTemplate) -> Option<bool> {
        let wanted = match block.name.as_name()? {
            "if" => true,
            "unless" => false,
            _ => return None,
        };
        let [fact] = block.params.as_slice() else { return None };
        (block.hash.is_empty()).then_some(self.fact(fact)?.is_truthy(false) == wanted)
    }
}

/// Which one `{{mailto "#command"}}` gives.
fn command(call: &HelperTemplate) -> Option<&str> {
    match call.params.as_slice() {
        [Parameter::Literal(Value::String(command))] if call.name.as_name() == Some("mailto") => Some(command),
        _ => None,
    }
}
