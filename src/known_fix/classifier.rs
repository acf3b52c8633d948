//! Multinomial logistic regression, which tells topics apart.
//!
//! It is trained in the dual, one text after the other (Yu, Huang and Lin, "Dual coordinate descent methods for logistic
//! regression and maximum entropy models", Machine Learning 85, 2011): deterministic, without a step size to choose, and a
//! text that is learnt costs next to nothing in later rounds.

use super::features::Feature;

/// A weight for each feature and topic.
#[derive(Debug, Default)]
pub(super) struct Classifier {
    topics: usize,
    /// Rows of `weights`; above that number, features share a row.
    rows: usize,
    /// Row by row, one weight a topic.
    weights: Vec<f32>,
    biases: Vec<f32>,
}

/// A text to learn from.
pub(super) struct Example<'a> {
    pub(super) text: &'a [(Feature, f32)],
    pub(super) topic: u32,
    /// Topics that it could be taken for, its own among them.
    pub(super) rivals: &'a [u32],
}

/// What an error costs against the length of the weights.
const COST: f32 = 100.0;
/// Rounds of learning; of many texts fewer, which cost more and gain less.
const ROUNDS: usize = 20;
const ROUNDS_OF_MANY: usize = 8;
const MANY: usize = 5_000;
/// Steps a text takes each time it is looked at, and how far one goes.
const STEPS: usize = 3;
const STEP_MAX: f32 = 1.0;
/// Below this a change is not worth writing down.
const CHANGE_MIN: f32 = 0.01;
/// Square of one more feature that every text has, so that a topic has a bias.
const BIAS: f32 = 0.02;
/// Weights kept at most: 32 MB.
const WEIGHTS_MAX: usize = 8_000_000;

