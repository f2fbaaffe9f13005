#!/usr/bin/env python3
"""A plugin for jalon: how many backups a folder holds, and how old the newest one is."""
import json
import os
import sys
import time


def say(**message):
    print(json.dumps(message), flush=True)


sys.stdin.readline()  # jalon says hello first
say(type="hello", protocol=1, name="backups", on_interrupt="rerun",
    outputs={"backups": {"about": "files in the folder"},
             "newest_s": {"unit": "s", "about": "age of the newest file"}})
request = json.loads(sys.stdin.readline())
folder = request["params"]["folder"]
try:
    found = sorted((os.stat(os.path.join(folder, name)).st_mtime, name) for name in os.listdir(folder))
except OSError as error:
    say(type="failed", message=str(error))
    sys.exit()
say(type="value", name="backups", value=len(found))
if found:
    say(type="value", name="newest_s", value=time.time() - found[-1][0])
else:
    say(type="value", name="newest_s", reason="the folder is empty")
with open(os.path.join(request["folder"], "backups.csv"), "w") as table:
    table.writelines(f"{changed},{name}\n" for changed, name in found)
say(type="artifact", file="backups.csv", media_type="text/csv")
say(type="done")
