#!/bin/sh
# Find Java for Spark, or install it where that is possible; else say what to do and go on without.
set -eu
if command -v java >/dev/null 2>&1 || [ -n "${JAVA_HOME:-}" ]; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless >/dev/null
    exit 0
fi
echo "Java is not installed, so Spark does not run and its test is skipped. Install it with your system's package manager" \
    "(Debian and Ubuntu: sudo apt-get install openjdk-17-jre-headless)." >&2
