#!/bin/sh
# Find Chromium for the browser tests, or install it where that is possible; else say what to do and go on without.
set -eu
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
    exit 0
fi
echo "Chromium is not installed, so the browser tests are skipped. Install it with your system's package manager" \
    "(Debian and Ubuntu: sudo apt-get install chromium)." >&2
