//! The plan that comes with the program, in the program.

/// A file of the plan: its path in a campaign's folder, and its text.
pub(super) type Shipped = (&'static str, &'static str);

macro_rules! shipped {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../", $path)))),*]
    };
}

/// Every file of it.
pub(super) const FILES: &[Shipped] = shipped![
    "artifacts/README.md",
    "plan/campaign.yaml",
    "plan/environments/lab.yaml",
    "plan/environments/production-example.yaml",
    "steps/00-readiness.md",
    "steps/01-observability.md",
    "steps/02-configuration-audit.md",
    "steps/03-producer-baseline.md",
    "steps/04-saturation-and-record-size.md",
    "steps/05-producer-tuning.md",
    "steps/06-consumer.md",
    "steps/07-mirrormaker-2.md",
    "steps/08-replication-under-load.md",
    "steps/09-resilience-and-security.md",
    "steps/10-endurance-and-synthesis.md",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    fn below(root: &Path, folder: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            match entry.file_type().unwrap().is_dir() {
                true => below(root, &path, found),
                false => found.push(path),
            }
        }
    }

    #[test]
    fn every_file_of_the_plan_is_in_the_program() {
        let mut found = vec!["artifacts/README.md".to_owned()];
        for folder in ["plan", "steps"] {
            below(Path::new(env!("CARGO_MANIFEST_DIR")), folder, &mut found);
        }
        found.sort();
        assert_eq!(FILES.iter().map(|(path, _)| *path).collect::<Vec<_>>(), found);
    }
}
