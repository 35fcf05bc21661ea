//! Whether an object asks for the sidecar: by label or annotation, on its pods or on itself.

use super::node::Node;

pub const KEYS: [&str; 2] = ["mesigate.io/sidecar", "mesigate.io/inject"];

/// What an object says of the sidecar.
#[derive(Clone, Copy, PartialEq)]
pub enum Asks {
    In,
    Out,
    Nothing,
}

/// A `false` anywhere outweighs all else.
///
/// # Errors
/// A value that is neither.
pub fn of(object: &Node, pod: &Node) -> Result<Asks, String> {
    let mut asks = Asks::Nothing;
    for (holder, place) in [(pod, "the pod's "), (object, "")] {
        for (field, key) in ["labels", "annotations"].iter().flat_map(|field| KEYS.map(|key| (*field, key))) {
            let Some(value) = holder.find(&["metadata", field, key]) else { continue };
            match value.scalar().and_then(super::scalar::Scalar::truth) {
                Some(true) if asks == Asks::Nothing => asks = Asks::In,
                Some(true) => {}
                Some(false) => asks = Asks::Out,
                None => {
                    return Err(format!("{place}metadata.{field}: {key} has to be \"true\" or \"false\""));
                }
            }
        }
    }
    Ok(asks)
}
