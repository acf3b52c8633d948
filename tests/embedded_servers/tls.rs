//! TLS from the first byte.
