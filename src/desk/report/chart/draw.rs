//! Bars and columns as pictures. Nothing here knows what they are about.

use std::sync::Once;

use plotters::coord::Shift;
use plotters::prelude::{
    BitMapBackend, Color, DrawingArea, DrawingAreaErrorKind, DrawingBackend, FontStyle, IntoDrawingArea, IntoFont,
    IntoTextStyle, RGBColor, Rectangle, TextStyle,
};
use plotters::style::register_font;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// In pixels; a letter shows half as many, so that they are sharp on every screen.
pub(super) const WIDTH: u32 = 1280;
/// The same.
pub(super) const HEIGHT: u32 = 720;

const FONT: &[u8] = include_bytes!("DejaVuSans-subset.ttf");
const FAMILY: &str = "report";

const PAPER: RGBColor = RGBColor(255, 255, 255);
const INK: RGBColor = RGBColor(0x1a, 0x1a, 0x1a);
const RULE: RGBColor = RGBColor(0xd0, 0xd7, 0xde);
const FIRST: RGBColor = RGBColor(0x1b, 0x5e, 0x9b);
const SECOND: RGBColor = RGBColor(0xc7, 0x50, 0x00);

/// A telephone shows a picture 360 pixels wide: its letters are read at a quarter of their size.
const TITLE: i32 = 52;
const TEXT: i32 = 42;
const MARGIN: i32 = 24;
/// Where the plot begins.
const TOP: i32 = 120;
const LEGEND: i32 = 60;
/// Of a label above or below a plot.
const LINE: i32 = 64;
/// Between two columns, and between the stripes of the second one.
const GAP: i32 = 8;

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bar {
    pub(super) label: String,
    /// How long, 0 to 1.
    pub(super) length: f64,
    /// What stands behind it.
    pub(super) value: String,
}

/// Two columns beside one another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pair {
    pub(super) label: String,
    pub(super) first: u64,
    pub(super) second: u64,
}

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;
type Fault = DrawingAreaErrorKind<<BitMapBackend<'static> as DrawingBackend>::ErrorType>;

/// Bars, first on top, as PNG.
pub(super) fn bars(title: &str, bars: &[Bar]) -> Option<Vec<u8>> {
    picture(|area| draw_bars(area, title, bars))
}

/// Columns, from left to right, as PNG; the second of each is striped, so that nobody has to tell colours apart.
pub(super) fn columns(title: &str, names: [&str; 2], pairs: &[Pair]) -> Option<Vec<u8>> {
    picture(|area| draw_columns(area, title, names, pairs))
}

fn picture(draw: impl FnOnce(&Area<'_>) -> Result<(), Fault>) -> Option<Vec<u8>> {
    static FONTS: Once = Once::new();
    FONTS.call_once(|| {
        let _ = register_font(FAMILY, FontStyle::Normal, FONT);
    });
    let mut pixels = vec![0; (WIDTH * HEIGHT * 3) as usize];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, (WIDTH, HEIGHT)).into_drawing_area();
        area.fill(&PAPER).ok()?;
        draw(&area).ok()?;
        area.present().ok()?;
    }
    png(&pixels)
}

fn png(pixels: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(pixels).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

fn draw_bars(area: &Area<'_>, title: &str, bars: &[Bar]) -> Result<(), Fault> {
    draw_title(area, title)?;
    let widest =
        |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| width_of(area, text)).max().unwrap_or_default();
    let values = widest(&mut bars.iter().map(|bar| &bar.value));
    let labels = labels(area, bars, (WIDTH as i32 * 2 / 3 - values).clamp(WIDTH as i32 / 4, WIDTH as i32 / 2));
    let left = MARGIN + widest(&mut labels.iter()) + GAP * 2;
    let room = WIDTH as i32 - MARGIN - values - GAP * 2 - left;
    let each = (HEIGHT as i32 - TOP - MARGIN) / (bars.len() as i32).max(1);
    let thickness = (each * 6 / 10).min(72);
    area.draw(&Rectangle::new([(left - 3, TOP), (left - 1, HEIGHT as i32 - MARGIN)], RULE.filled()))?;
    for (at, (bar, label)) in bars.iter().zip(&labels).enumerate() {
        let middle = TOP + each * at as i32 + each / 2;
        let end = left + (f64::from(room.max(0)) * bar.length.clamp(0.0, 1.0)) as i32;
        if bar.length > 0.0 {
            let corners = [(left, middle - thickness / 2), (end.max(left + 3), middle + thickness / 2)];
            area.draw(&Rectangle::new(corners, FIRST.filled()))?;
        }
        area.draw_text(label, &text(HPos::Right, VPos::Center), (left - GAP * 2, middle))?;
        area.draw_text(&bar.value, &text(HPos::Left, VPos::Center), (end + GAP * 2, middle))?;
    }
    Ok(())
}

