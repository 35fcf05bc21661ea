//! One text with all its documents: found, changed, checked.

use super::asks::{self, Asks};
use super::check;
use super::document::{Document, Fault, line_and_column};
use super::kinds::{self, Object, Pods};
use super::node::Node;
use super::options::Options;
use super::pod::{Pod, has_sidecar};
use super::splice::{self, Unable};
use super::style;
use super::text::Text;
use super::undo::Form;
use super::{faults, json, read};

/// What has become of a text.
#[derive(Default)]
pub struct Rewritten {
    pub text: String,
    /// How many pods have got the sidecar, or lost it.
    pub pods: usize,
    /// The objects that were left alone, for people: kind and name.
    pub others: Vec<String>,
}

/// The byte order mark, which readers leave out.
const MARK: &str = "\u{feff}";

/// Rewrites a text; `found` gets a mark for each setting that has found its container.
///
/// # Errors
/// A sentence for each thing that is wrong.
pub fn rewrite(
    name: &str,
    text: &str,
    options: &Options,
    found: &mut [bool],
) -> Result<Rewritten, Vec<String>> {
    // What is remembered word for word may not fit any more where other tools have written the manifest anew.
    let exact = rewrite_as(Form::Exact, name, text, options, found);
    exact.or_else(|faults| rewrite_as(Form::Json, name, text, options, found).map_err(|_| faults))
}

fn rewrite_as(
    form: Form,
    name: &str,
    text: &str,
    options: &Options,
    found: &mut [bool],
) -> Result<Rewritten, Vec<String>> {
    let bare = text.strip_prefix(MARK).unwrap_or(text);
    let ends = bare.is_empty() || bare.ends_with('\n');
    let newline = Text::new(bare).newline;
    let whole = if ends { bare.to_owned() } else { format!("{bare}{newline}") };
    let mut stream = Stream {
        name,
        text: Text::new(&whole),
        options,
        form,
        faults: Vec::new(),
        done: Rewritten::default(),
    };
    let documents = stream.documents().map_err(|fault| vec![stream.place(&fault)])?;
    let wanted: Vec<Option<Node>> = documents
        .iter()
        .enumerate()
        .map(|(index, document)| stream.wanted(document, &format!("document {}", index + 1), found))
        .collect();
    let changed = stream.written(&documents, &wanted);
    if !stream.faults.is_empty() {
        return Err(stream.faults);
    }
    let mut done = stream.done;
    let changed = if ends { changed } else { changed.strip_suffix(newline).unwrap_or(&changed).to_owned() };
    done.text = if bare.len() == text.len() { changed } else { format!("{MARK}{changed}") };
    Ok(done)
}

struct Stream<'t> {
    name: &'t str,
    text: Text<'t>,
    options: &'t Options,
    form: Form,
    faults: Vec<String>,
    done: Rewritten,
}

