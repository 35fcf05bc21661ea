//! Why a pod cannot take the sidecar. It is looked at without the one that it may have.

use super::node::Node;
use super::options::Options;
use super::sidecar::{NAME, PORTS, is_volume};

const LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// All that is wrong: a sentence each, which names the field below the pod.
#[must_use]
pub fn of(pod: &Node, kind: &str, options: &Options) -> Vec<String> {
    let Some(spec) = pod.get("spec") else {
        return vec!["spec: is missing: a pod needs one, with its containers".to_owned()];
    };
    let mut faults = containers(spec);
    for list in LISTS {
        for (index, container) in spec.get(list).map(Node::items).unwrap_or_default().iter().enumerate() {
            faults.extend(name(container, list, index));
            faults.extend(ports(container, list, index));
        }
    }
    faults.extend(host(spec));
    faults.extend(volumes(spec));
    if options.classic {
        faults.extend(end(spec, kind));
    }
    faults
}

fn containers(spec: &Node) -> Vec<String> {
    let is_there = spec.get("containers").is_some_and(|containers| !containers.items().is_empty());
    if is_there {
        Vec::new()
    } else {
        vec!["spec.containers: is missing or empty: the app's container has to be there".to_owned()]
    }
}

fn name(container: &Node, list: &str, index: usize) -> Option<String> {
    (container.name() == Some(NAME)).then(|| {
        format!(
            "spec.{list}[{index}].name: {NAME} is somebody else's name here, for the pod has no annotation {}: \
             give that container another name; if it is the sidecar, written by hand, give the pod that annotation",
            super::sidecar::VERSION
        )
    })
}

fn ports(container: &Node, list: &str, index: usize) -> Vec<String> {
    let ports = container.get("ports").map(Node::items).unwrap_or_default().iter().enumerate();
    let mut faults = Vec::new();
    for (place, port) in ports {
        let number = port.get("containerPort").and_then(Node::scalar).and_then(super::scalar::Scalar::number);
        if let Some(number) = number.filter(|number| PORTS.contains(number)) {
            faults.push(format!(
                "spec.{list}[{index}].ports[{place}].containerPort: {number} is the sidecar's: \
                 the app has to listen on another port than {} and {}",
                PORTS[0], PORTS[1]
            ));
        }
    }
    faults
}

fn host(spec: &Node) -> Option<String> {
    let is_host = spec.get("hostNetwork").and_then(Node::scalar).and_then(super::scalar::Scalar::truth);
    (is_host == Some(true)).then(|| {
        "spec.hostNetwork: is true, so the sidecar's ports would be the node's: \
         set it to false, or run mesigate as a Deployment of its own and point the app at its Service"
            .to_owned()
    })
}

fn volumes(spec: &Node) -> Vec<String> {
    let volumes = spec.get("volumes").map(Node::items).unwrap_or_default().iter().enumerate();
    let taken = volumes.filter(|(_, volume)| volume.name().is_some_and(is_volume));
    taken
        .map(|(index, volume)| {
            let name = volume.name().unwrap_or_default();
            format!("spec.volumes[{index}].name: {name} is what the sidecar's volume is called: give this one another name")
        })
        .collect()
}

/// A pod that is to end would not: an ordinary container beside the app goes on for ever.
fn end(spec: &Node, kind: &str) -> Option<String> {
    let policy = spec.get("restartPolicy").and_then(Node::text);
    let is_to_end = ["Job", "CronJob"].contains(&kind) || policy.is_some_and(|policy| policy != "Always");
    is_to_end.then(|| {
        "spec.restartPolicy: this pod is to end, and beside a sidecar of the classic form it never would: \
         leave --classic out (Kubernetes 1.29 and later), or point the app at a mesigate of its own Deployment"
            .to_owned()
    })
}
