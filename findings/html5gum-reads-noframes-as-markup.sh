#!/bin/bash
# html5gum 0.9.0 (crates.io), features as shipped. Seen on 28 November 2026, Debian 12, rustc 1.95.
#
# Guess: with `naively_switch_states(true)`, the guess at the tokenizer's state that is documented as fit for most scraping, what
#   stands within `noframes` is text, as within `noembed` and `iframe`: the HTML standard has the tokenizer read all three as
#   raw text.
# Behaviour: `noframes` is read as markup. The list has "noframe", which is no element of HTML; that one is read as text.
# Newsletters made for old webmail still carry a `noframes` part. Whoever shows or searches the text of such mail by this
# tokenizer alone gets tags out of what is text, and has to switch states by an emitter of its own.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
mkdir "$work/src"; cd "$work"
cat > Cargo.toml <<'T'
[package]
name = "seen"
version = "0.0.0"
edition = "2021"
[dependencies]
html5gum = "=0.9.0"
T
cat > src/main.rs <<'T'
use html5gum::{emitters::default::DefaultEmitter, Token, Tokenizer};

fn main() {
    for name in ["noembed", "iframe", "noframes", "noframe"] {
        let html = format!("<{name}><p>one</p></{name}>");
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let tokens = Tokenizer::new_with_emitter(&html, emitter).map(|token| token.unwrap());
        let inner = tokens.filter(|token| matches!(token, Token::StartTag(tag) if *tag.name == b"p"[..])).count();
        println!("{name}: {}", if inner == 0 { "text" } else { "markup" });
    }
}
T
cargo run --quiet > seen.txt
cat seen.txt
[ "$(xargs < seen.txt)" = 'noembed: text iframe: text noframes: markup noframe: text' ] || { echo "It behaves otherwise now."; exit 1; }
# noembed: text
# iframe: text
# noframes: markup
# noframe: text
