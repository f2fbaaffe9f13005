#!/usr/bin/env bash
# Times the kind `offsets` on a lab: groups.sh GROUPS PARTITIONS, 1000 and 100 where left out.
#
# Every group has an offset on both clusters in every partition, at random places. JALON is the program to be measured. Needs
# Python with `kafka-python`, which commits the offsets.
set -eu
groups=${1:-1000} partitions=${2:-100} jalon=${JALON:-target/release/jalon}
jalon=$(realpath "$jalon")
dir=$(mktemp -d)
cd "$dir"
mkdir -p plan/environments steps
"$jalon" lab up --brokers 1 --target-brokers 1 --no-prometheus --no-registry
trap 'cd "$dir" && "$jalon" lab down' EXIT
"$jalon" lab environment > plan/environments/lab.yaml
printf 'name: bench\ndefault_environment: lab\ndefault_profile: smoke\nslo: {none: 0}\nprofiles: {smoke: {none: 0}}\n' > plan/campaign.yaml
cat > steps/00-fill.md <<END
---
step: 0
title: Fill
actions:
  - topic: {id: t, cluster: source, name: mm2.bench, partitions: $partitions, replication_factor: 1}
  - connector:
      id: mirror
      name: mm2-source
      state: running
      within: 2m
      mirror: source->target
      role: source
      config: {tasks.max: 1, topics: mm2.bench, replication.factor: 1, offset-syncs.topic.replication.factor: 1, refresh.topics.interval.seconds: 2, offset.lag.max: 0}
  - produce: {id: load, cluster: source, topic: mm2.bench, records: $((partitions * 1000)), record_size: 100 B, rate: 20000/s, sequence: true}
  - replication: {id: copied, source: source, target: target, topic: mm2.bench, within: 2m}
criteria:
  - expect: copied.lost == 0
---
# Fill
END
"$jalon" run
python3 - "$groups" "$partitions" <<'END'
import random, re, sys
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata
groups, partitions = int(sys.argv[1]), int(sys.argv[2])
servers = re.findall(r"bootstrap_servers: (\S+)", open("plan/environments/lab.yaml").read())
def at(offset):
    try:
        return OffsetAndMetadata(offset, "", -1)
    except TypeError:
        return OffsetAndMetadata(offset, "")
for server, topic in zip(servers, ("mm2.bench", "source.mm2.bench")):
    random.seed(1)
    for n in range(groups):
        consumer = KafkaConsumer(bootstrap_servers=server, group_id=f"bench-{n:04}", enable_auto_commit=False, api_version=(2, 6, 0))
        consumer.commit({TopicPartition(topic, p): at(random.randint(0, 900)) for p in range(partitions)})
        consumer.close()
END
cat > steps/00-fill.md <<END
---
step: 0
title: Measure
actions:
  - offsets: {id: offsets, source: source, target: target, groups: ['bench-.*']}
criteria:
  - expect: offsets.would_skip_records == 0
---
# Measure
END
for _ in 1 2 3; do "$jalon" run | grep 'offsets of groups' || true; sleep 1; done
