//! Which topics each symptom is told apart from while the classifier learns.

use super::features::{Feature, Holders, Vectors};
use super::rows::Rows;

/// Where there are more topics, a symptom is told apart from those only that it is most like.
pub(super) const TOPICS_COMPARED: usize = 200;
/// How many those are, its own among them.
const RIVALS: usize = 24;
/// A feature of more symptoms tells little about which topics are alike.
const HOLDERS_MAX: usize = 100;

/// For each symptom its own topic and those that it could be taken for.
pub(super) fn rivals(vectors: &Vectors, own: &[u32], features: usize) -> Rows<u32> {
    let holders = Holders::new(vectors, features, HOLDERS_MAX);
    let mut similarities = vec![0.0; own.len()];
    let mut rivals = Rows::default();
    for (text, topic) in vectors.iter().zip(own) {
        rivals.push(of_one(text, *topic, own, &holders, &mut similarities));
    }
    rivals
}

/// A symptom's own topic, and those that have the symptoms nearest to it. `similarities` are 0 before and after.
fn of_one(text: &[(Feature, f32)], topic: u32, own: &[u32], holders: &Holders, similarities: &mut [f32]) -> Vec<u32> {
    let mut near: Vec<u32> = Vec::new();
    for (feature, value) in text {
        for (symptom, other) in holders.of(*feature) {
            let similarity = &mut similarities[*symptom as usize];
            if *similarity == 0.0 {
                near.push(*symptom);
            }
            *similarity += value * other;
        }
    }
    // The nearest first, and of equals the first: similarities are positive, and as such ordered as their bits are.
    let mut ranked: Vec<u64> = Vec::with_capacity(near.len());
    for symptom in near {
        let similarity = std::mem::take(&mut similarities[symptom as usize]);
        ranked.push(u64::from(!similarity.to_bits()) << 32 | u64::from(symptom));
    }
    ranked.sort_unstable();
    let mut rivals = vec![topic];
    for symptom in ranked.into_iter().map(|rank| rank as u32) {
        let other = own[symptom as usize];
        if !rivals.contains(&other) {
            rivals.push(other);
        }
        if rivals.len() == RIVALS {
            break;
        }
    }
    rivals
}
