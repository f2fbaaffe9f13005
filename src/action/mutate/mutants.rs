//! Every mutant: a module line and a line of the list each, both sorted.

use super::mutant::Mutant;

mod aborted;
mod checkpoints_silent;
mod config_sync_off;
mod double;
mod drop;
mod group_sync_off;
mod group_uncovered;
mod half_the_tasks;
mod header;
mod heartbeats_of_another;
mod heartbeats_silent;
mod identity;
mod key;
mod lag_hidden;
mod new_partitions;
mod no_tasks;
mod offset_beyond;
mod offset_rewound;
mod offset_skipped;
mod other_partitions;
mod partition;
mod partition_standing;
mod phantom;
mod purged;
mod settings;
mod source_lost;
mod swap;
mod task_failed;
mod timestamp;
mod topic_recreated;
mod topic_uncovered;
mod two_replicators;
mod value;
mod worker_killed;

/// Every mutant, in the order of the names.
pub static MUTANTS: &[&dyn Mutant] = &[
    &aborted::Aborted,
    &checkpoints_silent::MUTANT,
    &config_sync_off::ConfigSyncOff,
    &double::MUTANT,
    &drop::MUTANT,
    &group_sync_off::MUTANT,
    &group_uncovered::MUTANT,
    &half_the_tasks::MUTANT,
    &header::MUTANT,
    &heartbeats_of_another::MUTANT,
    &heartbeats_silent::MUTANT,
    &identity::MUTANT,
    &key::MUTANT,
    &lag_hidden::MUTANT,
    &new_partitions::NewPartitions,
    &no_tasks::MUTANT,
    &offset_beyond::MUTANT,
    &offset_rewound::MUTANT,
    &offset_skipped::MUTANT,
    &other_partitions::OtherPartitions,
    &partition::MUTANT,
    &partition_standing::MUTANT,
    &phantom::MUTANT,
    &purged::Purged,
    &settings::Settings,
    &source_lost::MUTANT,
    &swap::MUTANT,
    &task_failed::MUTANT,
    &timestamp::MUTANT,
    &topic_recreated::MUTANT,
    &topic_uncovered::MUTANT,
    &two_replicators::TwoReplicators,
    &value::MUTANT,
    &worker_killed::WorkerKilled,
];

#[cfg(test)]
mod tests;
