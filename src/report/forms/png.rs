//! Pictures of SVG, for forms that draw none. Text is drawn with one font that comes along, so that every machine
//! makes the same picture.

use flate2::{Compression, write::ZlibEncoder};
use resvg::{
    tiny_skia::{Color, Pixmap, Transform},
    usvg::{self, fontdb},
};
use std::{
    io::Write,
    sync::{Arc, LazyLock},
};

/// The only font. DejaVu Sans has Latin, Greek, Cyrillic, Arabic and Hebrew letters; see `fonts/LICENSE`.
static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(include_bytes!("fonts/DejaVuSans.ttf").to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    fonts.set_serif_family("DejaVu Sans");
    fonts.set_monospace_family("DejaVu Sans");
    Arc::new(fonts)
});

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Png {
    /// Content of the PNG file.
    pub(super) bytes: Vec<u8>,
    /// Width of the drawing, before it was enlarged.
    pub(super) width: u32,
    /// Height of the drawing, before it was enlarged.
    pub(super) height: u32,
}

/// Draws an SVG on white, `scale` times as large, or says why it cannot be drawn.
pub(super) fn draw(svg: &str, scale: f32) -> Result<Png, String> {
    let options = usvg::Options {
        fontdb: Arc::clone(&FONTS),
        font_family: "DejaVu Sans".to_owned(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(svg, &options).map_err(|e| e.to_string())?;
    let size = tree.size();
    // A drawing that would take too much memory is made smaller.
    let scale = scale.min(6000.0 / size.width().max(1.0)).min(6000.0 / size.height().max(1.0));
    let scaled = size.to_int_size().scale_by(scale).ok_or("it has no size")?;
    let mut pixels = Pixmap::new(scaled.width(), scaled.height()).ok_or("it is too large")?;
    pixels.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    let size = size.to_int_size();
    Ok(Png { bytes: encode(&pixels).map_err(|e| e.to_string())?, width: size.width(), height: size.height() })
}

/// Pixels on white have no transparency: three bytes each, each row as what differs from the one above. Drawings are
/// flat, so that this and a quick compression make a small file.
fn encode(pixels: &Pixmap) -> std::io::Result<Vec<u8>> {
    let (width, height) = (pixels.width(), pixels.height());
    let wide = width as usize * 3;
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    let (mut above, mut row, mut line) = (vec![0_u8; wide], vec![0_u8; wide], vec![2_u8; wide + 1]);
    for of in pixels.data().chunks_exact(width as usize * 4) {
        for (to, from) in row.chunks_exact_mut(3).zip(of.chunks_exact(4)) {
            to.copy_from_slice(&from[..3]);
        }
        for ((to, now), before) in line[1..].iter_mut().zip(&row).zip(&above) {
            *to = now.wrapping_sub(*before);
        }
        packed.write_all(&line)?;
        std::mem::swap(&mut above, &mut row);
    }
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = Vec::with_capacity(13);
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    // Eight bits a colour, colours, and the only method there is of each of the others.
    head.extend([8, 2, 0, 0, 0]);
    chunk(&mut out, *b"IHDR", &head);
    chunk(&mut out, *b"IDAT", &packed.finish()?);
    chunk(&mut out, *b"IEND", &[]);
    Ok(out)
}

fn chunk(out: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    out.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend(name);
    out.extend(data);
    let mut sum = crc32fast::Hasher::new();
    sum.update(&name);
    sum.update(data);
    out.extend(sum.finalize().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::{super::svg, *};
    use crate::report::{
        charts::{Axis, Chart, Line, Panel, Scale, Series, Shade},
        language::Language,
    };

    const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 60 20\" width=\"60\" height=\"20\">\
        <rect x=\"0\" y=\"0\" width=\"10\" height=\"20\" fill=\"#0072b2\"/><text x=\"14\" y=\"15\">é</text></svg>";

    #[test]
    fn a_picture_is_what_was_drawn() {
        let png = draw(SVG, 2.0).unwrap();
        assert_eq!((png.width, png.height), (60, 20));
        assert_eq!(png, draw(SVG, 2.0).unwrap(), "the same on every try");
        let read = Pixmap::decode_png(&png.bytes).unwrap();
        assert_eq!((read.width(), read.height()), (120, 40));
        let colour = |x, y| read.pixel(x, y).map(|p| (p.red(), p.green(), p.blue())).unwrap();
        assert_eq!((colour(5, 20), colour(110, 20)), ((0x00, 0x72, 0xb2), (255, 255, 255)));
        let dark = (24..60).any(|x| (0..40).any(|y| colour(x, y).0 < 60));
        assert!(dark, "the letter is drawn");
    }

    #[test]
    fn a_fault_is_shaded_in_the_small_pictures_of_word_too() {
        let axis = |label: &str| Axis { label: label.to_owned(), scale: Scale::Linear, ticks: Vec::new() };
        let points = vec![(0.0, Some(10.0)), (20.0, Some(10.0))];
        let panel = |name: &str| Panel {
            y: axis(name),
            lines: vec![Line { name: name.to_owned(), points: points.clone() }],
        };
        let shades = vec![Shade { from: 8.0, to: 12.0, label: "stop_broker".to_owned() }];
        let series =
            Series { x: axis("s"), by_window: false, panels: vec![panel("rate"), panel("latency")], shades };
        let said =
            svg::Said { id: "c", title: "t", description: "d", language: Language::Fr, width: svg::HALF };
        let drawing = svg::draw(&Chart::Series(series), &said);
        let read = Pixmap::decode_png(&draw(&drawing, 2.0).unwrap().bytes).unwrap();
        // In each panel, well below its line.
        for row in [220, 500] {
            let grey = |from: f64, to: f64| {
                let place = |seconds: f64| (2.0 * (74.0 + seconds / 21.2 * 378.0)) as u32;
                let all = place(from)..place(to);
                let of = all
                    .clone()
                    .filter(|x| read.pixel(*x, row).is_some_and(|p| (200..245).contains(&p.red())));
                of.count() as f64 / all.len() as f64
            };
            assert!(grey(8.3, 11.7) > 0.9 && grey(13.0, 17.0) < 0.2, "row {row}");
        }
        assert!(drawing.contains(">stop_broker</text>"));
    }

    #[test]
    fn what_is_no_svg_is_an_error() {
        assert!(draw("<p>", 1.0).is_err());
    }
}