fn draw_columns(area: &Area<'_>, title: &str, names: [&str; 2], pairs: &[Pair]) -> Result<(), Fault> {
    draw_title(area, title)?;
    draw_legend(area, names)?;
    let (top, bottom) = (TOP + LEGEND + LINE, HEIGHT as i32 - MARGIN - LINE);
    let most = pairs.iter().map(|pair| pair.first.max(pair.second)).max().unwrap_or_default().max(1);
    let count = width_of(area, &most.to_string());
    let (per_pair, has_values) = match room_for_each(pairs, MARGIN) {
        each if count <= width_in(each) + GAP => (each, true),
        _ => (room_for_each(pairs, MARGIN + count + GAP * 2), false),
    };
    let start = WIDTH as i32 - MARGIN - per_pair * pairs.len() as i32;
    let width = width_in(per_pair);
    let labels = pairs.iter().map(|pair| width_of(area, &pair.label)).max().unwrap_or_default();
    let every = (labels + GAP * 2) / per_pair.max(1) + 1;
    area.draw(&Rectangle::new([(MARGIN, bottom), (WIDTH as i32 - MARGIN, bottom + 2)], RULE.filled()))?;
    if !has_values {
        draw_scale(area, most, top, bottom)?;
    }
    for (at, pair) in pairs.iter().enumerate() {
        let middle = start + per_pair * at as i32 + per_pair / 2;
        for (count, left, is_striped) in [(pair.first, middle - width - 1, false), (pair.second, middle + 1, true)] {
            let height = (f64::from(bottom - top) * count as f64 / most as f64) as i32;
            draw_column(area, (left, bottom - height), (left + width, bottom), is_striped)?;
            if has_values {
                let place = (left + width / 2, bottom - height - GAP / 2);
                area.draw_text(&count.to_string(), &text(HPos::Center, VPos::Bottom), place)?;
            }
        }
        if (at as i32) % every == 0 {
            area.draw_text(&pair.label, &text(HPos::Center, VPos::Top), (middle, bottom + GAP * 2))?;
        }
    }
    Ok(())
}

/// Of the width, what two columns and what is between them have.
fn room_for_each(pairs: &[Pair], left: i32) -> i32 {
    (WIDTH as i32 - MARGIN - left) / (pairs.len() as i32).max(1)
}

fn width_in(room: i32) -> i32 {
    ((room - GAP * 2) / 2).clamp(3, 90)
}

fn draw_column(area: &Area<'_>, start: (i32, i32), end: (i32, i32), is_striped: bool) -> Result<(), Fault> {
    if start.1 >= end.1 {
        return Ok(());
    }
    let colour = if is_striped { SECOND } else { FIRST };
    area.draw(&Rectangle::new([start, end], colour.filled()))?;
    if is_striped {
        let inside = (start.1 + 4..end.1 - 4).step_by(16);
        for y in inside {
            let stripe = [(start.0 + 4, y), (end.0 - 4, (y + 7).min(end.1 - 4))];
            area.draw(&Rectangle::new(stripe, PAPER.filled()))?;
        }
    }
    Ok(())
}

/// Lines for the largest count and its half, where the columns are too narrow for counts.
fn draw_scale(area: &Area<'_>, most: u64, top: i32, bottom: i32) -> Result<(), Fault> {
    for (count, y) in [(most, top), (most / 2, bottom - (bottom - top) * (most / 2) as i32 / most as i32)] {
        area.draw(&Rectangle::new([(MARGIN, y), (WIDTH as i32 - MARGIN, y + 1)], RULE.filled()))?;
        area.draw_text(&count.to_string(), &text(HPos::Left, VPos::Bottom), (MARGIN, y))?;
    }
    Ok(())
}

fn draw_legend(area: &Area<'_>, names: [&str; 2]) -> Result<(), Fault> {
    let (mut left, size) = (MARGIN, 36);
    for (name, is_striped) in names.into_iter().zip([false, true]) {
        draw_column(area, (left, TOP), (left + size, TOP + size), is_striped)?;
        area.draw_text(name, &text(HPos::Left, VPos::Center), (left + size + GAP * 2, TOP + size / 2))?;
        left += size + GAP * 2 + width_of(area, name) + 60;
    }
    Ok(())
}

fn draw_title(area: &Area<'_>, title: &str) -> Result<(), Fault> {
    let style = styled(TITLE, HPos::Left, VPos::Top);
    area.draw_text(title, &style, (MARGIN, MARGIN))
}

fn text(horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    styled(TEXT, horizontal, vertical)
}

fn styled(size: i32, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    let style = (FAMILY, size).into_font().into_text_style(&(WIDTH, HEIGHT));
    style.color(&INK).pos(Pos::new(horizontal, vertical))
}

fn width_of(area: &Area<'_>, words: &str) -> i32 {
    area.estimate_text_size(words, &text(HPos::Left, VPos::Top)).map_or(0, |(width, _)| width as i32)
}

/// The names of bars as there is room for them: no two look the same that are not.
fn labels(area: &Area<'_>, bars: &[Bar], room: i32) -> Vec<String> {
    let names: Vec<&str> = bars.iter().map(|bar| bar.label.as_str()).collect();
    super::labels::apart(&names, |words| width_of(area, words) <= room)
}
