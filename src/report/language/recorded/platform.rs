//! Descriptions of loads.

/// English and French; the first form that fits counts.
pub(in crate::report) const FORMS: &[(&str, &str)] = &[
    ("look at Trogdor", "examiner Trogdor"),
    ("end this run's tasks on Trogdor", "terminer les tâches de cette exécution sur Trogdor"),
    (
        "produce {} to `{}` of cluster `{}` at {} by {} clients",
        "produire {} vers `{}` du cluster `{}` à {} par {} clients",
    ),
    ("produce {} to `{}` of cluster `{}` at {}", "produire {} vers `{}` du cluster `{}` à {}"),
    (
        "send {} to `{}` of cluster `{}` at {} and read them from `{}` of cluster `{}`",
        "envoyer {} vers `{}` du cluster `{}` à {} et les lire dans `{}` du cluster `{}`",
    ),
    (
        "send {} to `{}` of cluster `{}` at {} and read them",
        "envoyer {} vers `{}` du cluster `{}` à {} et les lire",
    ),
    (
        "consume {} of `{}` of cluster `{}` with {} members",
        "consommer {} de `{}` du cluster `{}` avec {} membres",
    ),
    ("consume of `{}` of cluster `{}` with {} members", "consommer `{}` du cluster `{}` avec {} membres"),
    ("consume of `{}` of cluster `{}`", "consommer `{}` du cluster `{}`"),
    ("consume {} of `{}` of cluster `{}`", "consommer {} de `{}` du cluster `{}`"),
    (
        "compare `{}` of cluster `{}` with `{}` of cluster `{}`, which has {} to catch up",
        "comparer `{}` du cluster `{}` à `{}` du cluster `{}`, qui a {} pour rattraper",
    ),
    (
        "look for the highest rate to `{}` of cluster `{}`, from {}, at which {} for {}",
        "chercher le plus haut débit vers `{}` du cluster `{}`, depuis {}, auquel {} pendant {}",
    ),
    ("{} records at once every {}", "{#} enregistrements d'un coup toutes les {}"),
];
