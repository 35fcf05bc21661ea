//! Variables of the app's containers, which lead it to the sidecar.

use super::Pod;
use super::fields::{Field, close, open, own, own_way, raw};
use crate::inject::node::{Content, Node};
use crate::inject::options::{Options, Setting};
use crate::inject::sidecar::NAME;
use crate::inject::text::Text;
use crate::inject::undo::{Form, Undo};

/// Whether a setting is for a container of the app.
#[must_use]
pub fn matches(setting: &Setting, container: &str) -> bool {
    container != NAME && (setting.container == "*" || setting.container == container)
}

const LISTS: [&str; 2] = ["initContainers", "containers"];

impl Pod<'_> {
    pub(super) fn set_variables(&mut self, options: &Options, found: &mut [bool]) -> Result<(), String> {
        for (index, setting) in options.settings.iter().enumerate().rev() {
            for list in LISTS {
                let is_meant = |each: &Node| each.name().is_some_and(|name| matches(setting, name));
                let any = self.node.find(&["spec", list]).is_some_and(|all| all.items().iter().any(is_meant));
                if !any {
                    continue;
                }
                let containers = own_way(self.node, &["spec", list])?.and_then(Node::items_mut);
                for container in containers.into_iter().flatten().filter(|each| is_meant(each)) {
                    found[index] = true;
                    let name = container.name().unwrap_or_default().to_owned();
                    set(container, setting, self.text, &mut self.undo)
                        .map_err(|why| format!("spec.{list}, the container {name}: {why}"))?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn unset_variables(&mut self, undo: &Undo) -> Result<(), String> {
        let fields = undo.0.keys().filter_map(|field| field.strip_prefix("env/")?.split_once('/'));
        let form = self.form;
        for (container, variable) in fields {
            for list in LISTS {
                let is_meant = |each: &Node| each.name() == Some(container);
                if !self.node.find(&["spec", list]).is_some_and(|all| all.items().iter().any(is_meant)) {
                    continue;
                }
                let containers = own_way(self.node, &["spec", list])?.and_then(Node::items_mut);
                for holder in containers.into_iter().flatten().filter(|each| is_meant(each)) {
                    unset(holder, container, variable, undo, form)?;
                }
            }
        }
        Ok(())
    }
}

fn set(container: &mut Node, setting: &Setting, text: Text, undo: &mut Undo) -> Result<(), String> {
    if matches!(container.content, Content::Alias { .. }) {
        return Err("is an alias: write it out".to_owned());
    }
    let name = container.name().unwrap_or_default().to_owned();
    let field = Field {
        key: "env",
        name: format!("env/{name}"),
        behind: &["name", "image", "imagePullPolicy", "command", "args"],
        empty: Content::Seq(Vec::new()),
    };
    let variables = open(container, field, text, undo)?.items_mut().into_iter();
    let field = format!("env/{name}/{}", setting.name);
    for variables in variables {
        let known = variables.iter_mut().find(|variable| variable.name() == Some(&setting.name));
        let Some(known) = known else {
            let entries =
                vec![("name", Node::string(&setting.name)), ("value", Node::string(&setting.value))];
            variables.insert(0, Node::map(entries));
            undo.0.insert(field.clone(), None);
            continue;
        };
        let former = replace(known, &setting.value, text)?;
        undo.0.insert(field.clone(), Some(former));
    }
    Ok(())
}

/// Gives a variable another value, and says how the former one was written.
fn replace(variable: &mut Node, value: &str, text: Text) -> Result<String, String> {
    let name = variable.name().unwrap_or_default().to_owned();
    if variable.get("valueFrom").is_some() {
        return Err(format!(
            "{name} has its value from elsewhere (valueFrom): take that away, or set another variable"
        ));
    }
    let Some(entries) = variable.entries_mut() else {
        return Err(format!("{name} is an alias: write it out"));
    };
    let Some((key, own)) = entries.iter_mut().find(|(key, _)| key.text() == Some("value")) else {
        return Err(format!("{name} has no value of its own: give it one, or take it away"));
    };
    let former = own
        .written
        .as_ref()
        .map(|written| written.raw.clone())
        .or_else(|| raw(text, key, own))
        .unwrap_or_default();
    if own.place.literal || former.contains('\n') || own.anchor.is_some() {
        return Err(format!(
            "{name} has a value of several lines, or one with an anchor: write it on one line"
        ));
    }
    *own = Node::string(value);
    Ok(former)
}

fn unset(container: &mut Node, name: &str, variable: &str, undo: &Undo, form: Form) -> Result<(), String> {
    let field = format!("env/{name}/{variable}");
    let former = undo.former(&field, form);
    let Some(variables) = own(container, "env")?.and_then(Node::items_mut) else { return Ok(()) };
    let Some(index) = variables.iter().position(|each| each.name() == Some(variable)) else { return Ok(()) };
    match former {
        Some(former) => put_back(&mut variables[index], former),
        None => drop(variables.remove(index)),
    }
    close(container, "env", &format!("env/{name}"), undo, form);
    Ok(())
}

fn put_back(variable: &mut Node, former: Node) {
    if let Some(value) = variable.own_mut("value") {
        *value = former;
    }
}
