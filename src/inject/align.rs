//! Which members of a collection stay, go and come.

use super::node::Node;

/// What becomes of a member, by its index in the old or the new collection.
#[derive(Clone, Copy, PartialEq)]
pub enum Step {
    Keep(usize, usize),
    Drop(usize),
    Add(usize),
}

/// For maps: those kept stay in their order, a new one stands behind the one that is before it in the new map.
#[must_use]
pub fn entries(old: &[(Node, Node)], new: &[(Node, Node)]) -> Vec<Step> {
    let in_old = |key: &Node| old.iter().position(|(known, _)| known == key);
    let mut behind: Vec<Vec<Step>> = vec![Vec::new(); old.len() + 1];
    let mut last = 0;
    for (index, (key, _)) in new.iter().enumerate() {
        match in_old(key) {
            Some(place) => last = place + 1,
            None => behind[last].push(Step::Add(index)),
        }
    }
    let mut steps = behind[0].clone();
    for (index, (key, _)) in old.iter().enumerate() {
        let kept = new.iter().position(|(known, _)| known == key);
        steps.push(kept.map_or(Step::Drop(index), |place| Step::Keep(index, place)));
        steps.extend(&behind[index + 1]);
    }
    steps
}

/// Maps of the same name are the same, and maps without any in their order, as the objects of a list have none.
fn is_same(old: &Node, new: &Node) -> bool {
    let maps = !old.entries().is_empty() && !new.entries().is_empty();
    old == new || (maps && old.name() == new.name())
}

/// For lists: equal ones at both ends stay; between them, those of the same name are the same.
#[must_use]
pub fn items(old: &[Node], new: &[Node]) -> Vec<Step> {
    let front = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let rest = old.len().min(new.len()) - front;
    let back = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(old, new)| old == new).count();
    let mut steps: Vec<Step> = (0..front).map(|index| Step::Keep(index, index)).collect();
    let mut at = front;
    for (index, wanted) in new.iter().enumerate().take(new.len() - back).skip(front) {
        match (at..old.len() - back).find(|place| is_same(&old[*place], wanted)) {
            Some(place) => {
                steps.extend((at..place).map(Step::Drop));
                steps.push(Step::Keep(place, index));
                at = place + 1;
            }
            None => steps.push(Step::Add(index)),
        }
    }
    steps.extend((at..old.len() - back).map(Step::Drop));
    let shifted = |place: usize| place + new.len() - old.len();
    steps.extend((old.len() - back..old.len()).map(|place| Step::Keep(place, shifted(place))));
    steps
}
