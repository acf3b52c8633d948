//! Each barrier, and its right twin.

use super::*;

/// A page without barriers around a piece.
fn page(piece: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\" dir=\"ltr\"><head><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"supported-color-schemes\" content=\"light dark\">\
         <title>A letter</title></head><body>{piece}</body></html>"
    )
}

fn kinds(html: &str) -> Vec<BarrierKind> {
    barriers(html, Language::ENGLISH).into_iter().map(|barrier| barrier.kind).collect()
}

/// The wrong piece has this barrier alone, and the right ones none.
fn in_the_way(kind: BarrierKind, wrong: &str, right: &[&str]) {
    assert_eq!(kinds(&page(wrong)), [kind], "{wrong}");
    for right in right {
        assert_eq!(kinds(&page(right)), [], "{right}");
    }
}

/// The page without barriers, where one piece of it is written otherwise, has this barrier alone.
fn in_the_way_of_all(kind: BarrierKind, right: &str, wrong: &[&str]) {
    let whole = page("<p>Hello</p>");
    assert_eq!(kinds(&whole), []);
    assert!(whole.contains(right));
    for wrong in wrong {
        assert_eq!(kinds(&whole.replace(right, wrong)), [kind], "{wrong}");
    }
}

#[test]
fn a_letter_says_its_language() {
    in_the_way_of_all(
        BarrierKind::NoLanguage,
        " lang=\"en\"",
        &["", " lang", " lang=\"\"", " lang=\"e\"", " lang=\"en US\""],
    );
    in_the_way_of_all(BarrierKind::OtherLanguage, "lang=\"en\"", &["lang=\"fr\"", "lang=\"fr-CA\""]);
    assert_eq!(kinds(&page("x").replace("lang=\"en\"", "lang=\"en-CA\"")), []);
}

#[test]
fn a_letter_says_from_which_side_it_is_read() {
    in_the_way_of_all(BarrierKind::NoDirection, " dir=\"ltr\"", &["", " dir=\"left\""]);
    assert_eq!(kinds(&page("x").replace("dir=\"ltr\"", "dir=RTL")), []);
}

#[test]
fn a_letter_has_a_title() {
    in_the_way_of_all(BarrierKind::NoTitle, "<title>A letter</title>", &["", "<title> </title>"]);
}

#[test]
fn a_letter_says_that_it_can_be_read_light_on_dark() {
    in_the_way_of_all(
        BarrierKind::NoColourScheme,
        "<meta name=\"color-scheme\" content=\"light dark\">",
        &["", "<meta name=\"color-scheme\" content=\"light\">"],
    );
    in_the_way_of_all(
        BarrierKind::NoColourScheme,
        "<meta name=\"supported-color-schemes\" content=\"light dark\">",
        &[""],
    );
}

#[test]
fn a_letter_can_be_enlarged() {
    in_the_way_of_all(
        BarrierKind::NoZoom,
        "content=\"width=device-width\"",
        &["content=\"width=device-width, user-scalable=no\"", "content=\"maximum-scale=1.0\""],
    );
    assert_eq!(kinds(&page("x").replace("width=device-width", "width=device-width, maximum-scale=5")), []);
}

#[test]
fn a_table_that_places_things_says_so() {
    in_the_way(
        BarrierKind::LayoutTable,
        "<table><tr><td>Hello",
        &["<table role=\"presentation\"><tr><td>Hello", "<table role=none><tr><td>Hello"],
    );
    in_the_way(
        BarrierKind::HeadedLayoutTable,
        "<table role=presentation><tr><th>Name<td>Ann</table>",
        &["<table role=presentation><tr><td>Name<td><table><tr><th scope=col>Name</table></table>"],
    );
}

#[test]
fn a_header_says_of_what_it_is_one() {
    in_the_way(
        BarrierKind::HeaderWithoutScope,
        "<table><tr><th>Name<tr><td>Ann</table>",
        &["<table><caption>People</caption><tr><th scope=\"col\">Name<tr><td>Ann</table>"],
    );
}

