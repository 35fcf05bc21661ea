//! Finds the rules that may hold for an operation, so that of a hundred rules a request checks only the few that name
//! its operation.

use crate::config::limits::Rule;

/// The rules of each operation, by number, in their order.
pub struct Index {
    /// For the operations that rules name, sorted by name.
    named: Vec<(String, Vec<usize>)>,
    /// For all other operations: the rules that name none.
    others: Vec<usize>,
}

impl Index {
    /// Builds the index of these rules.
    #[must_use]
    pub fn of<'r>(rules: impl Iterator<Item = &'r Rule> + Clone) -> Self {
        let mut names: Vec<&String> = rules.clone().flat_map(|rule| &rule.operations).collect();
        names.sort_unstable();
        names.dedup();
        let places = |is: &dyn Fn(&Rule) -> bool| {
            rules.clone().enumerate().filter(|(_, rule)| is(rule)).map(|(place, _)| place).collect::<Vec<_>>()
        };
        let of_all = |rule: &Rule| rule.operations.is_empty();
        let of = |name: &String| places(&|rule| of_all(rule) || rule.operations.contains(name));
        Self {
            named: names.into_iter().map(|name| (name.clone(), of(name))).collect(),
            others: places(&of_all),
        }
    }

    /// The numbers of the rules that may hold for an operation; `None` stands for one that the table does not have.
    #[must_use]
    pub fn concerned(&self, operation: Option<&str>) -> &[usize] {
        let known = |name| self.named.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok();
        operation.and_then(known).map_or(&self.others, |place| &self.named[place].1)
    }
}

#[cfg(test)]
mod tests {
    use super::Index;
    use crate::config::{Layers, rules};

    #[test]
    fn an_operation_is_asked_of_the_rules_that_name_it_and_of_those_that_name_none() {
        let rule = |name: &str, operations: &str| {
            format!("[[limit]]\nname = '{name}'\noperations = [{operations}]\nper = 'app'\nrate = '1/s'\n")
        };
        let text = [
            rule("a", "'useradd'"),
            "[[limit]]\nname = 'b'\nper = 'app'\nrate = '1/s'\n".to_owned(),
            rule("c", "'message', 'useradd'"),
            rule("d", "'otp'"),
        ];
        let layers = Layers::shipped().and_then(|layers| layers.text("test", &text.concat()));
        let rules = rules(&layers.expect("sound TOML").config().expect("sound settings").limits);
        let index = Index::of(rules.iter());
        let names = |operation| -> String {
            index.concerned(operation).iter().map(|place| rules[*place].name.as_str()).collect()
        };
        assert_eq!(names(Some("useradd")), "abc");
        assert_eq!(names(Some("message")), "bc");
        assert_eq!(names(Some("otp")), "bd");
        assert_eq!(names(Some("userdel")), "b");
        assert_eq!(names(None), "b");
    }
}
