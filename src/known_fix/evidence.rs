//! From what the judges saw to one probability.

/// What speaks for one topic.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Evidence {
    /// Cosine of the nearest symptom, 0 to 1.
    pub(super) nearest: f64,
    /// Number of that symptom.
    pub(super) nearest_symptom: usize,
    /// The classifier's margin.
    pub(super) margin: f64,
    /// How far it is ahead of the next topic, in [`strength`].
    pub(super) lead: f64,
}

/// The order of topics.
fn strength(evidence: &Evidence) -> f64 {
    evidence.nearest + 0.5 * evidence.margin
}

/// Topics that anything speaks for, the strongest first, each with its lead.
pub(super) fn ranked(topics: Vec<Evidence>) -> Vec<(usize, Evidence)> {
    let mut ranked: Vec<(usize, Evidence)> =
        topics.into_iter().enumerate().filter(|(_, evidence)| evidence.nearest > 0.0).collect();
    ranked.sort_by(|a, b| strength(&b.1).total_cmp(&strength(&a.1)).then(a.0.cmp(&b.0)));
    let strengths: Vec<f64> = ranked.iter().map(|(_, evidence)| strength(evidence)).collect();
    for (position, (_, evidence)) in ranked.iter_mut().enumerate() {
        let rival = if position == 0 { strengths.get(1) } else { strengths.first() };
        evidence.lead = strengths[position] - rival.copied().unwrap_or(-0.5);
    }
    ranked
}

/// The probability that the topic is the right one, 0 to 1.
pub(super) fn probability(evidence: &Evidence) -> f64 {
    let sum = -3.0 + 5.0 * evidence.nearest + 1.0 * evidence.margin + 1.0 * evidence.lead;
    1.0 / (1.0 + (-sum).exp())
}