#[test]
fn an_image_has_words() {
    in_the_way(
        BarrierKind::NoAlternative,
        "<p>A<img src=\"cid:a\">",
        &["<p>A<img src=\"cid:a\" alt=\"Forty tickets\">"],
    );
    in_the_way(BarrierKind::NoAlternative, "<img src=\"cid:a\" alt=\"Chart.PNG\">", &["<img src=\"cid:a\" alt=\"\">"]);
}

#[test]
fn headings_go_down_by_one() {
    in_the_way(BarrierKind::FirstHeading, "<h2>a</h2><h3>b</h3>", &["<h1>a</h1><h2>b</h2>"]);
    in_the_way(BarrierKind::SkippedHeading, "<h1>a</h1><h3>b</h3>", &["<h1>a</h1><h2>b</h2><h3>c</h3><h1>d</h1>"]);
    in_the_way(BarrierKind::EmptyHeading, "<h1> <br></h1>", &["<h1><img src=\"cid:a\" alt=\"Acme\"></h1>"]);
}

#[test]
fn a_link_says_where_it_leads() {
    let link = |words: &str| format!("<p>See <a href=\"https://a.test\">{words}</a>.");
    in_the_way(
        BarrierKind::NamelessLink,
        &link("<img src=\"cid:a\" alt=\"\">"),
        &[&link("<img src=\"cid:a\" alt=\"Portal\">")],
    );
    in_the_way(
        BarrierKind::NamelessLink,
        &link(" "),
        &["<p><a name=\"top\"></a>Hello", "<a href=x aria-label=Portal></a>"],
    );
    for vague in ["here", "Click here!", "Ici", "en savoir plus", "https://a.test/b", "www.a.test"] {
        in_the_way(BarrierKind::VagueLink, &link(vague), &[&link("the portal")]);
    }
}

#[test]
fn keys_follow_the_words() {
    in_the_way(
        BarrierKind::OrderOfKeys,
        "<a href=x tabindex=\"2\">Portal</a>",
        &["<a href=x tabindex=\"0\">Portal</a>"],
    );
    in_the_way(
        BarrierKind::HiddenLink,
        "<div aria-hidden=true><a href=x>Portal</a></div>",
        &["<div aria-hidden=true>Portal</div>", "<div aria-hidden=false><a href=x>Portal</a></div>"],
    );
    in_the_way(BarrierKind::DoubleId, "<p id=a>a<p id=a>b", &["<p id=a>a<p id=b>b"]);
}

#[test]
fn words_stand_out() {
    in_the_way(
        BarrierKind::Contrast,
        "<p style=\"color:#777;background:#fff\">Hello",
        &["<p style=\"color:#767676;background:#fff\">Hello", "<p>Hello"],
    );
    in_the_way(
        BarrierKind::Contrast,
        "<table role=none bgcolor=black><tr><td><p style=\"color:navy\">Hello",
        &["<table role=none bgcolor=black><tr><td><p style=\"color:silver\">Hello"],
    );
    in_the_way(
        BarrierKind::Contrast,
        "<p style=\"background:#fff;color:#888;font-size:18px;font-weight:bold\">Hello",
        &[
            "<p style=\"background:#fff;color:#888;font-size:14pt;font-weight:bold\">Hello",
            "<p style=\"background:#fff;color:#888;font-size:24px\">Hello",
        ],
    );
    in_the_way(
        BarrierKind::Contrast,
        "<style>.b{background:#004;color:#fff} .b a{color:#00f}</style><p class=b><a href=x>Portal</a>",
        &[
            "<style>.b{background:#004;color:#fff} .b a{color:#9cf}</style><p class=b><a href=x>Portal</a>",
            "<p style=\"color:#fff;background:url(a.png)\">Hello",
            "<p style=\"display:none;color:#fff\">Hello",
        ],
    );
}

