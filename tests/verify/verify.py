#!/usr/bin/env python3
"""Checks the evidence of a jalon run without jalon. PATH: a bundle, an unpacked one, a campaign, or the folder of one run.
Says of each group of checks what is right, what differs and where, and what is not recomputed and why; that is never called right.
Exit code: 0 nothing differs, 9 something differs, 2 PATH holds no evidence."""
import argparse, base64, csv, hashlib, json, math, operator, re, struct, subprocess, sys, tarfile, tempfile, zlib
from collections import Counter, defaultdict
from pathlib import Path
GRAVITY, UNLOCKING = ["pass", "warn", "inconclusive", "fail", "error"], {"passed", "waived", "skipped", "not-applicable"}
OUTCOMES = {**dict.fromkeys(("waived", "skipped"), "passed-with-exceptions"), "pending": "inconclusive", "awaiting-approval": "waiting"}
SIGNS = {"<=": operator.le, ">=": operator.ge, "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt}
GROUPS = defaultdict(lambda: argparse.Namespace(right=[], wrong=[], unchecked=Counter()))
class Unchecked(Exception): "What is not recomputed, and why: it is counted. What cannot be read, whatever the cause, is a difference."
def same(group, place, claimed, computed, what):
    found = GROUPS[group].right if claimed == computed else GROUPS[group].wrong
    found.append(f"{place}: {what}: {claimed}, recomputed: {computed}")
def guarded(group, place, check, *values):
    try: return check(*values)
    except Unchecked as reason: GROUPS[group].unchecked[str(reason)] += 1
    except Exception as error: GROUPS[group].wrong.append(f"{place}: unreadable: {type(error).__name__} {error}")
def sha256(data): return hashlib.sha256(data).hexdigest()
def size_and_hash(root, path):
    is_linked = any((root / part).is_symlink() for part in [path, *Path(path).parents]) or ".." in Path(path).parts
    return [(root / path).stat().st_size, sha256((root / path).read_bytes())] if (root / path).is_file() and not is_linked else "no file"
# A bundle is a tar in gzip, whose comment has the hash of all that follows.
def unpack(path, into):
    comment, _, rest = path.read_bytes()[10:].partition(b"\0")
    same("bundle", path.name, comment[-64:].decode("latin-1"), sha256(rest), "the hash in the header")
    with tarfile.open(path) as tar:
        for entry in tar:
            file = into / entry.name
            if not entry.isreg() or into not in file.parents or ".." in file.parts: raise ValueError(f"{entry.name}: no file")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(tar.extractfile(entry).read())
# The hash of a line is of the line without it; `prev` is the hash of the line before; `journal.head` has the last one.
def read_journal(folder):
    records, lines, before = [], (folder / "journal.jsonl").read_bytes().split(b"\n"), None
    same("journals", f"{folder.name}/journal.jsonl", lines.pop(), b"", "what follows the last whole record")
    for number, line in enumerate(lines, 1):
        place, (body, _, claimed) = f"{folder.name}/journal.jsonl line {number}", line.rpartition(b',"hash":"')
        record = guarded("journals", place, json.loads, line)
        if not isinstance(record, dict): break
        before = ("" if record["prev"] == "" else "journal.head") if before is None else before
        found = [number, before, sha256(body + b"}") + '"}']
        same("journals", place, [record["seq"], record["prev"], claimed.decode("latin-1")], found, "number, hash before, hash")
        before = records.append(record) or record["hash"]
    if not records or records[0]["prev"] != "":
        head = guarded("journals", f"{folder.name}/journal.head", lambda: json.loads((folder / "journal.head").read_bytes())) or {}
        there = ["0" * 64, *(record["hash"] for record in records)][head.get("seq", 0):] or ["no such record, the end was cut"]
        same("journals", f"{folder.name}/journal.head", head.get("hash"), there[0], f"the hash of record {head.get('seq')}")
    return records
def check_artifacts(folder, records):
    named = {}
    for event in [record["event"] for record in records]:
        found = [event.get(key) for key in ("artifact", "source", "reading")] + [(event.get("plan") or {}).get("kept")]
        named.update({file["path"]: file for file in found + event.get("artifacts", []) if isinstance(file, dict)})
    for path, file in named.items():
        same("artifacts", f"{folder.name}/{path}", [file["bytes"], file["sha256"]], size_and_hash(folder, path), "size and hash")
    for path in sorted({str(file.relative_to(folder)) for file in folder.rglob("*") if not file.is_dir()} - set(named)):
        if re.match(r"\d+/.*(?<!\.partial)$", path) and Path(path).parent in {Path(file).parent for file in named}:
            GROUPS["artifacts"].wrong.append(f"{folder.name}/{path}: no record names it, it was added")
        elif not re.match(r"journal\.|(lock|groups|seal\.json)$|report|seals/", path):
            GROUPS["artifacts"].unchecked["files that no record names"] += 1
    return {path: file["sha256"] for path, file in named.items()}
# Artifacts from which values are recomputed: each gives the range in which an output must lie.
def of_samples(path, _):
    rows, found = list(csv.DictReader(path.open(newline=""))), {}
    for name in {row["output"] for row in rows}:
        seen = [float(row["value"]) for row in rows if row["output"] == name and row["value"] not in ("", "true", "false")]
        for key, figure in zip(("min", "max", "avg", "last"), [min(seen), max(seen), sum(seen) / len(seen), seen[-1]] if seen else []):
            found[key if name == "value" else f"{name}.{key}"] = [figure, figure]
    return found
def of_windows(path, values):
    rows = list(csv.DictReader(path.open(newline="")))
    columns, number = set(*rows[:1]), sum(float(row.get("arrived") or row.get("records") or 0) for row in rows)
    found = {f"{name[:-4]}.max": [max(float(row[name] or 0) for row in rows)] * 2 for name in columns if name.endswith("_ms_max")}
    found.update(dict.fromkeys(["records_arrived"] if "arrived" in columns else ["records", "records_sent"], [number, number]))
    seconds = plain(values["duration_s"]["value"]) or math.inf
    return {**found, "throughput.records_per_s": [number / seconds * part for part in (1 - 1e-9, 1 + 1e-9)]}
def counts_of(packed):
    "HdrHistogram V2: deflated; counts as zigzag LEB128 of at most nine bytes, a negative one for so many empty buckets."
    data, index, found = zlib.decompress(base64.b64decode(packed)[8:]), 0, {}
    if struct.unpack(">iq", data[12:24]) != (3, 1): raise Unchecked("histograms of another precision")
    for token in re.findall(rb"[\x80-\xff]{0,8}[\0-\xff]", data[40:]):
        count = (number := sum((byte & 127 if at < 8 else byte) << 7 * at for at, byte in enumerate(token))) >> 1 ^ -(number & 1)
        if count > 0: found[index] = count
        index += max(1, -count)
    return found
def of_histograms(path, _):
    # The ends of a bucket: 2048 of one microsecond, then 1024 for each doubling. No percentile is above the longest latency.
    end = lambda index, last: index if index < 2048 else ((index % 1024 + 1024 + last) << index // 1024 - 1) - last
    counts, found = defaultdict(Counter), {}
    for tag, packed in re.findall("^Tag=(.*?),.*,(.*)$", path.read_text(), re.M): counts[tag].update(counts_of(packed))
    for tag, name in {"intended": "latency_ms", "send": "send_latency_ms", "end-to-end": "end_to_end_ms"}.items():
        number, passed, mean = sum(counts[tag].values()), 0, [-1e-9, 1e-9]
        for index, count in sorted(counts[tag].items()):
            ends, passed = [end(index, last) / 1000 for last in (0, 1)], passed + count
            mean = [before + value * count / number for before, value in zip(mean, ends)]
            found.update({f"{name}.avg": mean, f"{name}.max": ends})
            for key, share in {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p999": 0.999}.items():
                if passed - count < max(1, math.ceil(share * number)) <= passed:
                    found[f"{name}.{key}"] = ends if passed == number else [ends[1]] * 2
    return found
READERS = {"samples.csv": of_samples, "windows.csv": of_windows, "latency.hlog": of_histograms}
# The state of a run follows from its records in their order; values, verdicts and gates are recomputed on the way.
def instant(text): return text.rstrip("Z").ljust(29, "0")
def plain(value): return float(value["number"][0]) if "number" in value else value.get("flag", value.get("text"))
def values_of(event):
    done = event.get("result", {}).get("failed") or event.get("result", {}).get("done") or event
    return done.get("evidence", done).get("values", {})
class Run:
    def __init__(self, folder, records):
        self.folder, self.records, self.steps, self.values, self.now = folder, records, {}, {}, ""
        for number, record in enumerate(records, 1):
            self.place, self.now = f"{folder.name}/journal.jsonl record {number}", max(self.now, instant(record["at"]))
            guarded("gates", self.place, self.apply, record["event"])
    def state(self, step): return step.exempt[1] if self.now < step.exempt[0] else step.state
    def apply(self, event):
        kind, action = event["type"], event.get("action") or event.get("watch")
        if kind == "run-finished": guarded("gates", self.place, self.check_outcome, event["outcome"])
        for step in [step for step in self.steps.values() if step.state == "running" and kind in ("run-resumed", "run-finished")]:
            step.state = "interrupted"
        if kind in ("run-started", "run-resumed"):
            self.selection, self.asks, self.slo = event.get("selection") or "", False, event["plan"]["slo"]
            plans = {plan["step"]: plan for plan in event["plan"]["steps"]}
            self.steps = {number: step for number, step in self.steps.items() if step.attempts or number in plans}
            for number, plan in plans.items():
                self.steps.setdefault(number, argparse.Namespace(attempts=[], state="pending", exempt=("", ""))).plan = plan
        self.asks |= kind in ("question-asked", "approval-requested")
        step = self.steps.get(event.get("step"))
        if step is None: return
        if kind == "step-started":
            locked = [need for need in step.plan["needs"] if self.state(self.steps[need]) not in UNLOCKING]
            same("gates", self.place, locked, [], "steps that it needs and that have not passed")
            step.attempts.append(argparse.Namespace(evidence={}, files=defaultdict(list), failed=[], judged={}, over=set(), yes=False))
        attempt = step.attempts[min(event.get("attempt", 1 << 32), len(step.attempts)) - 1] if step.attempts else None
        step.state = {"step-started": "running", "step-reset": "pending", "step-not-applicable": "not-applicable",
                      "approval-requested": "awaiting-approval"}.get(kind, step.state)
        if kind in ("step-reset", "step-skipped"): step.exempt = ("9999", "skipped") if kind == "step-skipped" else ("", "")
        elif kind == "step-waived": step.exempt = (instant(event.get("until") or "9999"), "waived")
        elif kind in ("action-kept", "watch-kept"):
            for part in ("evidence", "files"): getattr(attempt, part)[action] = getattr(step.attempts[event["from"] - 1], part)[action]
        elif kind in ("action-passed-over", "criterion-passed-over"): attempt.over.add(action or event["index"])
        elif kind == "artifact-stored": attempt.files[action].append(event["artifact"]["path"])
        elif kind in ("action-finished", "watch-finished"):
            attempt.failed += [result["cause"] for result in event.get("result", {}).values() if "cause" in result]
            attempt.evidence[action] = values_of(event)
            self.check_values(attempt.evidence[action], attempt.files[action])
        elif kind == "criterion-judged":
            attempt.judged[event["judgement"]["index"]] = event["judgement"]["verdict"]
            guarded("verdicts", self.place, self.check_verdict, step, attempt, event["judgement"])
        elif kind == "approval-given": attempt.yes = event["answer"]["yes"]
        elif kind == "step-finished":
            guarded("gates", self.place, self.check_step, step, attempt, event["verdict"])
            step.state = {"pass": "passed", "warn": "passed", "fail": "failed"}.get(event["verdict"], event["verdict"])
    def check_values(self, values, files):
        ranges = [guarded("values", path, READERS[Path(path).name], self.folder / path, values) or {}
                  for path in files if Path(path).name in READERS]
        for name, measured in values.items():
            number, source = plain(measured["value"]), measured.get("from", "no artifact")
            self.values.update({(path, name): measured["value"] for path in files if path.endswith("/" + source)})
            ends = [found[name] for found in ranges if name in found and type(number) is float and source in READERS]
            fits = all(low <= number <= high for low, high in ends)
            if ends: same("values", f"{self.place} {name}", number, number if fits else ends, f"the value from {source}")
            else: GROUPS["values"].unchecked["missing" if number is None else f"from {source}"] += 1
    def worth(self, text, step, attempt):
        (action, _, output), known = text.partition("."), (step.plan.get("basis") or {}).get("judged_values", {}).get(text)
        if re.fullmatch(r"-?\d+(\.\d+)?|'[^'\\]*'|true|false", text): known = json.loads(text.replace("'", '"'))
        if type(known) in (int, float, str, bool): return float(known) if type(known) is int else known
        if action not in attempt.evidence or not re.fullmatch(r"\w+(\.\w+)*", text):
            raise Unchecked("criteria over samples, other steps or runs, or in a form other than comparisons joined by &&")
        return plain(attempt.evidence[action].get(output, {"value": {"missing": ""}})["value"])
    def holds(self, text, step, attempt):
        outcomes = []
        for part in text.split("&&"):
            left, sign, right = ([side.strip() for side in re.split(f"({'|'.join(SIGNS)})", part)] + ["==", "true"])[:3]
            left, right = self.worth(left, step, attempt), self.worth(right, step, attempt)
            fits = type(left) is type(right) and (type(left) is float or sign in ("==", "!=") and left not in (None, ""))
            outcomes.append(SIGNS[sign](left, right) if fits else None)
        return "fail" if False in outcomes else "inconclusive" if None in outcomes else "pass"
    def check_verdict(self, step, attempt, judged):
        text, hold = re.fullmatch(r"(?:always |guard |)(.*?)( \(for .*\))?", judged["text"], re.S).groups()
        sides = {judged[side]["text"]: plain(judged[side]["value"]) for side in ("observed", "limit") if side in judged}
        try: computed, recomputed = self.holds(judged["text"], step, attempt), [self.worth(side, step, attempt) for side in sides]
        except Unchecked:
            # By the recorded operands alone (of samples the worst one), where they are all of the criterion.
            signs = [sign for sign in SIGNS if text == f" {sign} ".join(sides)] + ["=="] * (text in sides)
            if not signs or judged["verdict"] not in ("pass", "fail") or hold and judged["verdict"] == "pass": raise
            computed, recomputed = "pass" if SIGNS[signs[0]](*[*sides.values(), True][:2]) else "fail", sides.values()
        plan, claimed = step.plan["criteria"][judged["index"]], [judged["text"], judged["verdict"], *sides.values()]
        computed = "warn" if plan["severity"] == "warn" and computed != "pass" else computed
        same("verdicts", self.place, claimed, [plan["text"], computed, *recomputed], "criterion, verdict, observed, limit")
    def check_step(self, step, attempt, claimed):
        criteria, worst = step.plan["criteria"], max(attempt.judged.values(), key=GRAVITY.index, default=None)
        stored = ["/".join(file.split("/")[-2:]) for files in attempt.files.values() for file in files]
        lost = [file for file in step.plan.get("artifacts", []) if file.split("/")[0] not in attempt.over and file not in stored]
        computed = max(worst or "inconclusive", "inconclusive" if lost else "pass", key=GRAVITY.index)
        is_halted = any(verdict != "pass" and criteria[n]["text"].startswith("guard ") for n, verdict in attempt.judged.items())
        if step.state == "awaiting-approval": computed = worst if attempt.yes else "fail"
        elif is_halted and claimed in ("fail", "inconclusive"): computed = claimed
        elif attempt.failed: computed = "error"
        if claimed in ("error", "inconclusive") and claimed != computed: raise Unchecked("steps that their criteria did not end")
        if worst and set(range(len(criteria))) - set(attempt.judged) - attempt.over: computed = "open, a criterion has no record"
        same("gates", self.place, claimed, computed, "the verdict of the step")
    def check_outcome(self, claimed):
        bound = lambda flag, end: int((re.search(f"--(?:only|{flag}) (\\d+)", self.selection) or ["", end])[1])
        chosen = [(self.state(step), step) for number, step in self.steps.items() if bound("from", 0) <= number <= bound("until", number)]
        causes = {cause for state, step in chosen if state not in UNLOCKING for a in step.attempts[-1:] for cause in a.failed}
        computed, states = "passed", {state for state, _ in chosen}
        for state in ("waived", "skipped", "pending", "interrupted", "inconclusive", "awaiting-approval", "error", "failed"):
            if state in states: computed = OUTCOMES.get(state, "unreachable" if state == "error" and "unreachable" in causes else state)
        if claimed == "waiting" and (self.asks or "needs-answer" in causes): computed = claimed
        if claimed != computed and "interrupted" in (claimed, computed): raise Unchecked("runs that a person stopped")
        same("gates", self.place, claimed, computed, "the outcome of the run")
# The report's JSON: each figure names its evidence and must be what was read from there; one of several, where no name tells which.
def check_figure(place, figure, keys, owner, runs, journals, language):
    ref, key, name = figure.get("evidence") or {"folder": None}, keys[-1], owner.get("name")
    folder, records, _ = journals.get(ref["folder"], (None, [], None))
    event = records[ref["record"] - 1]["event"] if "record" in ref and records else {}
    if key in ("target", "achieved") or name == "sent.records_per_s": raise Unchecked("worked out from others")
    if ref["folder"] == "plan": values = [run.slo.get(name) for run in runs.values()]
    elif folder is None: raise Unchecked("without evidence, or of other runs")
    elif ref["folder"] == "imports": values = [None, *map(float, re.findall(r"-?\d+\.?\d*", (folder / ref["artifact"]).read_text()))]
    elif "judgement" in event: values = [plain(event["judgement"][key]["value"])]
    else:
        held = {name: value for (path, name), value in runs[ref["folder"]].values.items() if path == ref.get("artifact")}
        held.update({name: measured["value"] for name, measured in values_of(event).items()})
        if key != "figure": name = f"{owner.get('output')}.{key}".replace("value.", "") if key in ("min", "avg", "max") else key
        ending = "." + ["avg", "max", "p50", "p95", "p99", "p999"][key] if keys[-2] == "figures" and "latencies" in keys else ""
        values = [plain(held[other]) for other in held if other == name or name not in held and other.endswith(ending)]
    if figure["exact"] is None and len(values) > 1 or key == "rate" and figure["exact"] not in values:
        raise Unchecked("missing or worked out, where no name tells which")
    found = figure["exact"] if figure["exact"] in values else values[0] if len(values) == 1 else "not there"
    same("report", place, figure["exact"], found, f"the figure `{figure['text']}`")
    if type(figure["exact"]) is float:
        shown = re.match(r"-?[\d.,\u202f]*\d", figure["text"])[0].translate({ord(","): "." if language == "fr" else "", 0x202f: ""})
        is_rounded = abs(float(shown) - figure["exact"]) <= 0.5000001 * 10.0 ** -len(shown.partition(".")[2])
        same("report", place, figure["text"], figure["text"] if is_rounded else figure["exact"], "the text of the figure")
def check_report(path, runs, journals):
    run = runs.get((model := json.loads(path.read_bytes()))["header"]["run"])
    is_whole = run and len(run.records) == int(re.sub(r"\D", "", model["header"]["records"]))
    def walk(node, keys, owner):
        place, is_map = f"{path.name} {'.'.join(map(str, keys))}", isinstance(node, dict)
        for key, part in node.items() if is_map else enumerate(node) if isinstance(node, list) else []:
            walk(part, [*keys, key], node if is_map else owner)
        if not is_map: return
        if "exact" in node: guarded("report", place, check_figure, place, node, keys, owner, runs, journals, model["language"])
        hashes, file = journals.get(node.get("folder"), (0, 0, {}))[2], node.get("artifact", node.get("path"))
        if hashes and node.get("sha256"): same("report", place, node["sha256"], hashes.get(file), "the hash of an artifact")
        ref = (node.get("evidence") if node.get("verdict_code") else None) or {"folder": None}
        event = journals[ref["folder"]][1][ref["record"] - 1]["event"] if ref["folder"] in journals else {}
        verdict = event.get("judgement", event).get("verdict")
        if verdict: same("report", place, node["verdict_code"], verdict, "the verdict")
        state = re.sub("ready|locked", "pending", node.get("state_code", "")) if is_whole else None
        if state: same("report", place, state, run.state(run.steps[node["step"]]), "the state of a step")
    walk(model, [], {})
# A seal is a DSSE envelope around an in-toto statement about the journals up to some record.
def check_seals(run, keys):
    name, signers = run.folder.name, set()
    for path in [*sorted(run.folder.glob("seals/*")), *run.folder.glob("seal.json")]:
        kind, payload, (signature, *_) = map(json.loads(path.read_bytes()).get, ("payloadType", "payload", "signatures"))
        payload = base64.b64decode(payload)
        sealed, by, signers = json.loads(payload)["predicate"]["jalon"], signature["keyid"], signers | {signature["keyid"]}
        if by not in keys: GROUPS["seals"].unchecked[f"signatures by {by}: no key given"] += 1
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "signed").write_bytes(f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload)
            Path(folder, "signature").write_bytes(base64.b64decode(signature["sig"]))
            command = f"openssl pkeyutl -verify -pubin -rawin -in signed -sigfile signature -inkey {keys.get(by)}"
            if by in keys: same("seals", path.name, subprocess.run(command.split(" ", 10), cwd=folder, capture_output=True).returncode, 0, command)
        for subject in json.loads(payload)["subject"]:
            marks = {"journal.jsonl": sealed, **{mark["name"]: mark for mark in sealed.get("others", [])}}
            mark = marks[re.fullmatch(r"(\.\./(notes|imports)/)?journal\.jsonl", subject["name"])[0]]
            data = (run.folder / subject["name"]).read_bytes()[:mark["bytes"]]
            last, claimed = json.loads(data.splitlines()[-1]), [sealed["run"], subject["digest"]["sha256"], mark["last"], mark["chain"]]
            found = [name, sha256(data), last["seq"], last["hash"]]
            same("seals", f"{path.name} {subject['name']}", claimed, found, "run, hash of the journal, last record and its hash")
    GROUPS["seals"].unchecked.update("signed decisions" for record in run.records if record["event"]["type"] == "decision-signed")
    for key in set(keys) - signers: GROUPS["seals"].wrong.append(f"{name}: {keys[key]} has sealed nothing of it")
options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("path", metavar="PATH", type=Path)
options.add_argument("--report", action="append", metavar="FILE", help="what `jalon report --format json` wrote", type=Path)
options.add_argument("--key", action="append", metavar="FILE", help="a public key (PEM) that must have sealed it", default=[], type=Path)
options = options.parse_args()
keys = {sha256(base64.b64decode("".join(path.read_text().split("-----")[2].split()))): path.resolve() for path in options.key}
with tempfile.TemporaryDirectory() as scratch:
    is_bundle, journals, runs = options.path.is_file() and options.path.read_bytes()[10:22] == b"jalon bundle", {}, {}
    root = Path(scratch if is_bundle else options.path).resolve()
    if is_bundle: guarded("bundle", options.path.name, unpack, options.path, root)
    is_run = (root / "journal.jsonl").exists()
    for folder in sorted(path.parent for path in (root.parent if is_run else root / "artifacts").glob("*/journal.jsonl")):
        if is_run and folder != root and folder.name not in ("notes", "imports"): continue
        records = guarded("journals", folder.name, read_journal, folder) or []
        journals[folder.name] = (folder, records, guarded("artifacts", folder.name, check_artifacts, folder, records) or {})
        if folder.name not in ("notes", "imports"): runs[folder.name] = Run(folder, records)
    for run in runs.values(): guarded("seals", run.folder.name, check_seals, run, keys)
    for path in options.report or [path for run in runs.values() for path in run.folder.glob("report*.json")]:
        guarded("report", path.name, check_report, path, runs, journals)
for name, group in GROUPS.items():
    reasons = [f"; {count} not recomputed: {reason}" for reason, count in sorted(group.unchecked.items())]
    print(f"{name}: {len(group.right)} right, {len(group.wrong)} differ" + "".join(reasons), *group.wrong, sep="\n  differs: ")
sys.exit(9 if any(group.wrong for group in GROUPS.values()) else 0 if journals else 2)
