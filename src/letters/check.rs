//! What a template must not hold, found before it is used.
//!
//! Strict mode finds an unknown name where it is written out, but `{{#if unknown}}` is silently false; so every name in
//! every branch is looked at. `{{{name}}}` would write live HTML of a mail.

use std::collections::HashSet;
use std::sync::LazyLock;

use handlebars::template::{
    BlockParam, DecoratorTemplate, HelperTemplate, Parameter, TemplateElement, TemplateMapping,
};
use handlebars::{Path, PathSeg, Template, TemplateErrorReason};

use super::template_file::{Part, TemplateFault};
use super::{helpers, sample, scope};
use crate::desk::nearest;

/// Parts may include parts; deeper than this they include themselves.
const INCLUDE_DEPTH: usize = 8;

static NAMES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let scope = sample::scope();
    let names = scope.as_object().into_iter().flat_map(|scope| scope.keys().cloned());
    names.chain(scope::item_names()).chain(["this".to_owned()]).collect()
});

/// Gives the part of this name that files of the same language and kind may include.
pub(super) type Parts<'p> = &'p dyn Fn(&str) -> Option<Template>;

/// Compiles one file and looks at all of it.
pub(super) fn compile(path: &str, source: &str, part: Part) -> Result<Template, Vec<TemplateFault>> {
    let template = unchecked(path, source).map_err(|fault| vec![fault])?;
    let mut inspection = Inspection { path, part, faults: Vec::new(), block_parameters: HashSet::new() };
    inspection.template(&template, 1);
    if inspection.faults.is_empty() { Ok(template) } else { Err(inspection.faults) }
}

/// Compiles one file that was looked at before.
pub(super) fn unchecked(path: &str, source: &str) -> Result<Template, TemplateFault> {
    Template::compile_with_name(source, path.to_owned()).map_err(|error| {
        let problem = match error.reason() {
            // The parser's own text is a drawing of several lines.
            TemplateErrorReason::InvalidSyntax(_) => "Handlebars cannot read this".to_owned(),
            reason => format!("Handlebars says: {reason}"),
        };
        TemplateFault {
            file: path.to_owned(),
            line: error.pos().map(|(line, _)| line),
            problem,
            remedy: "Close every {{#block}} with {{/block}} of the same name, and every {{ with }}".to_owned(),
        }
    })
}

/// The template with its includes in it; `parts` gives those that there are. Handlebars would copy a letter's whole context
/// for each, whenever it renders.
pub(super) fn with_includes(
    path: &str,
    mut template: Template,
    part: Part,
    parts: Parts<'_>,
) -> Result<Template, TemplateFault> {
    include(path, &mut template, part, parts, INCLUDE_DEPTH, None)?;
    Ok(template)
}

fn include(
    path: &str,
    template: &mut Template,
    part: Part,
    parts: Parts<'_>,
    depth: usize,
    outer: Option<&TemplateMapping>,
) -> Result<(), TemplateFault> {
    let elements = std::mem::take(&mut template.elements);
    let mut mappings = std::mem::take(&mut template.mapping).into_iter();
    let mut last = None;
    for mut element in elements {
        // What stands behind an {{else if}} has no place of its own in the file.
        let Some(mapping) = mappings.next().or(last.clone()).or(outer.cloned()) else { continue };
        last = Some(mapping.clone());
        if let TemplateElement::PartialExpression(partial) = &element {
            let included = included(path, partial, &mapping, part, parts, depth)?;
            template.elements.extend(included.elements);
            template.mapping.extend(included.mapping);
            continue;
        }
        if let TemplateElement::HelperBlock(block) = &mut element {
            for branch in block.template.iter_mut().chain(block.inverse.iter_mut()) {
                include(path, branch, part, parts, depth, Some(&mapping))?;
            }
        }
        template.elements.push(element);
        template.mapping.push(mapping);
    }
    Ok(())
}

fn included(
    path: &str,
    partial: &DecoratorTemplate,
    mapping: &TemplateMapping,
    part: Part,
    parts: Parts<'_>,
    depth: usize,
) -> Result<Template, TemplateFault> {
    let fault = |problem: String, remedy: String| TemplateFault {
        file: path.to_owned(),
        line: Some(mapping.0),
        problem,
        remedy,
    };
    let name = partial.name.as_name().unwrap_or_default();
    if depth == 0 {
        return Err(fault(format!("{{{{> {name}}}}} includes itself"), "Take the include out of that file".to_owned()));
    }
    let mut included = Some(name).filter(|name| name.starts_with('_')).and_then(parts).ok_or_else(|| {
        let file = format!("{name}.{}.hbs", part.extension());
        fault(
            format!("There is no {file} to include"),
            "Names of parts begin with _; write the file, or another name".to_owned(),
        )
    })?;
    include(path, &mut included, part, parts, depth - 1, Some(mapping))?;
    Ok(included)
}