#[test]
fn colours_come_in_pairs() {
    in_the_way(
        BarrierKind::HalfColours,
        "<p style=\"color:#222\">Hello",
        &[
            "<p style=\"color:#222;background:#fff\">Hello",
            "<div style=\"background:#fff\"><p style=\"color:#222\">Hello",
        ],
    );
    in_the_way(
        BarrierKind::HalfColours,
        "<p style=\"background:#eee\">Hello",
        &["<p style=\"border-left:4px solid #767676\">Hello"],
    );
    in_the_way(
        BarrierKind::HalfColours,
        "<p style=\"color:#222;background:#eee\"><a href=x>Portal</a>",
        &["<p style=\"color:#222;background:#eee\"><a href=x style=\"color:inherit\">Portal</a>"],
    );
    in_the_way(
        BarrierKind::ContrastInTheDark,
        "<style>@media (prefers-color-scheme:dark){p{background:#222!important}}</style><p style=\"color:#222;background:#fff\">Hello",
        &["<style>@media (prefers-color-scheme:dark){p{background:#222!important;color:#eee!important}}</style>\
           <p style=\"color:#222;background:#fff\">Hello"],
    );
}

#[test]
fn words_are_large_enough() {
    in_the_way(
        BarrierKind::SmallText,
        "<p style=\"font-size:13px\">Hello",
        &["<p style=\"font-size:14px\">Hello", "<p>H<sub style=\"font-size:12px\">2</sub>O"],
    );
    in_the_way(
        BarrierKind::SmallText,
        "<p><small>Hello</small>",
        &["<div style=\"font-size:20px\"><small>Hello</small></div>"],
    );
    in_the_way(
        BarrierKind::TightLines,
        "<div style=\"line-height:20px\"><p style=\"font-size:20px\">Hello",
        &["<div style=\"line-height:1.4\"><p style=\"font-size:20px\">Hello"],
    );
}

#[test]
fn enlarged_words_stay_in_the_window() {
    let long = "Hello, this is a sentence that fills more than one line";
    in_the_way(
        BarrierKind::UnbrokenLine,
        &format!("<p style=\"white-space:nowrap\">{long}"),
        &["<p style=\"white-space:nowrap\">Hello", &format!("<p>{long}")],
    );
    in_the_way(
        BarrierKind::UnbrokenLine,
        &format!("<pre>{long}</pre>"),
        &[&format!("<style>pre{{white-space:pre-wrap}}</style><pre>{long}</pre>")],
    );
    in_the_way(
        BarrierKind::FixedWidth,
        "<div style=\"width:600px\">Hello",
        &[
            "<div style=\"max-width:600px\">Hello",
            "<div style=\"width:600px;max-width:100%\">Hello",
            "<style>@media (max-width:620px){div{width:auto!important}}</style><div style=\"width:600px\">Hello",
            "<img src=\"cid:a\" alt=Chart width=640 style=\"width:100%;max-width:640px\">",
        ],
    );
    in_the_way(
        BarrierKind::FixedWidth,
        "<table role=none width=600><tr><td>Hello",
        &["<table role=none width=\"100%\"><tr><td width=200>Hello"],
    );
    in_the_way(
        BarrierKind::FixedHeight,
        "<div style=\"height:40px\">Hello",
        &[
            "<div style=\"min-height:40px\">Hello",
            "<div style=\"height:1px\"></div>",
            "<p><img src=\"cid:a\" alt=Chart style=\"height:90px\">",
        ],
    );
}

#[test]
fn a_link_is_known_without_its_colour() {
    in_the_way(
        BarrierKind::UnmarkedLink,
        "<p>See <a href=x style=\"text-decoration:none\">the portal</a>.",
        &[
            "<p>See <a href=x>the portal</a>.",
            "<p><a href=x style=\"text-decoration:none;background:#0b57a4;color:#fff;padding:9px\">The portal</a>",
        ],
    );
}
