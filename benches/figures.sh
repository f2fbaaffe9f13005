#!/usr/bin/env bash
# Prints the figures that docs/src/figures.md quotes, and the machine that they were measured on.
#   benches/figures.sh check    how fast `jalon check` is, on the shipped plan and on one of 10,000 steps
#   benches/figures.sh          besides: what jalon uses while it waits
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

# The median of N runs of a command: time on the clock, and of the processor (user and system), in milliseconds.
both() { # N COMMAND…
    local n=$1 i times
    shift
    TIMEFORMAT='%R %U %S'
    times=$(for ((i = 0; i < n; i++)); do { time "$@" >/dev/null 2>&1; } 2>&1; done)
    middle() { awk "{ print $1 }" <<<"$times" | sort -n | awk '{ a[NR] = $1 } END { printf "%.0f", a[int((NR + 1) / 2)] * 1000 }'; }
    echo "$(middle '$1') ms, of the processor $(middle '$2 + $3') ms (medians of $n)"
}

# A plan of that many steps in a row, each with names, expressions and criteria of its own.
steps() { # N FOLDER
    mkdir -p "$2/plan/environments" "$2/steps"
    cat >"$2/plan/campaign.yaml" <<-'END'
	name: bench
	default_environment: none
	default_profile: only
	slo: {wait_s: 5}
	profiles: {only: {pause: 1ms}}
	END
    printf 'name: none\n' >"$2/plan/environments/none.yaml"
    awk -v n="$1" -v folder="$2/steps" 'BEGIN {
        for (i = 0; i < n; i++) {
            file = sprintf("%s/%05d-step.md", folder, i)
            printf "---\nstep: %d\ntitle: {en: Step %d, fr: Étape %d}\n", i, i, i > file
            if (i > 0) printf "needs: [%d]\n", i - 1 > file
            printf "estimate: 1m\nactions:\n  - wait: {id: w%d, for: \"{{ profile.pause }}\"}\n", i > file
            printf "criteria:\n  - expect: w%d.waited_s < slo.wait_s\n", i > file
            if (i > 0) printf "  - expect: w%d.waited_s <= 100 * w%d.waited_s\n    severity: warn\n", i, i - 1 > file
            printf "---\n\n# Procedure\n\nWait, and look at the clock.\n" > file
            close(file)
        }
    }'
}

echo "machine: $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)," \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), load $(cut -d' ' -f1 /proc/loadavg)"
echo "nothing (true):         $(median 50 true)"
echo "jalon --version:        $(median 50 "$jalon" --version)"
echo "jalon check:            $(both 51 "$jalon" check)"
steps 10000 "$folder/long"
echo "jalon check, 10,000 steps: $(both 11 "$jalon" -C "$folder/long" check)"
[ "${1:-}" = check ] && exit

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