impl Classifier {
    /// Learns to tell so many topics apart by so many features.
    pub(super) fn train(examples: &[Example<'_>], topics: usize, features: usize) -> Self {
        let rows = features.min(WEIGHTS_MAX / topics.max(1)).max(1);
        let mut classifier = Classifier { topics, rows, weights: vec![0.0; rows * topics], biases: vec![0.0; topics] };
        if examples.iter().all(|example| example.rivals.len() == topics) {
            learn_in_rounds(examples, |example, duals| {
                let scores = classifier.scores(example.text);
                learnt(example, duals, scores).inspect(|change| classifier.learn(example, change));
            });
        } else {
            // A text looks at all of its features and at few topics: what it looks at lies together where topics have short rows.
            let by_topic = rows < topics;
            let (feature_step, topic_step) = if by_topic { (1, rows) } else { (topics, 1) };
            let mut text: Vec<(usize, f32)> = Vec::new();
            learn_in_rounds(examples, |example, duals| {
                let place = |feature: Feature| feature as usize % rows * feature_step;
                text.clear();
                text.extend(example.text.iter().map(|(feature, value)| (place(*feature), *value)));
                let scores = classifier.rival_scores(&text, example.rivals, topic_step);
                learnt(example, duals, scores).inspect(|change| {
                    classifier.learn_of_rivals(&text, example.rivals, topic_step, change);
                });
            });
            if by_topic {
                classifier.weights = turned(&classifier.weights, topics, rows);
            }
        }
        classifier
    }

    /// For each topic the logarithm of its odds, up to a constant that all topics share.
    pub(super) fn scores(&self, text: &[(Feature, f32)]) -> Vec<f32> {
        let mut scores = self.biases.clone();
        let (fours, rest) = text.as_chunks::<4>();
        for four in fours {
            let rows = four.map(|(feature, _)| self.row(feature));
            let (one, two, three, four) = (four[0].1, four[1].1, four[2].1, four[3].1);
            let weights = rows[0].iter().zip(rows[1]).zip(rows[2]).zip(rows[3]);
            for (score, (((first, second), third), fourth)) in scores.iter_mut().zip(weights) {
                *score = *score + one * first + two * second + three * third + four * fourth;
            }
        }
        for (feature, value) in rest {
            for (score, weight) in scores.iter_mut().zip(self.row(*feature)) {
                *score += value * weight;
            }
        }
        scores
    }

    fn row(&self, feature: u32) -> &[f32] {
        &self.weights[feature as usize % self.rows * self.topics..][..self.topics]
    }

    fn learn(&mut self, example: &Example<'_>, change: &[f32]) {
        for (bias, change) in self.biases.iter_mut().zip(change) {
            *bias += change * BIAS;
        }
        for (feature, value) in example.text {
            let start = *feature as usize % self.rows * self.topics;
            for (weight, change) in self.weights[start..start + self.topics].iter_mut().zip(change) {
                *weight += value * change;
            }
        }
    }

    /// The scores of some topics for a text, as places of weights with its values; those of each topic begin a step further.
    fn rival_scores(&self, text: &[(usize, f32)], rivals: &[u32], topic_step: usize) -> Vec<f32> {
        let (eights, rest) = rivals.as_chunks::<8>();
        let mut scores = Vec::with_capacity(rivals.len());
        scores.extend(eights.iter().flat_map(|eight| self.scores_of(text, *eight, topic_step)));
        scores.extend(rest.iter().flat_map(|topic| self.scores_of(text, [*topic], topic_step)));
        scores
    }

    fn scores_of<const TOPICS: usize>(
        &self,
        text: &[(usize, f32)],
        topics: [u32; TOPICS],
        topic_step: usize,
    ) -> [f32; TOPICS] {
        let weights = topics.map(|topic| &self.weights[topic as usize * topic_step..]);
        let mut scores = topics.map(|topic| self.biases[topic as usize]);
        for (place, value) in text {
            for (score, weights) in scores.iter_mut().zip(weights) {
                *score += value * weights[*place];
            }
        }
        scores
    }

    fn learn_of_rivals(&mut self, text: &[(usize, f32)], rivals: &[u32], topic_step: usize, change: &[f32]) {
        for (topic, change) in rivals.iter().zip(change) {
            let topic = *topic as usize;
            self.biases[topic] += change * BIAS;
            let weights = &mut self.weights[topic * topic_step..];
            for (place, value) in text {
                weights[*place] += value * change;
            }
        }
    }
}

/// Has each text looked at once a round, with its duals.
fn learn_in_rounds(examples: &[Example<'_>], mut look: impl FnMut(&Example<'_>, &mut [f32])) {
    let mut duals = vec![0.0; examples.iter().map(|example| example.rivals.len()).sum()];
    let rounds = if examples.len() > MANY { ROUNDS_OF_MANY } else { ROUNDS };
    for _ in 0..rounds {
        let mut rest = duals.as_mut_slice();
        for example in examples {
            let (own, behind) = rest.split_at_mut(example.rivals.len());
            look(example, own);
            rest = behind;
        }
    }
}

/// Brings a text's duals nearer to their optimum, the other texts' being what they are, by the scores of its rivals; returns
/// what changed, where that is worth writing down.
fn learnt(example: &Example<'_>, duals: &mut [f32], mut scores: Vec<f32>) -> Option<Vec<f32>> {
    let square = example.text.iter().map(|(_, value)| value * value).sum::<f32>() + BIAS;
    let mut change = vec![0.0; scores.len()];
    let mut likelihoods: Vec<f32> = Vec::with_capacity(scores.len());
    for _ in 0..STEPS {
        let top = scores.iter().copied().fold(f32::MIN, f32::max);
        likelihoods.clear();
        likelihoods.extend(scores.iter().map(|score| (score - top).exp()));
        let sum: f32 = likelihoods.iter().sum();
        for (place, score) in scores.iter_mut().enumerate() {
            let probability = likelihoods[place] / sum;
            let wanted = f32::from(u8::from(example.rivals[place] == example.topic));
            let gradient = COST * (wanted - probability) - duals[place];
            let curvature = 1.0 + COST * square * probability * (1.0 - probability);
            let step = (gradient / curvature).clamp(-STEP_MAX, STEP_MAX);
            duals[place] += step;
            change[place] += step;
            *score += square * step;
        }
    }
    change.iter().any(|change| change.abs() >= CHANGE_MIN).then_some(change)
}

/// A table of so many rows, column by column.
fn turned(table: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|column| table.iter().skip(column).step_by(columns).take(rows)).copied().collect()
}
