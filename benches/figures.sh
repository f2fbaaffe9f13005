#!/usr/bin/env bash
# Prints the figures that the README quotes, and the machine that they were measured on.
#   benches/figures.sh          how fast jalon answers, and what it uses while it waits
#   benches/figures.sh lab      besides: how long a warm `jalon lab up` takes, in a lab of its own
set -eu
cd "$(dirname "$0")/.."
jalon=${JALON:-$PWD/target/release/jalon}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The median of N runs of a command, in milliseconds.
median() { # N COMMAND…
    local n=$1 i start end
    shift
    for ((i = 0; i < n; i++)); do
        start=$(date +%s%N)
        "$@" >/dev/null 2>&1
        end=$(date +%s%N)
        echo $(((end - start) / 1000))
    done | sort -n | awk '{ a[NR] = $1 } END { printf "%.1f ms (median of %d)\n", a[int((NR + 1) / 2)] / 1000, NR }'
}

echo "machine: $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)," \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), load $(cut -d' ' -f1 /proc/loadavg)"
echo "nothing (true):         $(median 50 true)"
echo "jalon --version:        $(median 50 "$jalon" --version)"
echo "jalon check:            $(median 50 "$jalon" check)"

mkdir -p "$folder/plan/environments" "$folder/steps"
printf 'name: bench\ndefault_environment: none\ndefault_profile: only\nprofiles: {only: {}}\n' >"$folder/plan/campaign.yaml"
printf 'name: none\n' >"$folder/plan/environments/none.yaml"
printf -- '---\nstep: 0\ntitle: Wait\nactions:\n  - wait: {id: w, for: 30s}\ncriteria:\n  - expect: w.waited_s > 1\n---\n' \
    >"$folder/steps/00-wait.md"
"$jalon" -C "$folder" run 2>/dev/null &
pid=$!
sleep 2
ticks() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }
before=$(ticks)
sleep 20
after=$(ticks)
kill "$pid"
wait "$pid" || true
echo "jalon run, waiting:     $((after - before)) ticks of 10 ms in 20 s"

if [ "${1:-}" = lab ]; then
    export JALON_LAB_FOLDER=$folder/lab
    for _ in 1 2 3; do
        "$jalon" lab up 2>&1 | grep 'the lab is up'
        "$jalon" lab down >/dev/null 2>&1
    done
fi
