#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that the given lists name and that are missing: as root or with a sudo that
# asks for no password, else prints the command and exits 1.
#   tools/install_packages.sh apt-packages.txt ...
set -eu

if ! command -v dpkg-query >/dev/null; then
  echo "No dpkg here: taking it that the equivalents of $* are installed." >&2
  exit 0
fi

missing=""
# shellcheck disable=SC2013  # words are wanted
for package in $(sed 's/#.*//' "$@"); do
  if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
    missing="$missing $package"
  fi
done
if [ -z "$missing" ]; then
  exit 0
fi

if [ "$(id -u)" = 0 ]; then
  as_root=""
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root="sudo -n"
else
  echo "Packages are missing, and installing them takes root. Run this, then try again:" >&2
  echo "  sudo apt-get update && sudo apt-get install --no-install-recommends$missing" >&2
  exit 1
fi

echo "Installing$missing" >&2
# shellcheck disable=SC2086  # lists of words
{
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
} >&2
