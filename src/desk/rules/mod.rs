//! What is to be done, by who wrote.

pub(super) mod absences;
pub(super) mod crowds;
pub(super) mod due;
pub(super) mod escalating;
pub(super) mod new_from_agent;
pub(super) mod on_agent;
pub(super) mod on_junk;
pub(super) mod on_machine;
pub(super) mod on_report;
pub(super) mod on_request;
pub(super) mod on_robot;
pub(super) mod on_vendor;
pub(super) mod opening;
pub(super) mod quarantine;
pub(super) mod weekly_report;
pub(super) mod worklist;
