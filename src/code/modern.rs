//! The JSON call that a request becomes, whichever door it is for: commands and the console show the same one.

use super::Call;
use crate::protocol::explain::Explained;
use crate::protocol::ops::{Operation, Table};
use crate::protocol::translate::form::Form;
use crate::protocol::translate::request::Understood;

/// Where a request goes.
pub struct Target<'t> {
    /// The operations.
    pub table: &'t Table,
    /// The JSON endpoint.
    pub url: String,
    /// Whether it is mesibo's cloud, for which some values are lowered.
    pub is_cloud: bool,
}

impl Target<'_> {
    /// A form as it is sent on.
    ///
    /// # Errors
    /// The refusal's name and its cause, as a sentence.
    pub fn understand<'f>(&self, operation: &Operation, form: &'f Form) -> Result<Understood<'f>, String> {
        let mut understood = Understood::understand(operation, self.table, form)
            .map_err(|reject| format!("{}: {}", reject.code(), reject.cause()))?;
        if self.is_cloud {
            understood.clamp(&operation.plan);
        }
        Ok(understood)
    }

    /// The call that takes a request's place.
    ///
    /// # Errors
    /// A sentence, if the request is refused or cannot be written.
    pub fn call(&self, explained: &Explained<'_>) -> Result<Call, String> {
        match explained {
            Explained::Legacy { operation, form } => {
                Ok(Call::of(&self.url, operation, &self.understand(operation, form)?))
            }
            Explained::Json { payload, .. } => Call::of_json(&self.url, payload)
                .ok_or_else(|| "the JSON is nested too deeply to be written as a program".to_owned()),
        }
    }
}
