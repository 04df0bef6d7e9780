#!/usr/bin/env bash
# Installs the build into a folder of its own and builds a project against it: run_client.sh BUILD SOURCE.
set -euo pipefail
build=$1
source=$2
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake --install "$build" --prefix "$prefix" >/dev/null
cmake -S "$source/tests/client" -B "$prefix/client" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$prefix/client" >/dev/null
"$prefix/client/client"
"$prefix/bin/jingwei" --version
JINGWEI_HOME='' "$prefix/bin/jingwei" run "$prefix/share/jingwei/scenes/district.lua" --until 30s --no-results --quiet
