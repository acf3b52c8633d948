//! A mail or ticket on which the program fails fails alone.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Error, Result, anyhow};
use futures_util::FutureExt;

use crate::desk::LedgerId;

/// Runs what a mail might make panic. The mail stays recorded, and the ones behind it go on.
pub(super) fn caught<T>(ledger: LedgerId, work: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| fault_of(ledger))
}

/// Does what tickets or people might make panic; `on` names them.
pub(super) fn caught_on<T>(on: impl Display, work: impl Future<Output = Result<T>>) -> impl Future<Output = Result<T>> {
    let work = Box::pin(AssertUnwindSafe(work).catch_unwind());
    let fault = move |_| anyhow!("The program failed on {on}").context("This is a fault of guichet; please report it");
    async { work.await.map_err(fault)? }
}

/// What is said of a mail on which the program failed.
pub(super) fn fault_of(ledger: LedgerId) -> Error {
    anyhow!("The program failed on mail {ledger}").context("This is a fault of guichet; please report it with the mail")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_wherever_it_happens() {
        let before_a_wait = caught_on::<()>("T-1", async { panic!("at once") }).await;
        let error = format!("{:#}", before_a_wait.unwrap_err());
        assert_eq!(error, "This is a fault of guichet; please report it: The program failed on T-1");
        let behind_a_wait = caught_on::<()>("T-2", async {
            tokio::task::yield_now().await;
            panic!("later")
        });
        assert!(format!("{:#}", behind_a_wait.await.unwrap_err()).ends_with("failed on T-2"));
        assert_eq!(caught_on("T-3", async { Ok(3) }).await.unwrap(), 3);
    }
}
