//! Tasks that start again and again: [`Restarts`] counts over several looks.

use crate::{clients::connect::Status, record::Said, record::messages};
use std::collections::BTreeMap;

/// What earlier looks saw of the tasks.
#[derive(Debug, Default)]
pub(super) struct Restarts {
    last: BTreeMap<u32, (String, String)>,
    count: BTreeMap<u32, u64>,
    looks: u64,
}

impl Restarts {
    /// Takes a look in. A task that is `RUNNING` after it was something else, or on another worker, has started again.
    pub(super) fn take(&mut self, status: Option<&Status>) {
        self.looks += 1;
        let Some(status) = status else { return };
        for task in &status.tasks {
            let now = (task.instance.state.clone(), task.instance.worker_id.clone());
            let before = self.last.insert(task.id, now.clone());
            if now.0 == "RUNNING" && before.is_some_and(|before| before != now) {
                *self.count.entry(task.id).or_default() += 1;
            }
        }
    }

    /// How often tasks started again; `None` after one look.
    pub(super) fn total(&self) -> Option<u64> {
        (self.looks > 1).then(|| self.count.values().sum())
    }

    /// The tasks that started again more than once.
    pub(super) fn loops(&self) -> Option<Said> {
        let tasks: Vec<_> =
            self.count.iter().filter(|(_, n)| **n > 1).map(|(task, n)| format!("{task} ({n})")).collect();
        (!tasks.is_empty()).then(|| restart_in_a_loop(tasks.join(", "), self.looks))
    }
}

messages! {
    area "connector-restarts";
    restart_in_a_loop(tasks, looks) => "tasks restart in a loop: task (restarts) {tasks} in {looks} samples; the log of the worker has the reason" / "des tâches redémarrent en boucle : tâche (redémarrages) {tasks} en {looks} relevés ; le journal du worker en donne la raison";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(state: &str) -> Status {
        serde_json::from_value(serde_json::json!({
            "name": "a", "connector": {"state": "RUNNING", "worker_id": "w:1"},
            "tasks": [{"id": 0, "state": state, "worker_id": "w:1"}, {"id": 1, "state": "RUNNING", "worker_id": "w:1"}],
        }))
        .unwrap()
    }

    #[test]
    fn a_task_that_comes_back_twice_restarts_in_a_loop() {
        let mut restarts = Restarts::default();
        restarts.take(Some(&status("RUNNING")));
        assert_eq!(restarts.total(), None);
        for state in ["FAILED", "RUNNING", "RUNNING", "RESTARTING", "RUNNING"] {
            restarts.take(Some(&status(state)));
        }
        assert_eq!(restarts.total(), Some(2));
        assert!(restarts.loops().unwrap().contains("0 (2)"));
    }
}
