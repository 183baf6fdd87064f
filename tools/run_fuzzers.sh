#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every fuzz target of a build folder for some seconds each, from its seeds. What it finds to be new
# stays in BUILD_FOLDER/corpus; a crash is written to BUILD_FOLDER/crashes and ends the run with 1.
#   tools/run_fuzzers.sh BUILD_FOLDER SECONDS
set -eu
build=$1
seconds=$2
seeds=$(dirname "$0")/../fuzz/seeds
mkdir -p "$build/crashes"
count=0
for program in "$build"/bin/*_fuzz; do
  [ -x "$program" ] || continue
  name=$(basename "$program")
  corpus=$build/corpus/${name%_fuzz}
  mkdir -p "$corpus"
  echo "== $name, $seconds s"
  set -- "$corpus"
  if [ -d "$seeds/${name%_fuzz}" ]; then set -- "$@" "$seeds/${name%_fuzz}"; fi
  "$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -verbosity=0 -print_final_stats=1 \
    -artifact_prefix="$build/crashes/$name-" "$@"
  count=$((count + 1))
done
echo "$count fuzz targets, no finding"
[ "$count" -gt 0 ]
