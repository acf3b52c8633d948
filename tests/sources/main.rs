//! What always holds of the sources and the documents; none of it runs the program.

#![cfg(test)]

mod architecture;
mod docs;
mod french;
mod rust_source;
mod words;
