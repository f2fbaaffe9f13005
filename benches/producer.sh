#!/usr/bin/env bash
# Compares `produce` with Kafka's kafka-producer-perf-test and with librdkafka's own rdkafka_performance, side by side on
# a lab of its own.
#   benches/producer.sh [RECORDS] [ROUNDS]      1000000 records of 1 KiB and 5 rounds where left out
#
# Starts one broker; each tool sends all records as fast as it can to an empty topic (6 partitions, or PARTITIONS),
# acks=all, idempotent, 32 MiB of buffer; each round in the other order. records/s is what each tool says of itself,
# processor time and memory are those of the whole process, its start included, as the kernel counts them. jalon records
# every record's latency twice (from the intended time and from the call) and writes its evidence: journal, windows,
# histograms, statistics. Random payloads, uncompressed.
#   default     the Java client's defaults (linger.ms=0, batch.size=16384), for both
#   best        larger batches, for each tool those below; BEST_JAVA and BEST name others
# rdkafka_performance is compiled from the sources of the librdkafka that jalon is built with, when a C compiler and
# those sources are there; it gets exactly the properties that jalon gave librdkafka in `best`.
# JALON names another binary, PORT_BASE (24000) the lab's ports.
set -eu
cd "$(dirname "$0")/.."
records=${1:-1000000}
rounds=${2:-5}
jalon=${JALON:-$PWD/target/release/jalon}
[ -x "$jalon" ] || { echo "there is no $jalon: cargo build --release" >&2; exit 2; }
folder=$(mktemp -d)
export JALON_LAB_FOLDER=$folder/lab
trap '"$jalon" -C "$folder" lab down >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT

echo "machine: $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)," \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), load $(cut -d' ' -f1 /proc/loadavg); $("$jalon" --version)"

peer=
for out in target/release/build/rdkafka-sys-*/out; do
    [ -f "$out/src/librdkafka.a" ] && [ -f "$out/examples/rdkafka_performance.c" ] || continue
    if cc -O2 -DNDEBUG -I"$out/src" -I"$out" "$out/examples/rdkafka_performance.c" "$out/src/librdkafka.a" \
        -o "$folder/rdkafka_performance" -lssl -lcrypto -lz -lzstd -lm -lpthread -ldl 2>"$folder/cc.txt" \
        || cc -O2 -DNDEBUG -I"$out/src" -I"$out" "$out/examples/rdkafka_performance.c" "$out/src/librdkafka.a" \
            "$(ls target/release/build/zstd-sys-*/out/libzstd.a | head -1)" \
            -o "$folder/rdkafka_performance" -lssl -lcrypto -lz -lm -lpthread -ldl 2>"$folder/cc.txt"; then
        peer=$folder/rdkafka_performance
        break
    fi
done
[ -n "$peer" ] || { echo "rdkafka_performance: not built, left out"; tail -3 "$folder/cc.txt" 2>/dev/null || true; }

base=${PORT_BASE:-24000}
"$jalon" -C "$folder" lab up --brokers 1 --no-target --no-connect --no-registry --no-prometheus --port-base "$base" \
    >"$folder/up.txt" 2>&1 || { cat "$folder/up.txt" >&2; exit 4; }

RECORDS=$records ROUNDS=$rounds JALON=$jalon FOLDER=$folder BASE=$base PEER=$peer python3 - <<'PYTHON'
import glob, json, os, pathlib, re, statistics, subprocess

records, rounds = int(os.environ["RECORDS"]), int(os.environ["ROUNDS"])
jalon, folder, peer = os.environ["JALON"], pathlib.Path(os.environ["FOLDER"]), os.environ["PEER"]
partitions = int(os.environ.get("PARTITIONS") or 6)
servers = f"127.0.0.1:{int(os.environ['BASE']) + 10}"
cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
libs = sorted(glob.glob(str(cache / "jalon/kafka-*/libs")))[-1]
best_java = os.environ.get("BEST_JAVA") or "linger.ms=5 batch.size=262144"
best = os.environ.get("BEST") or "linger.ms=5 batch.size=1000000"


def campaign(name, action, expect):
    root = folder / name
    (root / "plan/environments").mkdir(parents=True)
    (root / "steps").mkdir()
    (root / "plan/campaign.yaml").write_text(
        "name: bench\ndefault_environment: lab\ndefault_profile: only\nprofiles: {only: {}}\n")
    (root / "plan/environments/lab.yaml").write_text(
        f'name: lab\nclusters: {{source: {{bootstrap_servers: "{servers}"}}}}\n')
    (root / "steps/00-step.md").write_text(
        f"---\nstep: 0\ntitle: Step\nactions:\n  - {action}\ncriteria:\n  - expect: {expect}\n---\n")
    return root


