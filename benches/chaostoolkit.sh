#!/usr/bin/env bash
# Compares a plan of no-op steps with as many no-op actions of Chaos Toolkit, side by side on this machine.
#   benches/chaostoolkit.sh [STEPS] [RUNS]      1000 steps and 7 runs of each where left out
#
# jalon reads and checks STEPS step files, each with one `wait: {for: 0s}` and one criterion and each needing the one
# before; and one step file with STEPS such actions. It makes every record durable. Chaos Toolkit reads one file with STEPS
# actions that call Python's `os.getpid`, with and without its own check of the experiment, and makes nothing durable.
# Neither asks for newer versions.
# A second plan has STEPS/10 steps that run the program `true`: an effect, whose intent must be durable before it.
set -eu
cd "$(dirname "$0")/.."
steps=${1:-1000}
runs=${2:-7}
jalon=${JALON:-$PWD/target/release/jalon}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for tool in python3 strace; do
    command -v $tool >/dev/null || { echo "$tool is not installed: apt-get install $tool" >&2; exit 2; }
done
[ -x "$jalon" ] || { echo "there is no $jalon: cargo build --release" >&2; exit 2; }

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check chaostoolkit==1.19.0 chaostoolkit-lib==1.44.0

STEPS=$steps RUNS=$runs JALON=$jalon FOLDER=$folder python3 - <<'PYTHON'
import json, os, pathlib, re, resource, statistics, subprocess, time

steps, runs = int(os.environ["STEPS"]), int(os.environ["RUNS"])
jalon, folder = os.environ["JALON"], pathlib.Path(os.environ["FOLDER"])
chaos = str(folder / "venv/bin/chaos")


def campaign(name, count, action, criterion, each=1):
    root = folder / name
    (root / "plan/environments").mkdir(parents=True)
    (root / "steps").mkdir()
    (root / "plan/campaign.yaml").write_text(
        "name: bench\ndefault_environment: none\ndefault_profile: only\nprofiles: {only: {}}\n")
    (root / "plan/environments/none.yaml").write_text("name: none\n")
    for i in range(count):
        needs = f"needs: [{i - 1}]\n" if i else ""
        actions = "".join(f"  - {action.format(i=n)}\n" for n in range(i * each, i * each + each))
        (root / f"steps/{i:04}-step.md").write_text(
            f"---\nstep: {i}\ntitle: Step {i}\n{needs}actions:\n{actions}"
            f"criteria:\n  - expect: {criterion.format(i=i * each)}\n---\n")
    return root


def experiment(name, count, provider):
    path = folder / f"{name}.json"
    method = [{"type": "action", "name": f"a{i}", "provider": provider} for i in range(count)]
    path.write_text(json.dumps({"title": name, "description": name, "method": method, "rollbacks": []}))
    return str(path)


def once(argv, cwd):
    """Wall time, processor time and peak memory of one run; its children count."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    child = subprocess.Popen(argv, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    assert status == 0, (argv, status)
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def syncs(argv, cwd):
    out = folder / "strace.txt"
    subprocess.run(["strace", "-f", "-c", "-o", out, "-e", "trace=fsync,fdatasync", *argv], cwd=cwd,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return sum(int(line.split()[3]) for line in out.read_text().splitlines() if re.search(r"f(data)?sync$", line))


def compare(title, count, tools):
    seen = {name: [] for name, _, _ in tools}
    for number in range(runs + 1):
        for name, argv, cwd in tools:
            figures = once(argv, cwd)
            if number:  # the first one warms the caches
                seen[name].append(figures)
    print(f"\n{title}, median of {runs} (lowest to highest)")
    print(f"{'':34}{'wall ms':>20}{'CPU ms':>20}{'peak MiB':>10}{'syncs a step':>14}")
    for name, argv, cwd in tools:
        columns = list(zip(*seen[name]))
        text = lambda c: f"{statistics.median(c) * 1000:.0f} ({min(c) * 1000:.0f} to {max(c) * 1000:.0f})"
        print(f"{name:34}{text(columns[0]):>20}{text(columns[1]):>20}{statistics.median(columns[2]):>10.0f}"
              f"{syncs(argv, cwd) / count:>14.3f}")


model = next((l.split(": ")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "?")
print(f"machine: {os.cpu_count()} cores, {model}, load {os.getloadavg()[0]:.2f}")
print(subprocess.run([jalon, "--version"], capture_output=True, text=True).stdout.strip(), "and Chaos Toolkit 1.19.0")

noop = experiment("noop", steps, {"type": "python", "module": "os", "func": "getpid"})
root = campaign("noop", steps, "wait: {{id: w{i}, for: 0s}}", "w{i}.waited_s < 60")
one = campaign("one", 1, "wait: {{id: w{i}, for: 0s}}", "w{i}.waited_s < 60", each=steps)
quiet = [chaos, "--no-version-check", "--no-log-file", "run"]
compare(f"{steps} steps that do nothing", steps, [
    ("jalon run", [jalon, "run"], root),
    ("jalon run, as actions of one step", [jalon, "run"], one),
    ("chaos run", quiet + [noop], folder),
    ("chaos run --no-validation", quiet + ["--no-validation", noop], folder),
])

few = max(steps // 10, 1)
true = experiment("true", few, {"type": "process", "path": "true"})
root = campaign("true", few, "shell: {{id: s{i}, argv: ['true']}}", "s{i}.exit_code == 0")
compare(f"{few} steps that run `true`", few, [
    ("jalon run", [jalon, "run"], root),
    ("chaos run", quiet + [true], folder),
])

print("\nmemory of a run by its length (peak MiB):")
for count in (steps // 4, steps, steps * 4):
    root = campaign(f"length-{count}", count, "wait: {{id: w{i}, for: 0s}}", "w{i}.waited_s < 60")
    print(f"  {count:6} steps: check {once([jalon, 'check'], root)[2]:.0f}, run {once([jalon, 'run'], root)[2]:.0f}")
PYTHON
