#!/bin/bash
# Fuzzes for some seconds, starting from the kept inputs and from any other folders given as arguments. New inputs are
# written to the folder `grown` beside the target. Fails on any finding, and prints how to reproduce it.
set -euo pipefail
target=$1
seconds=$2
command=$3
shift 3

echo "fuzzing for $seconds s"

work=$(dirname "$target")
findings=$work/findings
log=$work/run.log
mkdir -p "$work/grown" "$findings"

# Uses a single process, since the machine has other work. 1 KiB is about twenty steps with answers. An input that takes a
# minute is a finding, too.
"$target" -max_total_time="$seconds" -max_len=1024 -timeout=60 -rss_limit_mb=1024 -print_final_stats=1 \
  -artifact_prefix="$findings/" "$work/grown" "$@" test/system/fuzz/corpus >"$log" 2>&1 && status=0 || status=$?

if [ "$status" -ne 0 ]; then
  grep -v -e '^#' -e '^"' "$log" >&2
  input=$(sed -n 's/.*Test unit written to //p' "$log")
  echo "$command: the fuzzer ended with status $status; ${input:+to see it again: $target $input}" >&2
  exit 1
fi

executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
features=$(sed -n 's/^#[0-9]*[[:space:]]*DONE *cov: \([0-9]*\) ft: \([0-9]*\).*/\1 edges, \2 features/p' "$log")
echo "$executions inputs in $seconds s, $features, no finding"
node test/system/fuzz/figures.mjs "$command" \
  "inputs that libFuzzer played in the C core in $seconds s, each up to 64 steps of three sessions, under ASan and UBSan" \
  "$executions, no finding; $features"
