//! Charts as SVG: readable on paper, in grey and by who sees no red or no green, each line with its own colour, dash
//! and mark. The same chart gives the same bytes.

use super::xml::escaped;
use crate::{
    report::{
        charts::{Axis, Bars, Chart, Gantt, Scale, Series, Span, Tone},
        language::Language,
    },
    support::text::cut,
};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// Width of a chart in its own units, and of one that has another beside it.
pub(in crate::report) const WIDTH: f64 = 860.0;
pub(in crate::report) const HALF: f64 = 470.0;
/// Width of a column of text, as narrow as it may be.
const GLYPH: f64 = 7.0;
const LEFT: f64 = 74.0;
const RIGHT: f64 = 18.0;
const PANEL: f64 = 190.0;
/// The same of a chart that has another beside it.
const LOW: f64 = 116.0;
const LINE: f64 = 18.0;
/// What a line is as wide as, about, where the names of a chart stand to the left of it.
const NAMES: usize = 34;

/// Colours that nearly everybody can tell apart (Okabe and Ito), with the dash of each.
const STROKES: [(&str, &str); 6] = [
    ("#0072b2", ""),
    ("#d55e00", "8 3"),
    ("#009e73", "2 3"),
    ("#cc79a7", "10 3 2 3"),
    ("#b87a00", "5 2"),
    ("#56b4e9", "14 4"),
];

/// What of a chart is said besides drawing it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'a> {
    /// A name that no other chart of the page has.
    pub(super) id: &'a str,
    /// What is seen.
    pub(super) title: &'a str,
    /// The same in words.
    pub(super) description: &'a str,
    /// Language of the numbers.
    pub(super) language: Language,
    /// Its width in its own units.
    pub(super) width: f64,
}

/// The chart as one `<svg>` element.
pub(super) fn draw(chart: &Chart, said: &Said<'_>) -> String {
    let (width, mut canvas) =
        (said.width, Canvas { out: String::new(), language: said.language, width: said.width });
    let height = match chart {
        Chart::Bars(bars) => canvas.bars(bars),
        Chart::Gantt(gantt) => canvas.gantt(gantt),
        Chart::Series(series) => canvas.series(series, said.id),
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\" \
         viewBox=\"0 0 {width} {height:.0}\" width=\"{width}\" height=\"{height:.0}\" color=\"#222222\" \
         font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"12\">\
         <title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>{}</svg>",
        escaped(said.title),
        escaped(said.description),
        canvas.out,
        id = said.id,
    )
}

/// Where text is anchored.
#[derive(Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
}

struct Canvas {
    out: String,
    language: Language,
    width: f64,
}

/// A stretch of an axis on the drawing.
#[derive(Clone, Copy)]
struct Reach {
    scale: Scale,
    from: f64,
    to: f64,
    /// Where `from` and `to` are drawn.
    at: (f64, f64),
}

impl Reach {
    /// Room for every value on an axis.
    fn of(axis: &Axis, values: impl Iterator<Item = f64>, at: (f64, f64)) -> Self {
        let log = axis.scale == Scale::Log;
        let values = values.chain(axis.ticks.iter().map(|t| t.0));
        let shown = values.filter(|v| v.is_finite() && (!log || *v > 0.0));
        let (low, high) =
            shown.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let (from, to) = match (low <= high, log) {
            (false, true) => (1.0, 10.0),
            (false, false) => (0.0, 1.0),
            (true, true) => {
                let (from, to) = (10_f64.powf(low.log10().floor()), 10_f64.powf(high.log10().ceil()));
                (from, if to > from { to } else { from * 10.0 })
            }
            (true, false) if axis.ticks.is_empty() => {
                (low.min(0.0), if high > 0.0 { high * 1.06 } else { 1.0 })
            }
            (true, false) => (low, if high > low { high } else { low + 1.0 }),
        };
        Self { scale: axis.scale, from, to, at }
    }

    /// Where a value is drawn; none where it has no place.
    fn place(&self, value: f64) -> Option<f64> {
        let share = match self.scale {
            Scale::Linear => (value - self.from) / (self.to - self.from),
            Scale::Log if value > 0.0 => (value / self.from).log10() / (self.to / self.from).log10(),
            Scale::Log => return None,
        };
        share.is_finite().then(|| self.at.0 + share.clamp(-0.01, 1.01) * (self.at.1 - self.at.0))
    }

