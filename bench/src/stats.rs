//! Medians and quartiles.

/// The median of many numbers, and the half of them around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// A quarter of the numbers is below.
    pub low: f64,
    /// Half of the numbers are below.
    pub median: f64,
    /// A quarter of the numbers is above.
    pub high: f64,
}

impl Spread {
    /// The spread; `None` of no numbers.
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = numbers.into_iter().filter(|number| number.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let at = |quarters: usize| {
            let (place, rest) = (last * quarters / 4, last * quarters % 4);
            let next = sorted[(place + 1).min(last)];
            sorted[place] + (next - sorted[place]) * [0.0, 0.25, 0.5, 0.75][rest]
        };
        Some(Self { low: at(1), median: at(2), high: at(3) })
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn the_middle_is_between_two_if_there_is_none() {
        assert_eq!(Spread::of([4.0, 1.0, 2.0, 3.0]), Some(Spread { low: 1.75, median: 2.5, high: 3.25 }));
        assert_eq!(Spread::of([7.0]), Some(Spread { low: 7.0, median: 7.0, high: 7.0 }));
        assert_eq!(Spread::of([]), None);
    }
}
