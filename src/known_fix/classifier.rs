//! A linear classifier that tells topics apart: one L2-regularised squared-hinge machine a topic, against all others,
//! trained by dual coordinate descent (Hsieh et al., "A Dual Coordinate Descent Method for Large-scale Linear SVM",
//! ICML 2008). It is deterministic and needs no step size.

use super::features::Vector;

/// For each topic, how much each text speaks for it. That says the same as a weight for each feature, in less room, since
/// the similarities of a question to all texts are known anyway.
#[derive(Debug, Default)]
pub(super) struct Classifier {
    topics: Vec<Topic>,
}

#[derive(Debug)]
struct Topic {
    /// Number of a text, and its dual with its sign; those that are not 0.
    supports: Vec<(u32, f32)>,
    bias: f32,
}

/// An error costs this much against the length of the weights.
const COST: f32 = 1.0;
const ROUNDS: usize = 15;
/// Every text carries one more feature of this value, so that a topic has a bias.
const BIAS: f32 = 0.25;

impl Classifier {
    /// Learns from texts, each with its topic below `topics`, in a space of so many features.
    pub(super) fn train(texts: &[(Vector, usize)], topics: usize, features: usize) -> Self {
        let squares: Vec<f32> = texts.iter().map(|(text, _)| square(text)).collect();
        let mut weights = vec![0.0; features];
        let train = |topic| {
            weights.fill(0.0);
            train_one(texts, &squares, topic, &mut weights)
        };
        Classifier { topics: (0..topics).map(train).collect() }
    }

    /// For each topic, how far a text lies on its side, given the cosine of each text that was learnt from: about 1 for
    /// the topic's own texts, about -1 for others.
    pub(super) fn margins(&self, similarities: &[f32]) -> Vec<f32> {
        let margin = |topic: &Topic| {
            let sum: f32 = topic.supports.iter().map(|(text, dual)| dual * similarities[*text as usize]).sum();
            sum + topic.bias * BIAS
        };
        self.topics.iter().map(margin).collect()
    }
}

fn square(text: &Vector) -> f32 {
    text.entries.iter().map(|(_, value)| value * value).sum::<f32>() + BIAS * BIAS
}

/// One topic against all others; `weights` are 0 at first.
fn train_one(texts: &[(Vector, usize)], squares: &[f32], topic: usize, weights: &mut [f32]) -> Topic {
    let own = texts.iter().filter(|(_, other)| *other == topic).count().max(1);
    let others = texts.len().saturating_sub(own).max(1);
    let own_cost = COST * (others as f32 / own as f32).sqrt();
    let mut duals = vec![0.0_f32; texts.len()];
    let mut bias = 0.0;
    for _ in 0..ROUNDS {
        for (index, (text, its_topic)) in texts.iter().enumerate() {
            let (side, cost) = if *its_topic == topic { (1.0, own_cost) } else { (-1.0, COST) };
            let diagonal = 0.5 / cost;
            let margin: f32 = text.entries.iter().map(|(feature, value)| weights[*feature as usize] * value).sum();
            let gradient = side * (margin + bias * BIAS) - 1.0 + diagonal * duals[index];
            let dual = (duals[index] - gradient / (squares[index] + diagonal)).max(0.0);
            let step = (dual - duals[index]) * side;
            duals[index] = dual;
            if step != 0.0 {
                for (feature, value) in &text.entries {
                    weights[*feature as usize] += step * value;
                }
                bias += step * BIAS;
            }
        }
    }
    let signed = |(index, dual): (usize, f32)| (index as u32, if texts[index].1 == topic { dual } else { -dual });
    let supports = duals.into_iter().enumerate().filter(|(_, dual)| *dual > 0.0).map(signed).collect();
    Topic { supports, bias }
}