    /// Round values from one end to the other.
    fn rounds(&self, wanted: f64) -> Vec<f64> {
        match self.scale {
            Scale::Log => {
                let (mut value, mut all) = (self.from, Vec::new());
                while value <= self.to * 1.001 && all.len() < 24 {
                    all.push(value);
                    value *= 10.0;
                }
                all
            }
            Scale::Linear => {
                let step = step((self.to - self.from) / wanted);
                let first = (self.from / step).ceil();
                let all = (0..32).map(|n| (first + f64::from(n)) * step);
                all.take_while(|v| *v <= self.to + step * 1e-6).collect()
            }
        }
    }
}

/// The round number that is not below `least`: 1, 2 or 5 and zeros.
fn step(least: f64) -> f64 {
    let power = 10_f64.powf(least.max(1e-12).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|n| n * power).find(|s| *s >= least * 0.999).unwrap_or(power)
}

impl Canvas {
    fn text(&mut self, x: f64, y: f64, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let _ = write!(
            self.out,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"currentColor\">{}</text>",
            escaped(text)
        );
    }

    fn rule(&mut self, from: (f64, f64), to: (f64, f64), opacity: f64) {
        let _ = write!(
            self.out,
            "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"currentColor\" stroke-opacity=\"{opacity}\"/>",
            from.0, from.1, to.0, to.1
        );
    }

    /// A value at an axis, with as many decimals as it needs to differ from its neighbours.
    fn number(&self, value: f64, step: f64) -> String {
        let decimals = (0..7).find(|d| {
            let unit = 10_f64.powi(*d);
            (step * unit - (step * unit).round()).abs() < 1e-6 * unit.max(1.0)
                && (value * unit - (value * unit).round()).abs() < 1e-6 * unit.max(1.0)
        });
        self.language.number_with(value, usize::try_from(decimals.unwrap_or(7)).unwrap_or(0))
    }

