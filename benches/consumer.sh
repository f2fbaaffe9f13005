#!/usr/bin/env bash
# Compares `consume` with Kafka's own kafka-consumer-perf-test, side by side on a lab of its own.
#   benches/consumer.sh [RECORDS] [ROUNDS]      2000000 records of 1 KiB and 7 rounds where left out
#
# Starts one broker, fills two topics of 6 partitions, and lets both read all of each in turn, each round in the other
# order, the page cache warm. records/s is what each tool says of its own reading without the joining of the group (Kafka's
# fetch.nMsg.sec; jalon's throughput.records_per_s); processor time and memory are those of the whole process, its
# start included, as the kernel counts them. jalon also writes its evidence: journal, windows, statistics.
#   even      filled by kafka-producer-perf-test at its defaults; partitions differ by less than 1 %. The fair ratio.
#   uneven    two thirds of the records over all partitions, a third with one key in one of them. The Java consumer may ask
#             for partitions alone that have been read to their ends; the broker then holds the answer for
#             fetch.max.wait.ms (500) while the records of the others wait. It does not happen in every run: `no wait`
#             is the Java tool with fetch.max.wait.ms=5, and a difference between the two is this.
#   as Java     jalon's defaults, which are as near to the Java client's as librdkafka comes; check.crcs is on
#   large       larger fetches; check.crcs is off, as kafka-consumer-perf-test sets it for itself
# JALON names another binary, PORT_BASE (24000) the lab's ports, PROPERTIES other properties than those of `large`.
set -eu
cd "$(dirname "$0")/.."
records=${1:-2000000}
rounds=${2:-7}
jalon=${JALON:-$PWD/target/release/jalon}
[ -x "$jalon" ] || { echo "there is no $jalon: cargo build --release" >&2; exit 2; }
folder=$(mktemp -d)
export JALON_LAB_FOLDER=$folder/lab
trap '"$jalon" -C "$folder" lab down >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT

echo "machine: $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)," \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), load $(cut -d' ' -f1 /proc/loadavg); $("$jalon" --version)"
base=${PORT_BASE:-24000}
"$jalon" -C "$folder" lab up --brokers 1 --no-target --no-connect --no-registry --no-prometheus --port-base "$base" \
    >"$folder/up.txt" 2>&1 || { cat "$folder/up.txt" >&2; exit 4; }

RECORDS=$records ROUNDS=$rounds JALON=$jalon FOLDER=$folder BASE=$base python3 - <<'PYTHON'
import glob, json, os, pathlib, resource, statistics, subprocess, time

records, rounds = int(os.environ["RECORDS"]), int(os.environ["ROUNDS"])
jalon, folder = os.environ["JALON"], pathlib.Path(os.environ["FOLDER"])
servers = f"127.0.0.1:{int(os.environ['BASE']) + 10}"
cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
libs = sorted(glob.glob(str(cache / "jalon/kafka-*/libs")))[-1]
large = os.environ.get("PROPERTIES") or "{check.crcs: false, max.partition.fetch.bytes: 4194304}"


def campaign(name, action):
    root = folder / name
    (root / "plan/environments").mkdir(parents=True)
    (root / "steps").mkdir()
    (root / "plan/campaign.yaml").write_text(
        "name: bench\ndefault_environment: lab\ndefault_profile: only\nprofiles: {only: {}}\n")
    (root / "plan/environments/lab.yaml").write_text(
        f'name: lab\nclusters: {{source: {{bootstrap_servers: "{servers}"}}}}\nkafka_tools: {{class_path: "{libs}/*"}}\n')
    (root / "steps/00-step.md").write_text(action)
    return root


def step(*actions, expect):
    lines = "".join(f"  - {a}\n" for a in actions)
    return f"---\nstep: 0\ntitle: Step\nactions:\n{lines}criteria:\n  - expect: {expect}\n---\n"


