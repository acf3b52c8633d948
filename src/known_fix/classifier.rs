//! A linear classifier that tells topics apart: one L2-regularised squared-hinge machine a topic, against all others,
//! trained by dual coordinate descent (Hsieh et al., "A Dual Coordinate Descent Method for Large-scale Linear SVM",
//! ICML 2008). It is deterministic and needs no step size.

use super::features::Vector;

/// The weight of each feature for each topic.
#[derive(Debug, Default)]
pub(super) struct Classifier {
    topics: usize,
    /// `feature * topics + topic`.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

/// An error costs this much against the length of the weights.
const COST: f32 = 1.0;
const ROUNDS: usize = 15;
/// Every text carries one more feature of this value, so that a topic has a bias.
const BIAS: f32 = 0.25;

impl Classifier {
    /// Learns from texts, each with its topic below `topics`.
    pub(super) fn train(texts: &[(Vector, usize)], topics: usize, features: usize) -> Self {
        let mut classifier = Classifier { topics, weights: vec![0.0; features * topics], bias: vec![0.0; topics] };
        let squares: Vec<f32> = texts.iter().map(|(text, _)| square(text)).collect();
        let mut column = vec![0.0; features];
        for topic in 0..topics {
            column.fill(0.0);
            let bias = train_one(texts, &squares, topic, &mut column);
            classifier.bias[topic] = bias;
            for (feature, weight) in column.iter().enumerate() {
                classifier.weights[feature * topics + topic] = *weight;
            }
        }
        classifier
    }

    /// For each topic, how far the text lies on its side: about 1 for its own texts, about -1 for others.
    pub(super) fn margins(&self, text: &Vector) -> Vec<f32> {
        let mut margins = self.bias.iter().map(|bias| bias * BIAS).collect::<Vec<f32>>();
        for (feature, value) in &text.entries {
            let start = *feature as usize * self.topics;
            let row = &self.weights[start..start + self.topics];
            for (margin, weight) in margins.iter_mut().zip(row) {
                *margin += weight * value;
            }
        }
        margins
    }
}

fn square(text: &Vector) -> f32 {
    text.entries.iter().map(|(_, value)| value * value).sum::<f32>() + BIAS * BIAS
}

/// Fills `weights` for one topic against all others; answers the weight of the bias.
fn train_one(texts: &[(Vector, usize)], squares: &[f32], topic: usize, weights: &mut [f32]) -> f32 {
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
    bias
}
