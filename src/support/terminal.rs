//! The terminal: where progress bars are drawn, which may be closed meanwhile, and keys that a person presses.

use console::{Key, Term};
use indicatif::{ProgressDrawTarget, TermLike};
use std::io::{self, IsTerminal};

/// Where bars are drawn: stderr, as long as there is somebody behind it.
pub fn bars() -> ProgressDrawTarget {
    ProgressDrawTarget::term_like(Box::new(Closable(Term::buffered_stderr())))
}

/// Whether somebody is there to press a key and to see what it came to.
pub fn has_keys() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// The next key that is pressed; Ctrl-C is the signal that it always is. Only where [`has_keys`].
pub fn key() -> io::Result<Key> {
    Term::stderr().read_key()
}

/// A terminal that may be closed at any time (a window shut, a connection lost). What cannot be drawn then is nobody's
/// loss, whereas indicatif panics over it, and the run has to end in order.
#[derive(Debug)]
struct Closable(Term);

impl TermLike for Closable {
    fn width(&self) -> u16 {
        self.0.size().1
    }

    fn height(&self) -> u16 {
        self.0.size().0
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        drawn(self.0.move_cursor_up(n))
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        drawn(self.0.move_cursor_down(n))
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        drawn(self.0.move_cursor_right(n))
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        drawn(self.0.move_cursor_left(n))
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        drawn(self.0.write_line(line))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        drawn(self.0.write_str(text))
    }

    fn clear_line(&self) -> io::Result<()> {
        drawn(self.0.clear_line())
    }

    fn flush(&self) -> io::Result<()> {
        drawn(self.0.flush())
    }
}

#[expect(clippy::unnecessary_wraps, reason = "what the trait asks for")]
fn drawn(_: io::Result<()>) -> io::Result<()> {
    Ok(())
}