def once(argv, cwd):
    """What it said, its processor time in seconds and its peak memory in MiB."""
    with open(folder / "out.txt", "w+") as out, open(folder / "err.txt", "w+") as err:
        child = subprocess.Popen(argv, cwd=cwd, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        out.seek(0), err.seek(0)
        said = out.read()
        assert status == 0, (argv, status, said, err.read())
    return said, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def fill(topic, *parts):
    loads = [f"produce: {{id: p{n}, cluster: source, topic: {topic}, records: {part}, record_size: 1 KiB, "
             f"rate: unlimited, {more}}}" for n, (part, more) in enumerate(parts)]
    root = campaign(f"fill-{topic}", step(
        f"topic: {{id: t, cluster: source, name: {topic}, partitions: 6, replication_factor: 1, ensure: present}}",
        *loads, expect=" && ".join(f"p{n}.records_failed == 0" for n in range(len(loads)))))
    once([jalon, "run"], root)


fill("even", (records, "driver: kafka-tools"))
tuned = "properties: {linger.ms: 5, batch.size: 65536}"
fill("uneven", (records - records // 3, tuned), (records // 3, f"keys: {{uniform: 1}}, {tuned}"))


def ours(topic, name, properties):
    root = campaign(f"{topic}-{name}", step(
        f"consume: {{id: c, cluster: source, topic: {topic}, records: {records}, properties: {properties}}}",
        expect=f"c.records == {records}"))

    def read():
        _, cpu, memory = once([jalon, "run"], root)
        run = max((root / "artifacts").glob("*/journal.jsonl"), key=os.path.getmtime)
        for line in run.read_text().splitlines():
            event = json.loads(line)["event"]
            if event["type"] == "action-finished":
                value = event["result"]["done"]["values"]["throughput.records_per_s"]["value"]
                return value["number"][0], cpu, memory
        raise SystemExit("no evidence")
    return read


def java(topic, *config):
    said, cpu, memory = once(
        ["java", "-Xmx512M", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
         "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent", "-XX:MaxInlineLevel=15",
         "-Djava.awt.headless=true", "-Duser.language=en", "-Duser.country=US", "-cp", f"{libs}/*",
         "org.apache.kafka.tools.ConsumerPerformance", "--bootstrap-server", servers, "--topic", topic,
         "--messages", str(records), "--timeout", "20000", "--hide-header", *config], folder)
    row = said.strip().splitlines()[-1].split(",")
    assert int(row[4]) >= records, said
    return float(row[9]), cpu, memory


no_wait = folder / "no-wait.properties"
no_wait.write_text("fetch.max.wait.ms=5\n")
print(f"large is {large}")
print(f"{records} records of 1 KiB, 6 partitions, one broker; median of {rounds} rounds (lowest to highest)")
for topic in ("even", "uneven"):
    tools = [("kafka-consumer-perf-test", lambda: java(topic)),
             ("the same, no wait", lambda: java(topic, "--consumer.config", str(no_wait))),
             ("jalon, as Java", ours(topic, "asjava", "{}")), ("jalon, large", ours(topic, "large", large))]
    seen = {name: [] for name, _ in tools}
    for number in range(rounds + 1):
        for name, read in tools if number % 2 else tools[::-1]:
            figures = read()
            if number:  # the first one warms the caches
                seen[name].append(figures)

    print(f"\n{topic:26}{'records/s':>28}{'CPU s a million':>24}{'peak MiB':>18}")
    medians = {}
    for name, _ in tools:
        columns = list(zip(*[(r, c / records * 1e6, m) for r, c, m in seen[name]]))
        medians[name] = [statistics.median(c) for c in columns]
        texts = [f"{statistics.median(c):,.{d}f} ({min(c):,.{d}f} to {max(c):,.{d}f})" for c, d in zip(columns, (0, 2, 0))]
        print(f"{name:26}{texts[0]:>28}{texts[1]:>24}{texts[2]:>18}")
    first = medians[tools[0][0]]
    for name, _ in tools[1:]:
        r, c, m = (other / own for other, own in zip(medians[name], first))
        print(f"{name} to {tools[0][0]}: {r:.2f}x records/s, {c:.2f}x processor time, {m:.2f}x memory")
PYTHON
