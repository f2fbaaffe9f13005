//! [`Tone`]: what a colour says.

/// What a colour says. A word beside it always says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// It goes on, or waits for a person.
    Active,
    /// It failed.
    Bad,
    /// It holds.
    Good,
    /// It has not been, or does not count.
    Quiet,
    /// It could not be judged, or was interrupted.
    Unsure,
    /// It holds with a reservation.
    Warn,
}

impl Tone {
    /// Every tone.
    pub const ALL: [Self; 6] = [Self::Active, Self::Bad, Self::Good, Self::Quiet, Self::Unsure, Self::Warn];

    /// The tone of a state or a verdict by the word that scripts read.
    pub fn of(code: &str) -> Self {
        match code {
            "pass" | "passed" => Self::Good,
            "warn" | "waived" | "passed-with-exceptions" => Self::Warn,
            "fail" | "failed" | "error" => Self::Bad,
            "inconclusive" | "interrupted" => Self::Unsure,
            "running" | "awaiting-approval" => Self::Active,
            _ => Self::Quiet,
        }
    }

    /// Its name, as a class of a style sheet.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Bad => "bad",
            Self::Good => "good",
            Self::Quiet => "quiet",
            Self::Unsure => "unsure",
            Self::Warn => "warn",
        }
    }

    /// Background and text on paper, as `d1e7dd`: readable for who sees no red or no green, and in grey.
    pub fn colours(self) -> (&'static str, &'static str) {
        match self {
            Self::Active => ("cfe2ff", "083b7a"),
            Self::Bad => ("f8d7da", "7a1620"),
            Self::Good => ("d1e7dd", "0c4a2e"),
            Self::Quiet => ("eeeeee", "404040"),
            Self::Unsure => ("e9dff5", "43256f"),
            Self::Warn => ("fff3cd", "5e4800"),
        }
    }
}
