//! Numbers and secrets from counters, so that the same requests get the same ones in every run.

/// One set for all apps of a sandbox, so that a uid or gid of one app is unknown in every other.
#[derive(Default)]
pub(crate) struct Ids {
    users: u64,
    groups: u64,
    messages: u64,
    secrets: u64,
}

impl Ids {
    /// 101, 102, …
    pub(crate) fn uid(&mut self) -> u64 {
        self.users += 1;
        100 + self.users
    }

    /// 97001, 97002, …: five digits, as in the answers that were published in 2020.
    pub(crate) fn gid(&mut self) -> u64 {
        self.groups += 1;
        97_000 + self.groups
    }

    /// 1000001, 1000002, …: seven digits, as on mesibo's page.
    pub(crate) fn mid(&mut self) -> u64 {
        self.messages += 1;
        1_000_000 + self.messages
    }

    /// 48 hexadecimal digits, the length of the documented example.
    pub(crate) fn access_token(&mut self) -> String {
        let seed = self.secret();
        format!("{seed:016x}{:016x}{:016x}", mix(seed), mix(!seed))
    }

    /// Six decimal digits.
    pub(crate) fn otp(&mut self) -> String {
        format!("{:06}", self.secret() % 1_000_000)
    }

    fn secret(&mut self) -> u64 {
        self.secrets += 1;
        mix(self.secrets)
    }
}

/// `SplitMix64`: neighbouring counters give values that look unrelated, so that no test relies on their order.
fn mix(counter: u64) -> u64 {
    let mut bits = counter.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn secrets_are_the_same_in_every_run_and_differ_from_each_other() {
        let (mut one, mut other) = (Ids::default(), Ids::default());
        let first = one.access_token();
        assert_eq!(first, other.access_token());
        assert_eq!(first.len(), 48);
        assert_ne!(first, one.access_token());
    }

    #[test]
    fn an_otp_has_six_digits() {
        let otp = Ids::default().otp();
        assert_eq!(otp.len(), 6);
        assert!(otp.bytes().all(|byte| byte.is_ascii_digit()));
    }
}