    /// Places of an axis and what stands at them.
    fn ticks(&self, axis: &Axis, reach: &Reach, wanted: f64) -> Vec<(f64, String)> {
        if !axis.ticks.is_empty() {
            return axis.ticks.clone();
        }
        let rounds = reach.rounds(wanted);
        let step = rounds.windows(2).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min);
        rounds
            .iter()
            .map(|v| {
                let step = if reach.scale == Scale::Log || !step.is_finite() { *v } else { step };
                (*v, self.number(*v, step))
            })
            .collect()
    }

    /// Rules across the drawing with their values below them. Texts that would run into each other are left out.
    fn below(&mut self, axis: &Axis, reach: &Reach, top: f64, bottom: f64, named: bool) {
        let mut free = f64::NEG_INFINITY;
        for (value, text) in self.ticks(axis, reach, 8.0) {
            let Some(x) = reach.place(value) else { continue };
            self.rule((x, top), (x, bottom), 0.15);
            let half = width(&text) / 2.0;
            if named && x - half >= free {
                let x = x.min(self.width - half - 2.0);
                self.text(x, bottom + 16.0, Anchor::Middle, &text);
                free = x + half + 8.0;
            }
        }
        if named && !axis.label.is_empty() {
            let middle = f64::midpoint(reach.at.0, reach.at.1);
            self.text(middle, bottom + 34.0, Anchor::Middle, &axis.label);
        }
    }

    /// Draws series; the height that it took.
    fn series(&mut self, of: &Series, id: &str) -> f64 {
        let all = of.panels.iter().flat_map(|p| &p.lines).flat_map(|l| l.points.iter().map(|p| p.0));
        let x = Reach::of(&of.x, all, (LEFT, self.width - RIGHT));
        let high = if self.width < WIDTH { LOW } else { PANEL };
        let mut top = 6.0;
        for (index, panel) in of.panels.iter().enumerate() {
            let last = index + 1 == of.panels.len();
            self.text(LEFT, top + 12.0, Anchor::Start, &panel.y.label);
            let legend = self.legend(panel.lines.iter().map(|l| l.name.as_str()), top + LINE + 12.0);
            let upper = top + LINE + legend + 8.0;
            let lower = upper + high;
            let values = panel.lines.iter().flat_map(|l| l.points.iter().filter_map(|p| p.1));
            let y = Reach::of(&panel.y, values, (lower, upper));
            self.shades(of, &x, upper, lower, index == 0);
            self.below(&of.x, &x, upper, lower, last);
            for (value, text) in self.ticks(&panel.y, &y, 5.0) {
                let Some(at) = y.place(value) else { continue };
                self.rule((LEFT, at), (self.width - RIGHT, at), 0.15);
                self.text(LEFT - 7.0, at + 4.0, Anchor::End, &text);
            }
            self.rule((LEFT, lower), (self.width - RIGHT, lower), 0.8);
            self.rule((LEFT, upper), (LEFT, lower), 0.8);
            let clip = format!("{id}-c{index}");
            let _ = write!(
                self.out,
                "<clipPath id=\"{clip}\"><rect x=\"{LEFT}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/></clipPath>\
                 <g clip-path=\"url(#{clip})\">",
                upper - 3.0,
                self.width - RIGHT - LEFT + 6.0,
                high + 6.0
            );
            for (index, line) in panel.lines.iter().enumerate() {
                self.line(index, &line.points, &x, &y);
            }
            self.out.push_str("</g>");
            top = lower + 12.0;
        }
        top + 34.0
    }

    /// A sample of every line with its name; the height that it took. A single line needs none but its axis.
    fn legend<'n>(&mut self, names: impl Iterator<Item = &'n str>, top: f64) -> f64 {
        let names: Vec<String> = names.map(|name| cut(name, 60)).collect();
        if names.len() < 2 {
            return 0.0;
        }
        let (mut x, mut y) = (LEFT, top);
        for (index, name) in names.iter().enumerate() {
            let wide = 44.0 + width(name);
            if x + wide > self.width - RIGHT && x > LEFT {
                (x, y) = (LEFT, y + LINE);
            }
            self.stroke(index, &format!("M{x:.1} {y:.1}h28"));
            self.mark(index, x + 14.0, y);
            self.text(x + 34.0, y + 4.0, Anchor::Start, name);
            x += wide + 12.0;
        }
        y - top + LINE
    }

    fn stroke(&mut self, index: usize, path: &str) {
        let (colour, dash) = STROKES[index % STROKES.len()];
        let _ = write!(
            self.out,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\" stroke-linejoin=\"round\" stroke-dasharray=\"{}\"/>",
            if dash.is_empty() { "none" } else { dash }
        );
    }

    /// The mark of a line, by its form.
    fn mark(&mut self, index: usize, x: f64, y: f64) {
        let colour = STROKES[index % STROKES.len()].0;
        let _ = match index % 4 {
            0 => write!(self.out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.4\" fill=\"{colour}\"/>"),
            1 => write!(
                self.out,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"6.4\" height=\"6.4\" fill=\"{colour}\"/>",
                x - 3.2,
                y - 3.2
            ),
            2 => write!(self.out, "<path d=\"M{x:.1} {:.1}l4.2 7.4h-8.4z\" fill=\"{colour}\"/>", y - 4.6),
            _ => write!(
                self.out,
                "<path d=\"M{x:.1} {:.1}l4.6 4.6l-4.6 4.6l-4.6 -4.6z\" fill=\"{colour}\"/>",
                y - 4.6
            ),
        };
    }

    fn line(&mut self, index: usize, points: &[(f64, Option<f64>)], x: &Reach, y: &Reach) {
        let mut path = String::new();
        let mut drawn = Vec::new();
        let mut down = false;
        for (at, value) in points {
            let place = value.and_then(|v| Some((x.place(*at)?, y.place(v)?)));
            let Some((left, top)) = place else {
                down = false;
                continue;
            };
            let _ = write!(path, "{}{left:.1} {top:.1}", if down { "L" } else { "M" });
            down = true;
            drawn.push((left, top));
        }
        self.stroke(index, &path);
        // Marks of several lines stand at different places, so that they do not hide each other.
        let every = (drawn.len() / 8).max(1);
        let first = if every > 1 { (index * every / 4) % every } else { 0 };
        for (left, top) in drawn.into_iter().skip(first).step_by(every) {
            self.mark(index, left, top);
        }
    }

    fn shades(&mut self, of: &Series, x: &Reach, upper: f64, lower: f64, named: bool) {
        for (index, shade) in of.shades.iter().enumerate() {
            let (Some(from), Some(to)) = (x.place(shade.from), x.place(shade.to)) else { continue };
            // What lasted a moment is seen all the same, also in a small picture.
            let wide = (to - from).max(4.0);
            let _ = write!(
                self.out,
                "<rect x=\"{from:.1}\" y=\"{upper:.1}\" width=\"{wide:.1}\" height=\"{:.1}\" fill=\"#8c8c8c\" fill-opacity=\"0.22\" \
                 stroke=\"#8c8c8c\" stroke-dasharray=\"3 3\"/>",
                lower - upper
            );
            if named {
                let text = cut(&shade.label, 30);
                let right = from + width(&text) + 6.0 > self.width - RIGHT;
                let (at, anchor) = if right { (to - 4.0, Anchor::End) } else { (from + 4.0, Anchor::Start) };
                self.text(at, upper + 13.0 + 14.0 * (index % 3) as f64, anchor, &text);
            }
        }
    }

    /// Draws bars below each other; the height that it took.
    fn bars(&mut self, of: &Bars) -> f64 {
        let names: Vec<String> = of.bars.iter().map(|b| cut(&b.0, NAMES)).collect();
        let left = names.iter().map(|n| width(n)).fold(40.0, f64::max) + 14.0;
        let room = of.bars.iter().map(|b| width(&b.2)).fold(0.0, f64::max) + 12.0;
        let x = Reach::of(
            &of.y,
            of.bars.iter().filter_map(|b| b.1),
            (left, (self.width - room).max(left + 60.0)),
        );
        let (top, tall) = (10.0, 24.0);
        let bottom = top + tall * of.bars.len() as f64;
        self.below(&of.y, &x, top, bottom, true);
        for (index, ((_, value, shown), name)) in of.bars.iter().zip(&names).enumerate() {
            let y = top + tall * index as f64;
            self.text(left - 7.0, y + 16.0, Anchor::End, name);
            let end = value.and_then(|v| x.place(v)).unwrap_or(left);
            if end > left {
                let _ = write!(
                    self.out,
                    "<rect x=\"{left:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{}\"/>",
                    y + 4.0,
                    end - left,
                    tall - 8.0,
                    STROKES[0].0
                );
            }
            self.text(end + 6.0, y + 16.0, Anchor::Start, shown);
        }
        self.rule((left, top), (left, bottom), 0.8);
        bottom + 42.0
    }

    /// Draws spans of time; the height that it took.
    fn gantt(&mut self, of: &Gantt) -> f64 {
        let names: Vec<String> = of.rows.iter().map(|r| cut(&r.0, NAMES)).collect();
        let left = names.iter().map(|n| width(n)).fold(40.0, f64::max) + 14.0;
        // A row's words stand behind its last span.
        let words = |spans: &[Span]| {
            let words: Vec<&str> = spans.iter().map(|s| s.label.as_str()).collect();
            cut(&words.join(", "), NAMES)
        };
        let room = of.rows.iter().map(|r| width(&words(&r.1))).fold(0.0, f64::max) + 12.0;
        let ends = of.rows.iter().flat_map(|r| &r.1).flat_map(|s| [s.from, s.to]);
        let x = Reach::of(&of.x, ends, (left, self.width - RIGHT - room));
        let (top, tall) = (10.0, 26.0);
        let bottom = top + tall * of.rows.len() as f64;
        self.below(&of.x, &x, top, bottom, true);
        for (index, ((_, spans), name)) in of.rows.iter().zip(&names).enumerate() {
            let y = top + tall * index as f64;
            self.text(left - 7.0, y + 17.0, Anchor::End, name);
            self.rule((left, y + tall), (self.width - RIGHT, y + tall), 0.15);
            for span in spans {
                let (Some(from), Some(to)) = (x.place(span.from), x.place(span.to)) else { continue };
                self.span(span.tone, (from, y + 4.0), (to - from).max(3.0), tall - 8.0);
            }
            let ends = spans.iter().filter_map(|s| x.place(s.to)).fold(left, f64::max);
            self.text(ends + 7.0, y + 17.0, Anchor::Start, &words(spans));
        }
        self.rule((left, top), (left, bottom), 0.8);
        bottom + 42.0
    }

    fn span(&mut self, tone: Tone, at: (f64, f64), wide: f64, tall: f64) {
        let (fill, line) = tone.colours();
        // The border says the same as the colour.
        let dash = match tone {
            Tone::Good | Tone::Bad => "none",
            Tone::Active | Tone::Warn => "6 2",
            Tone::Quiet | Tone::Unsure => "2 2",
        };
        let thick = if tone == Tone::Bad { 2.4 } else { 1.2 };
        let _ = write!(
            self.out,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"{tall:.1}\" fill=\"#{fill}\" stroke=\"#{line}\" \
             stroke-width=\"{thick}\" stroke-dasharray=\"{dash}\"/>",
            at.0, at.1
        );
    }
}

/// About how wide a text is drawn.
fn width(text: &str) -> f64 {
    text.width() as f64 * GLYPH
}
