#!/usr/bin/env bash
# Shows how far the load generator can be trusted where the truth is known by arithmetic, and what Kafka's own tool says of
# the same: a broker that is frozen (SIGSTOP) for 5 s under 1,000 records/s for 20 s.
#   benches/trust.sh [ROUNDS]      3 rounds where left out
#
# While the broker is frozen, records go on being due every millisecond; each waits until the broker goes on. So 5,000 of
# 20,000 latencies are spread evenly between 0 and the length of the freeze, and every percentile above P75 follows. The
# length of the freeze is what this script measures around its signals. The Java tool's buffer is not full: it sees them too.
# The second table has the same with one request in flight and a buffer of 1 MB: send() blocks, the Java tool sends nothing
# meanwhile and has no latency for what it did not send. jalon counts from the time at which each record was due; it sends
# the late ones at twice the pace, from which their latencies follow.
# What the broker needs to catch up is in no arithmetic. So the third row of each table is by its log: from the turn of each
# record to the time at which the broker appended it (LogAppendTime, whole ms), as Kafka's console consumer reads it back;
# and the fourth how far jalon was from that in the worst of the rounds.
# The histograms are read back by the C implementation of HdrHistogram (PyPI hdrhistogram).
# JALON names another binary, PORT_BASE (24000) the lab's ports.
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-3}
jalon=${JALON:-$PWD/target/release/jalon}
[ -x "$jalon" ] || { echo "there is no $jalon: cargo build --release" >&2; exit 2; }
folder=$(mktemp -d)
export JALON_LAB_FOLDER=$folder/lab
trap '"$jalon" -C "$folder" lab down >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check hdrhistogram==0.10.3
echo "machine: $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)," \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), load $(cut -d' ' -f1 /proc/loadavg); $("$jalon" --version)"
base=${PORT_BASE:-24000}
"$jalon" -C "$folder" lab up --brokers 1 --no-target --no-connect --no-registry --no-prometheus --port-base "$base" \
    >"$folder/up.txt" 2>&1 || { cat "$folder/up.txt" >&2; exit 4; }

ROUNDS=$rounds JALON=$jalon FOLDER=$folder BASE=$base "$folder/venv/bin/python" - <<'PYTHON'
import glob, json, math, os, pathlib, re, signal, statistics, subprocess, time
from hdrh.log import HistogramLogReader
from hdrh.histogram import HdrHistogram

rounds, jalon, folder = int(os.environ["ROUNDS"]), os.environ["JALON"], pathlib.Path(os.environ["FOLDER"])
servers = f"127.0.0.1:{int(os.environ['BASE']) + 10}"
cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
libs = sorted(glob.glob(str(cache / "jalon/kafka-*/libs")))[-1]
state = json.loads(subprocess.run([jalon, "-C", folder, "lab", "status", "--json"], capture_output=True, text=True).stdout)
broker = next(p["pid"] for p in state["processes"] if "broker" in p["name"])
RATE, SECONDS, FREEZE = 1000, 20, 5
RECORDS = RATE * SECONDS
WARM_UP = 2 * RATE
QUANTILES = [50, 90, 95, 99, 99.9]


def freeze(child, after):
    """Freezes the broker `after` seconds from now; for how long it was."""
    time.sleep(after)
    start = time.monotonic()
    os.kill(broker, signal.SIGSTOP)
    time.sleep(FREEZE)
    os.kill(broker, signal.SIGCONT)
    return time.monotonic() - start