struct Inspection<'t> {
    path: &'t str,
    part: Part,
    faults: Vec<TemplateFault>,
    block_parameters: HashSet<String>,
}

impl Inspection<'_> {
    fn template(&mut self, template: &Template, outer_line: usize) {
        for (at, element) in template.elements.iter().enumerate() {
            // What stands behind an {{else if}} has no place of its own.
            let line = &template.mapping.get(at).map_or(outer_line, |mapping| mapping.0);
            match element {
                TemplateElement::RawString(_) | TemplateElement::Comment(_) => {}
                TemplateElement::Expression(expression) => self.expression(expression, *line),
                TemplateElement::HtmlExpression(_) => self.fault(
                    *line,
                    "{{{…}}} writes what it holds unescaped",
                    "Write {{…}}, or {{safe text_html}} for a person's words",
                ),
                TemplateElement::HelperBlock(block) => self.block(block, *line),
                TemplateElement::PartialExpression(partial) => {
                    if !partial.params.is_empty() || !partial.hash.is_empty() {
                        self.fault(*line, "An include takes no values", "Write {{> _name}} alone");
                    }
                }
                _ => self.fault(*line, "Decorators and blocks of parts are not used here", "Write {{> _name}} alone"),
            }
        }
    }

    fn expression(&mut self, expression: &HelperTemplate, line: usize) {
        if expression.params.is_empty() && expression.hash.is_empty() {
            self.parameter(&expression.name, line);
        } else {
            self.call(expression, line);
        }
    }

    fn block(&mut self, block: &HelperTemplate, line: usize) {
        self.call(block, line);
        if let Some(BlockParam::Single(name) | BlockParam::Pair((name, _))) = &block.block_param {
            self.block_parameters.extend(name.as_name().map(str::to_owned));
        }
        for branch in block.template.iter().chain(&block.inverse) {
            self.template(branch, line);
        }
    }

    fn call(&mut self, call: &HelperTemplate, line: usize) {
        let name = name_of(&call.name).unwrap_or_default();
        let elsewhere = match self.part {
            Part::Subject => matches!(name, "quote" | "lines" | "safe" | "mailto"),
            Part::Text => matches!(name, "lines" | "safe" | "mailto"),
            Part::Html => name == "quote",
        };
        if elsewhere {
            self.fault(
                line,
                &format!("{name} is not for this part of a letter"),
                "lines, safe and mailto are for HTML, quote is for text",
            );
        } else if !helpers::names().any(|known| known == name) {
            let known = helpers::names().collect::<Vec<_>>().join(", ");
            self.fault(line, &format!("There is no helper {name:?}"), &format!("There are {known}"));
        }
        call.params.iter().chain(call.hash.values()).for_each(|parameter| self.parameter(parameter, line));
    }

    fn parameter(&mut self, parameter: &Parameter, line: usize) {
        if let Parameter::Subexpression(subexpression) = parameter {
            match subexpression.as_element() {
                TemplateElement::Expression(call) => return self.call(call, line),
                _ => return self.fault(line, "Handlebars cannot read this", "Write it more simply"),
            }
        }
        let Some(name) = name_of(parameter) else { return };
        if !NAMES.contains(name) && !self.block_parameters.contains(name) {
            let mut names: Vec<&str> = NAMES.iter().map(String::as_str).collect();
            names.sort_unstable();
            let remedy = match nearest(name, names.iter().map(|known| ((*known).to_owned(), *known))) {
                Some(near) => format!("Did you mean {near:?}?"),
                None => format!("There are {}", names.join(", ")),
            };
            self.fault(line, &format!("There is no {name:?}"), remedy.trim_end_matches('?'));
        }
    }

    fn fault(&mut self, line: usize, problem: &str, remedy: &str) {
        self.faults.push(TemplateFault {
            file: self.path.to_owned(),
            line: Some(line),
            problem: problem.to_owned(),
            remedy: remedy.to_owned(),
        });
    }
}

/// The first name of a path; `None` for literals and for `@index` and its like.
fn name_of(parameter: &Parameter) -> Option<&str> {
    match parameter {
        Parameter::Name(name) => Some(name),
        Parameter::Path(Path::Relative((segments, _))) => segments.iter().find_map(|segment| match segment {
            PathSeg::Named(name) => Some(name.as_str()),
            _ => None,
        }),
        _ => None,
    }
}
