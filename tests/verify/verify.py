#!/usr/bin/env python3
"""Checks the record of a jalon run without jalon.

    verify.py BUNDLE.tar.gz | CAMPAIGN [--run RUN] [--report FILE.json]... [--key KEY.pub]...

It computes again: the hash chain of each journal, the hash of each artifact, each verdict from its two sides, the verdict of each
step from those of its criteria, the outcome of the run from its steps, the figures of reports, and seals (with `openssl`). It says how
many of each it has checked. Exit code: 0 nothing differs, 9 something does, 2 there is nothing to check. Needs Python 3.9.
"""
import argparse, base64, csv, hashlib, json, operator, os, re, subprocess, sys, tarfile, tempfile

LINE = re.compile(r'^(\{"seq":.*),"hash":"([0-9a-f]{64})"\}$', re.S)
COMPARISONS = {"<=": operator.le, ">=": operator.ge, "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt}
GRAVITY, TIMES = ["pass", "warn", "inconclusive", "fail", "error"], {"seconds": 1.0, "milliseconds": 0.001}
faults, counts = [], {}
fault = faults.append


def count(what, checked):
    """One more thing that was checked, or of which nothing can be told from the record alone."""
    counts.setdefault(what, [0, 0])[not checked] += 1


def sha256(path, length=None):
    """The hash of a file, or of its first bytes."""
    digest, left = hashlib.sha256(), os.path.getsize(path) if length is None else length
    with open(path, "rb") as file:
        while left > 0 and (block := file.read(min(left, 1 << 20))):
            digest.update(block)
            left -= len(block)
    return digest.hexdigest() if left == 0 else None

def journal(folder):
    """The records of a journal, each with its hash, the chain checked."""
    path = os.path.join(folder, "journal.jsonl")
    records, prev = [], None
    if not os.path.isfile(path):
        if os.path.isfile(os.path.join(folder, "journal.head")):
            fault(f"{path}: gone, and there is a head")
        return records
    with open(path, encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, 1):
            if not (found := LINE.match(line[:-1]) if line.endswith("\n") else None):
                fault(f"{path}: line {number} is no whole record")
                break
            body, written = found.groups()
            record = json.loads(line)
            if hashlib.sha256((body + "}").encode()).hexdigest() != written:
                fault(f"{path}: record {number} is not what its hash says")
            if record["seq"] != number:
                fault(f"{path}: record {number} bears the number {record['seq']}")
            if record["prev"] != prev and not (prev is None and record["prev"] in ("journal.head", "")):
                fault(f"{path}: record {number} does not follow from the one before")
            prev = written
            records.append(record)
            count("records", True)
    beside = os.path.join(os.path.dirname(folder), f".{os.path.basename(folder)}.head")
    inside, has_head = os.path.join(folder, "journal.head"), bool(records) and records[0]["prev"] == "journal.head"
    for place in [p for p in (inside, beside) if os.path.exists(p) or has_head and p == inside]:
        try:
            head = json.load(open(place, encoding="utf-8"))
            if head["seq"] > len(records):
                fault(f"{path}: ends at record {len(records)}, and its head says {head['seq']}")
            elif head["seq"] and records[head["seq"] - 1]["hash"] != head["hash"]:
                fault(f"{path}: record {head['seq']} is not the one of its head")
        except (OSError, ValueError, KeyError, TypeError):
            fault(f"{path}: its head is missing or garbled")
    return records


def parts(value):
    """Every value in a JSON value, itself included."""
    yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from parts(item)


def objects(value, *keys):
    """Every object in a JSON value that has these keys."""
    return (item for item in parts(value) if isinstance(item, dict) and set(keys) <= item.keys())


def artifacts(folder, records):
    """Compares every file that a record names with its hash."""
    items = objects([record["event"] for record in records], "path", "sha256", "bytes")
    named = {(item["path"], item["sha256"], item["bytes"]) for item in items}
    for path, digest, size in sorted(named):
        count("artifacts", True)
        full = os.path.join(folder, path)
        if os.path.isabs(path) or ".." in path.split("/") or os.path.islink(full) or not os.path.isfile(full):
            fault(f"{full}: missing, or no regular file")
        elif os.path.getsize(full) != size or sha256(full) != digest:
            fault(f"{full}: altered")
    paths, ends = {path for path, _, _ in named}, (r["event"] for r in records if r["event"]["type"] == "action-finished")
    for action in sorted({f"{end['step']:02}/{end['attempt']}/{end['action']}" for end in ends}):
        place = os.path.join(folder, action)
        for found in set(os.listdir(place) if os.path.isdir(place) else []) - {os.path.basename(p) for p in paths if os.path.dirname(p) == action}:
            fault(f"{place}/{found}: in no record, added to finished work")


def plain(value):
    """A recorded value as (what sort, value); None where it is missing."""
    for sort, content in value.items():
        if sort == "number":
            number, unit = content
            if not isinstance(number, (int, float)):
                return None
            return ("seconds", number * TIMES[unit]) if unit in TIMES else ("number", number)
        if sort in ("flag", "text"):
            return (sort, content)
    return None


def holds(judgement):
    """Whether a criterion holds, from its two sides; None where they do not tell it alone."""
    sides = [judgement.get("observed"), judgement.get("limit")]
    if None in sides:
        return None
    left, right = (side["text"].strip() for side in sides)
    text = judgement["text"].strip()
    for sign, compare in COMPARISONS.items():
        if text in (f"{left} {sign} {right}", f"{left}{sign}{right}"):
            a, b = (plain(side["value"]) for side in sides)
            if a is None or b is None or a[0] != b[0] and {a[0], b[0]} != {"seconds", "number"}:
                return None
            # Limits without a unit are in that of the value beside them.
            raw = [side["value"].get("number", [None])[0] for side in sides]
            return compare(*raw) if a[0] != b[0] else compare(a[1], b[1])
    if right == "true" and left == text:
        flag = plain(sides[0]["value"])
        return flag[1] if flag and flag[0] == "flag" else None
    return None


def verdicts(run, records):
    """Judges again what the record has both sides of; then steps from criteria, and the run from its steps."""
    seen, values, steps = {}, {}, {}
    for record in records:
        event, at = record["event"], f"{run}: record {record['seq']}"
        key = (event.get("step"), event.get("attempt"))
        if event["type"] in ("action-finished", "watch-finished"):
            evidence = event.get("evidence") or next(iter(event["result"].values()))
            evidence = evidence.get("evidence", evidence)
            for name, measured in evidence.get("values", {}).items():
                values[key + (f"{event.get('action') or event.get('watch')}.{name}",)] = measured["value"]
        elif event["type"] == "criterion-judged":
            judgement = event["judgement"]
            seen.setdefault(key, []).append(judgement["verdict"])
            held = holds(judgement)
            count("verdicts", held is not None)
            if held is not None:
                wanted = "pass" if held else "warn" if judgement["severity"] == "warn" else "fail"
                if judgement["verdict"] != wanted:
                    fault(f"{at}: `{judgement['text']}` comes to {wanted} and is recorded as {judgement['verdict']}")
            elif judgement["verdict"] == "pass" and {"missing"} & set((judgement.get("observed") or {"value": {}})["value"]):
                fault(f"{at}: `{judgement['text']}` passed without a value")
            for side in ("observed", "limit"):
                operand = judgement.get(side) or {"text": "", "value": {}}
                evidence = values.get(key + (operand["text"],))
                count("operands", evidence is not None)
                if evidence is not None and evidence != operand["value"] and "missing" not in evidence:
                    fault(f"{at}: `{operand['text']}` is not the value that its action gave")
        elif event["type"] == "step-finished":
            worst = max(seen.get(key, ["pass"]), key=GRAVITY.index)
            count("steps", True)
            # An action that failed, a file that is missing or a refusal make it worse, never better.
            if GRAVITY.index(event["verdict"]) < GRAVITY.index(worst):
                fault(f"{at}: step {key[0]} has a criterion with `{worst}` and ended with `{event['verdict']}`")
            steps[key[0]] = event["verdict"]
        elif event["type"] in ("step-waived", "step-skipped"):
            steps[key[0]] = "excepted"
        elif event["type"] == "run-finished":
            count("outcomes", True)
            bad = [step for step, verdict in steps.items() if verdict in GRAVITY[2:]]
            excepted = "excepted" in steps.values()
            if event["outcome"] == "passed" and (bad or excepted) or event["outcome"] == "passed-with-exceptions" and bad:
                fault(f"{at}: the run ended as {event['outcome']}, and steps {bad} did not pass")


def windows(folder, records):
    """Adds the windows of loads up, and compares with the number of records that the load gave."""
    for event in (record["event"] for record in records if record["event"]["type"] == "action-finished"):
        path = f"{event['step']:02}/{event['attempt']}/{event['action']}/windows.csv"
        given = (event["result"].get("done") or {}).get("values", {}).get("records_sent")
        given = given and plain(given["value"])
        if given and os.path.isfile(full := os.path.join(folder, path)):
            with open(full, encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            total = sum(int(row["records"] or 0) for row in rows) if rows and "records" in rows[0] else None
            count("windows", total is not None)
            if total is not None and total != given[1]:
                fault(f"{full}: its windows add up to {total} records, and the load gave {given[1]}")


def report(path, runs):
    """Compares each figure of a report with the record that it points at."""
    model = json.load(open(path, encoding="utf-8"))
    for figure in objects(model, "text", "exact", "evidence"):
        source = figure["evidence"] if isinstance(figure["evidence"], dict) else {}
        records, events = runs.get(source.get("folder"), []), []
        place = re.match(r"(\d+)/(\d+)/([^/]+)/", source.get("artifact") or "")
        if source.get("record"):
            events = [r["event"] for r in records if r["seq"] == source["record"]]
        elif place:
            own = (int(place[1]), int(place[2]), place[3])
            events = [r["event"] for r in records if (r["event"].get("step"), r["event"].get("attempt"), r["event"].get("action")) == own]
        known = figure["exact"] is not None and bool(source.get("record") or place) and bool(events)
        found = known and any(item == figure["exact"] and type(item) is type(figure["exact"]) for item in parts(events))
        if known and not found and place:
            known = False  # Computed from the artifact: its hash was checked, the figure was not.
        count("figures", known)
        if known and not found:
            fault(f"{path}: {figure['text']} ({figure['exact']}) is not in record {source.get('record')} of {source['folder']}")


def seals(root, folder, run, keys):
    """Compares each seal with the journals as they are, and its signature with the keys."""
    place = os.path.join(folder, "seals")
    known = {}
    for path in keys:
        der = subprocess.run(["openssl", "pkey", "-pubin", "-in", path, "-outform", "DER"], capture_output=True)
        known[hashlib.sha256(der.stdout).hexdigest()] = path
    signed = set()
    for name in sorted(os.listdir(place)) if os.path.isdir(place) else []:
        path = os.path.join(place, name)
        try:
            payload = base64.b64decode((envelope := json.load(open(path, encoding="utf-8")))["payload"])
            sealed = (statement := json.loads(payload))["predicate"]["jalon"]
        except (ValueError, KeyError, TypeError):
            fault(f"{path}: no seal")
            continue
        if sealed["run"] != run:
            fault(f"{path}: a seal of {sealed['run']}")
        lengths = {item["name"]: item["bytes"] for item in [sealed, *sealed["others"]]}
        for subject in statement["subject"]:
            full = os.path.abspath(os.path.join(folder, subject["name"]))
            inside = full.startswith(os.path.abspath(root) + os.sep) and os.path.isfile(full)
            if not inside or sha256(full, lengths[subject["name"]]) != subject["digest"]["sha256"]:
                fault(f"{full}: not what was sealed in {path}")
        kind = envelope["payloadType"].encode()
        message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
        for signature in envelope["signatures"]:
            key = known.get(signature["keyid"])
            count("seals", key is not None)
            if key:
                with tempfile.NamedTemporaryFile() as text, tempfile.NamedTemporaryFile() as sig:
                    text.write(message), sig.write(base64.b64decode(signature["sig"])), text.flush(), sig.flush()
                    checked = subprocess.run(
                        ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", text.name, "-sigfile", sig.name],
                        capture_output=True)
                signed.add(signature["keyid"]) if checked.returncode == 0 else fault(f"{path}: not signed by {key}")
    for key in known.keys() - signed:
        fault(f"{folder}: not sealed by {known[key]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("record"), parser.add_argument("--run")
    parser.add_argument("--report", action="append", default=[]), parser.add_argument("--key", action="append", default=[])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as aside:
        root = args.record
        if os.path.isfile(root):
            with tarfile.open(root) as bundle:
                for member in bundle:
                    if not (member.isreg() or member.isdir()) or member.name.startswith("/") or ".." in member.name.split("/"):
                        return print(f"{root}: `{member.name}` does not belong into a bundle", file=sys.stderr) or 2
                    bundle.extract(member, aside)
            root = aside
        base = os.path.join(root, "artifacts")
        folders = sorted(os.listdir(base)) if os.path.isdir(base) else []
        for name in (f[1:-5] for f in folders if f.startswith(".") and f.endswith(".head") and f[1:-5] not in folders):
            fault(f"{os.path.join(base, name)}: gone, and there is a head")
        runs = [f for f in folders if re.match(r"\d{8}-\d{6}-", f) and os.path.isdir(os.path.join(base, f)) and args.run in (None, f)]
        if not runs and not faults:
            return print(f"{args.record}: no run in it", file=sys.stderr) or 2
        read = {}
        for name in [*runs, *(f for f in ("notes", "imports") if f in folders)]:
            folder = os.path.join(base, name)
            try:
                read[name] = records = journal(folder)
                artifacts(folder, records)
                if name in runs:
                    if records and records[0]["event"].get("run") != name:
                        fault(f"{folder}: the record of {records[0]['event'].get('run')}")
                    verdicts(name, records), windows(folder, records), seals(root, folder, name, args.key)
            except (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError) as error:
                fault(f"{folder}: cannot be understood ({type(error).__name__})")
        for path in args.report:
            report(path, read)
        for what, (done, untold) in counts.items():
            print(f"{what}: {done} checked" + (f", {untold} cannot be told from the record alone" if untold else ""))
        for text in faults:
            print(f"DIFFERS {text}")
    return 9 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