def make_topic():
    topic = f"bench-{time.monotonic_ns()}"
    subprocess.run(["java", "-cp", f"{libs}/*", "org.apache.kafka.tools.TopicCommand", "--bootstrap-server", servers, "--create",
                    "--topic", topic, "--partitions", "1", "--replication-factor", "1", "--config",
                    "message.timestamp.type=LogAppendTime"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return topic


def by_the_log(topic, skip):
    """The percentiles by the log of the broker. The first turn is where no record would have been appended before its own."""
    argv = ["java", "-cp", f"{libs}/*", "kafka.tools.ConsoleConsumer", "--bootstrap-server", servers, "--topic", topic,
            "--partition", "0", "--offset", str(skip), "--max-messages", str(RECORDS), "--property", "print.timestamp=true",
            "--property", "print.value=false"]
    said = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=True).stdout
    times = [int(time) for time in re.findall(r"LogAppendTime:(\d+)", said)]
    assert len(times) == RECORDS, (len(times), said[:200])
    late = sorted(time - 1000 * turn / RATE for turn, time in enumerate(times))
    return {q: late[math.ceil(q / 100 * RECORDS) - 1] - late[0] for q in QUANTILES}


def ours(properties):
    topic = make_topic()
    out = folder / f"out-{time.monotonic_ns()}"
    argv = [jalon, "perf", "produce", "--bootstrap-servers", servers, "--topic", topic, "--num-records", str(RECORDS),
            "--warm-up", str(WARM_UP), "--record-size", "1024", "--throughput", str(RATE), "--json", "--out", str(out),
            "--producer-props", "acks=all", *properties]
    child = subprocess.Popen(argv, cwd=folder, stdout=subprocess.PIPE, text=True)
    length = freeze(child, 9)
    said = json.loads(child.communicate()[0])
    values = {name: value["number"][0] for name, value in said["outputs"].items() if "number" in value}
    log = next(out.rglob("latency.hlog"))
    reader, all_of = HistogramLogReader(str(log), HdrHistogram(1, 3_600_000_000, 3)), HdrHistogram(1, 3_600_000_000, 3)
    while (one := reader.get_next_interval_histogram()) is not None:
        if one.get_tag() == "intended":
            all_of.add(one)
    assert all_of.get_total_count() == RECORDS, all_of.get_total_count()
    ms = {q: all_of.get_value_at_percentile(q) / 1000 for q in QUANTILES}
    for q, name in {50: "p50", 95: "p95", 99: "p99", 99.9: "p999"}.items():
        value = values[f"latency_ms.{name}"]
        assert abs(ms[q] - value) <= max(0.002 * value, 0.001), (q, ms[q], value, "another reader says otherwise")
    return length, ms, values["throughput.records_per_s"], by_the_log(topic, WARM_UP)


def java(properties):
    argv = ["java", "-Xmx512M", "-server", "-XX:+UseG1GC", "-Djava.awt.headless=true", "-Duser.language=en", "-Duser.country=US",
            "-cp", f"{libs}/*", "org.apache.kafka.tools.ProducerPerformance", "--topic", make_topic(), "--num-records", str(RECORDS),
            "--record-size", "1024", "--throughput", str(RATE), "--producer-props", f"bootstrap.servers={servers}", "acks=all",
            *properties]
    child = subprocess.Popen(argv, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    length = freeze(child, 8)
    said = child.communicate()[0]
    total = re.search(r"([0-9.]+) records/sec.*, (\d+) ms 50th, (\d+) ms 95th, (\d+) ms 99th, (\d+) ms 99.9th", said)
    return length, dict(zip([50, 95, 99, 99.9], map(float, total.groups()[1:]))), float(total[1])


subprocess.run([jalon, "perf", "produce", "--help"], cwd=folder, stdout=subprocess.DEVNULL, check=True)

def expected(q, length, held):
    """The percentile in ms, where `held` records fit into the client: they wait for the rest of the freeze. Those behind
    them are sent at twice the pace when it ends, so that each is half a period less late than the one before."""
    rank = (100 - q) / 100 * RECORDS
    if rank <= min(held, RATE * length):
        return 1000 * (length - rank / RATE)
    behind = rank - held
    late = length - held / RATE - behind / (2 * RATE)
    return 1000 * late if held < RATE * length and late > 0 else None


for title, properties, held in [
    ("a buffer that takes all records of the freeze", [], RECORDS),
    ("a buffer of 1 MB, one request in flight", ["buffer.memory=1048576", "max.in.flight.requests.per.connection=1"], 1024),
]:
    print(f"\n{RATE} records/s for {SECONDS} s, the broker frozen for {FREEZE} s; {title}; medians of {rounds} rounds")
    print(f"{'':26}{'P50 ms':>10}{'P90 ms':>10}{'P95 ms':>10}{'P99 ms':>10}{'P99.9 ms':>10}{'records/s':>12}")
    table = {}
    for name, send in [("jalon", ours), ("kafka-producer-perf-test", java)]:
        seen = [send(properties) for _ in range(rounds)]
        length = statistics.median(s[0] for s in seen)
        row = {q: statistics.median(s[1][q] for s in seen) for q in QUANTILES if q in seen[0][1]}
        table[name] = (length, row, seen)
        texts = [f"{row[q]:,.0f}" if q in row else "–" for q in QUANTILES]
        rate = statistics.median(s[2] for s in seen)
        print(f"{name:26}" + "".join(f"{t:>10}" for t in texts) + f"{rate:>12,.1f}")
    length = table["jalon"][0]
    truth = {q: expected(q, length, held) for q in QUANTILES}
    print(f"{'by arithmetic':26}" + "".join(f"{truth[q]:>10,.0f}" if truth[q] else f"{'':>10}" for q in QUANTILES))
    logs = {q: statistics.median(s[3][q] for s in table["jalon"][2]) for q in QUANTILES}
    print(f"{'by the log of the broker':26}" + "".join(f"{logs[q]:>10,.0f}" for q in QUANTILES))
    worst = {q: max((s[1][q] - s[3][q] for s in table["jalon"][2]), key=abs) for q in QUANTILES}
    print(f"{'jalon, furthest from it':26}" + "".join(f"{worst[q]:>+10,.1f}" for q in QUANTILES))
PYTHON