impl Stream<'_> {
    fn documents(&self) -> Result<Vec<Document>, Fault> {
        json::documents(self.text.all).unwrap_or_else(|| read::documents(self.text.all))
    }

    fn place(&self, fault: &Fault) -> String {
        let (line, column) = line_and_column(self.text.all, fault.at);
        format!("{}: line {line}, column {column}: {}: nothing was changed", self.name, fault.why)
    }

    /// What a document is to say, if it is to say something else.
    fn wanted(&mut self, document: &Document, label: &str, found: &mut [bool]) -> Option<Node> {
        let mut wanted = None;
        for object in kinds::objects(&document.root) {
            let who = format!("{}: {label}, {} {}", self.name, object.kind, object.name);
            let Some(way) = self.way(&object, &who) else {
                if !object.kind.is_empty() {
                    self.done.others.push(format!("{} {}", object.kind, object.name));
                }
                continue;
            };
            if let Some((at, key)) = &document.doubled {
                let (line, column) = line_and_column(self.text.all, *at);
                self.faults.push(format!("{who}: line {line}, column {column}: the key {key} stands twice in one map: take one of them away"));
                return None;
            }
            if wanted.is_none()
                && let Err(why) = check::again(self.text.all, document)
            {
                self.faults.push(format!("{who}: {why}: write it in a plainer style"));
                return None;
            }
            let changed = wanted.get_or_insert_with(|| document.root.clone());
            self.edit(changed, &object, way, document.json, &who, found);
        }
        wanted
    }

    /// The way to the pod of an object that is to be changed.
    fn way(&mut self, object: &Object, who: &str) -> Option<&'static [&'static str]> {
        let pod = match &object.pods {
            Pods::At(way) => object.node.find(way),
            Pods::None => None,
            Pods::Unknown(field) => kinds::at(object.node, field),
        }?;
        let asks = if self.options.uninject { Ok(Asks::Nothing) } else { asks::of(object.node, pod) };
        let asks = asks.map_err(|why| self.faults.push(format!("{who}: {why}"))).ok()?;
        let has = has_sidecar(pod);
        let is_meant = match asks {
            Asks::Out => false,
            Asks::In => true,
            Asks::Nothing => has || (self.options.all && !self.options.uninject),
        };
        match &object.pods {
            _ if !is_meant => None,
            Pods::At(way) => Some(way),
            Pods::None => None,
            Pods::Unknown(field) => {
                self.faults.push(unknown(who, field));
                None
            }
        }
    }

    fn edit(
        &mut self,
        root: &mut Node,
        object: &Object,
        way: &[&str],
        json: bool,
        who: &str,
        found: &mut [bool],
    ) {
        let field = way.iter().fold(String::new(), |all, key| all + key + ".");
        let edited = locate(root, &object.path, way).and_then(|node| {
            let mut pod = Pod::new(node, self.text, if json { Form::Json } else { self.form });
            let slot = pod.take_out().map_err(|why| vec![why])?;
            if self.options.uninject {
                return Ok(());
            }
            let faults = faults::of(pod.node, &object.kind, self.options);
            if faults.is_empty() {
                pod.put_in(self.options, slot, found).map_err(|why| vec![why])
            } else {
                Err(faults)
            }
        });
        match edited {
            Ok(()) => self.done.pods += 1,
            Err(faults) => self.faults.extend(faults.iter().map(|why| format!("{who}: {field}{why}"))),
        }
    }

    /// The text in which each document says what is wanted.
    fn written(&mut self, documents: &[Document], wanted: &[Option<Node>]) -> String {
        let mut splices = Vec::new();
        for (index, (document, wanted)) in documents.iter().zip(wanted).enumerate() {
            let Some(wanted) = wanted else { continue };
            let style = style::of(self.text, document);
            match splice::splices(self.text, style, document, wanted) {
                Ok(more) => splices.extend(more),
                Err(unable) => self.unable(index, document, &unable),
            }
        }
        let changed = splice::apply(self.text.all, &splices);
        if self.faults.is_empty() {
            let is_json = documents.iter().any(|document| document.json);
            let says = documents.iter().zip(wanted);
            let says: Vec<(&Node, bool)> = says
                .map(|(document, wanted)| (wanted.as_ref().unwrap_or(&document.root), wanted.is_some()))
                .collect();
            if let Err(why) = check::says(&changed, is_json, &says) {
                self.faults.push(format!(
                    "{}: {why}, so nothing was changed: write it in a plainer style",
                    self.name
                ));
            }
        }
        changed
    }

    fn unable(&mut self, index: usize, document: &Document, unable: &Unable) {
        let (line, column) = line_and_column(self.text.all, unable.at);
        let objects = kinds::objects(&document.root);
        let object = objects.iter().find(|object| matches!(object.pods, Pods::At(_)));
        let who = object.map_or_else(String::new, |object| format!(", {} {}", object.kind, object.name));
        let right = if unable.why.contains(": ") {
            ""
        } else {
            ": write this place in a plainer style, each key on a line of its own"
        };
        let label = format!("{}: document {}{who}", self.name, index + 1);
        self.faults.push(format!("{label}: line {line}, column {column}: {}{right}", unable.why));
    }
}

fn unknown(who: &str, field: &str) -> String {
    format!(
        "{who}: {field}: looks like a pod, in a kind that is not known here: put the sidecar in by hand \
         (docs/sidecar.md has the YAML), or say mesigate.io/sidecar: \"false\" there"
    )
}

/// The map that holds a pod's `metadata` and `spec`.
fn locate<'n>(root: &'n mut Node, path: &[usize], way: &[&str]) -> Result<&'n mut Node, Vec<String>> {
    let mut at = root;
    for index in path {
        let items = super::pod::own(at, "items").map_err(|why| vec![why])?;
        let item = items.and_then(Node::items_mut).and_then(|items| items.get_mut(*index));
        at = item.ok_or_else(|| vec![format!("items[{index}]: is an alias: write it out")])?;
    }
    if at.entries().is_empty() {
        return Err(vec!["is an alias: write it out".to_owned()]);
    }
    let pod = super::pod::own_way(at, way).map_err(|why| vec![why])?;
    pod.ok_or_else(|| vec!["is missing".to_owned()])
}