def once(argv, cwd):
    """What it said, its processor time in seconds and its peak memory in MiB."""
    with open(folder / "out.txt", "w+") as out, open(folder / "err.txt", "w+") as err:
        child = subprocess.Popen(argv, cwd=cwd, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        out.seek(0), err.seek(0)
        said, complained = out.read(), err.read()
        assert status == 0, (argv, status, said, complained)
    return said + complained, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


empty = campaign("empty", "topic: {id: t, cluster: source, name: bench, "
                 f"partitions: {partitions}, replication_factor: 1, ensure: empty}}", f"t.partitions == {partitions}")


def ours(name, properties):
    given = ", ".join(p.replace("=", ": ") for p in properties.split())
    root = campaign(name, f"produce: {{id: p, cluster: source, topic: bench, records: {records}, record_size: 1 KiB, "
                    f"rate: unlimited, payload: random, properties: {{{given}}}}}", f"p.records_sent == {records}")

    def send():
        _, cpu, memory = once([jalon, "run"], root)
        run = max((root / "artifacts").glob("*/journal.jsonl"), key=os.path.getmtime)
        for line in run.read_text().splitlines():
            event = json.loads(line)["event"]
            if event["type"] == "action-finished":
                value = event["result"]["done"]["values"]["throughput.records_per_s"]["value"]
                return value["number"][0], cpu, memory
        raise SystemExit("no evidence")
    return send


def java(properties):
    def send():
        said, cpu, memory = once(
            ["java", "-Xmx512M", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
             "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent", "-XX:MaxInlineLevel=15",
             "-Djava.awt.headless=true", "-Duser.language=en", "-Duser.country=US", "-cp", f"{libs}/*",
             "org.apache.kafka.tools.ProducerPerformance", "--topic", "bench", "--num-records", str(records),
             "--record-size", "1024", "--throughput", "-1", "--producer-props", f"bootstrap.servers={servers}",
             "acks=all", "enable.idempotence=true", "buffer.memory=33554432", *properties.split()], folder)
        total = re.search(rf"^{records} records sent, ([0-9.]+) records/sec.*99.9th", said, re.M)
        assert total, said
        return float(total[1]), cpu, memory
    return send


def librdkafka(properties):
    given = [a for p in properties.split() for a in ("-X", p)]

    def send():
        said, cpu, memory = once(
            [peer, "-P", "-t", "bench", "-b", servers, "-s", "1024", "-c", str(records), "-a", "-1", "-D", "-u",
             "-X", "enable.idempotence=true", "-X", "queue.buffering.max.kbytes=32768",
             "-X", "queue.buffering.max.messages=1000000", "-X", "batch.num.messages=1000000", *given], folder)
        rows = re.findall(r"^\|(.*)$", said, re.M)
        names = [n.strip() for n in rows[0].split("|")]
        row = [v.strip() for v in rows[-1].split("|")]
        figures = dict(zip(names, row))
        assert int(figures["msgs"]) == records or int(figures.get("dr_msgs", 0)) == records, said
        return float(figures["dr_m/s"]), cpu, memory
    return send


tools = [("kafka-producer-perf-test, default", java("")), ("kafka-producer-perf-test, best", java(best_java)),
         ("jalon, default", ours("default", "")), ("jalon, best", ours("best", best))]
if peer:
    tools.append(("rdkafka_performance, best", librdkafka(best)))
seen = {name: [] for name, _ in tools}
for number in range(rounds + 1):
    for name, send in tools if number % 2 else tools[::-1]:
        once([jalon, "run"], empty)
        figures = send()
        if number:  # the first one warms the caches
            seen[name].append(figures)

print(f"best: {best} for jalon and librdkafka, {best_java} for the Java client")
print(f"{records} records of 1 KiB, {partitions} partitions, one broker; median of {rounds} rounds (lowest to highest)")
print(f"{'':34}{'records/s':>28}{'CPU s a million':>24}{'peak MiB':>18}")
medians = {}
for name, _ in tools:
    columns = list(zip(*[(r, c / records * 1e6, m) for r, c, m in seen[name]]))
    medians[name] = [statistics.median(c) for c in columns]
    texts = [f"{statistics.median(c):,.{d}f} ({min(c):,.{d}f} to {max(c):,.{d}f})" for c, d in zip(columns, (0, 2, 0))]
    print(f"{name:34}{texts[0]:>28}{texts[1]:>24}{texts[2]:>18}")


def ratio(one, other):
    r, c, m = (ours / theirs for ours, theirs in zip(medians[one], medians[other]))
    print(f"{one} to {other}: {r:.2f}x records/s, {c:.2f}x processor time, {m:.2f}x memory")


ratio("jalon, default", "kafka-producer-perf-test, default")
ratio("jalon, best", "kafka-producer-perf-test, default")
ratio("jalon, best", "kafka-producer-perf-test, best")
if peer:
    ratio("jalon, best", "rdkafka_performance, best")
PYTHON
