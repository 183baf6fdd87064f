#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds those of the named targets that the build folder has; says which it lacks.
#   tools/build_existing.sh BUILD_FOLDER TARGET...
set -eu
build=$1
shift
known=$(cmake --build "$build" --target help | sed 's/:.*//')
found=""
for target in "$@"; do
  if echo "$known" | grep -qx "$target"; then
    found="$found $target"
  else
    echo "no target $target yet: left out" >&2
  fi
done
# shellcheck disable=SC2086  # a list of words
cmake --build "$build" --target $found
