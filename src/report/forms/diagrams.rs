//! Mermaid diagrams drawn as SVG, with the same look everywhere and nothing that a page could run.

use merman::{
    OperationControl, RenderOutput, RenderRequest, Renderer, SvgRequest,
    svg::{SvgPipeline, SvgRenderOptions},
};
use std::time::Duration;

/// No diagram of a report takes longer; a source that somebody wrote could.
const TIME: Duration = Duration::from_secs(5);

/// The diagram as one `<svg>` element, or why it cannot be drawn. `id` must be the name of no other one of the page.
pub(super) fn draw(source: &str, id: &str) -> Result<String, String> {
    let request = SvgRequest {
        options: SvgRenderOptions { diagram_id: Some(id.to_owned()), ..SvgRenderOptions::default() },
        pipeline: Some(SvgPipeline::resvg_safe()),
        ..SvgRequest::default()
    };
    let control = OperationControl::new().with_deadline(TIME);
    match Renderer::new().render(RenderRequest::svg(source, control, request)) {
        Ok(RenderOutput::Svg(Some(drawn))) => Ok(drawn.svg().to_owned()),
        Ok(_) => Err("it is of no kind of diagram that is drawn here".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flowchart_is_drawn_and_brings_no_script() {
        let source = "flowchart LR\n  a[\"#60;script#62;alert(1)#60;/script#62; é\"]:::x --> b\n  classDef x fill:#d1e7dd\n";
        let drawn = draw(source, "d1").unwrap();
        assert!(drawn.starts_with("<svg"), "{drawn}");
        for bad in ["<script", "foreignObject", "onclick", "javascript:", "http://www.w3.org/1999/xhtml"] {
            assert!(!drawn.contains(bad), "{bad}: {drawn}");
        }
        assert_eq!(drawn, draw(source, "d1").unwrap());
    }

    #[test]
    fn what_is_no_diagram_is_an_error() {
        assert!(draw("flowchart LR\n  a[[[ -->", "d").is_err());
        assert!(draw("no diagram at all", "d").is_err());
    }
}
