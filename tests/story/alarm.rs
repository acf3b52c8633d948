//! Hears what the gateway logs as a warning or an error.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

/// What was logged since it was last asked. It hears its own thread until it is dropped.
pub(crate) struct Alarm {
    heard: Arc<Mutex<Vec<String>>>,
    _hearing: DefaultGuard,
}

impl Alarm {
    pub(crate) fn new() -> Alarm {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = tracing_subscriber::registry().with(Ear(Arc::clone(&heard)));
        Alarm { heard, _hearing: tracing::subscriber::set_default(ear) }
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }
}

struct Ear(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Ear {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let of_ours = event.metadata().target().starts_with("guichet");
        if of_ours && *event.metadata().level() <= Level::WARN {
            let mut sentence = Sentence(format!("{} ", event.metadata().level()));
            event.record(&mut sentence);
            self.0.lock().unwrap().push(sentence.0);
        }
    }
}

struct Sentence(String);

impl Visit for Sentence {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            write!(self.0, "{value:?}").unwrap();
        }
    }
}
