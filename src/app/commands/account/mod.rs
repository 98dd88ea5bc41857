//! Commands about the login.

pub(in crate::app) mod first_run;
pub(in crate::app) mod login;
pub(in crate::app) mod logout;
