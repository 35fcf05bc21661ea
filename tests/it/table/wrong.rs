//! Every way for a table to be wrong.

use mesigate::protocol::ops::Table;

use crate::settings::assert_refused_as_said;

#[test]
fn every_way_to_be_wrong_is_told_with_its_place_and_what_would_be_right() {
    assert_refused_as_said("bad-table", |name, text| {
        Table::load(Some((name, text)), &[]).err().unwrap_or_default()
    });
}

#[test]
fn faults_of_the_own_table_and_of_the_chosen_forms_are_told_together() {
    let own = "[[operation]]\nname = 'roomadd'\nsummary = 's'\neffect = 'makes'\nparams = []\nanswer = []";
    let faults =
        Table::load(Some(("own.toml", own)), &["group.perms".to_owned()]).expect_err("they are refused");
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2);
    assert!(
        told.iter().any(|fault| fault.starts_with("own.toml:4: `operation.roomadd.effect`: ")),
        "{told:?}"
    );
    assert!(told.iter().any(|fault| fault.starts_with("the setting `profiles`: ")), "{told:?}");
}
