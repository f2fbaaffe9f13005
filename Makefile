.PHONY: help demo dist test

help:
	@echo 'make demo   start a platform on this machine, run the campaign on it, write the report, take it down'
	@echo 'make dist   build what is handed out: a binary without dependencies, a Debian package'
	@echo 'make test   format, lints, documentation, every test, the shipped plan, the book, licences'

demo:
	@.ci/install
	@.ci/demo

dist:
	@.ci/install
	@.ci/dist

test:
	@.ci/install
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --document-private-items
	JALON_LAB_TESTS=1 JALON_MERMAID="$$(ls -t "$${CARGO_TARGET_DIR:-$(CURDIR)/target}"/mermaid-*.min.js 2>/dev/null | head -n 1)" \
		JALON_PAGE_TEST="$$(ls -d "$${CARGO_TARGET_DIR:-$(CURDIR)/target}"/page-test-1 2>/dev/null)" cargo test --locked
	cargo run --locked --quiet -- check
	.ci/book
	cargo deny --version || cargo install --locked --quiet --profile dev cargo-deny
	cargo deny --locked check bans licenses sources
