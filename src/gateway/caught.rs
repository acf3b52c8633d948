//! A mail or ticket on which the program fails fails alone.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Error, Result, anyhow};

use crate::desk::{LedgerId, TicketNumber};

/// Runs what a mail might make panic. The mail stays recorded, and the ones behind it go on.
pub(super) fn caught<T>(ledger: LedgerId, work: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| fault_of(ledger))
}

/// Runs what one of these tickets might make panic.
pub(super) fn caught_at<T>(tickets: &[TicketNumber], work: impl FnOnce() -> T) -> Result<T> {
    let fault = || anyhow!("The program failed on one of {} tickets", tickets.len());
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| fault().context("This is a fault of guichet; please report it"))
}

/// What is said of a mail on which the program failed.
pub(super) fn fault_of(ledger: LedgerId) -> Error {
    anyhow!("The program failed on mail {ledger}").context("This is a fault of guichet; please report it with the mail")
}
