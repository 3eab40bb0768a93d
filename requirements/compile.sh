#!/usr/bin/env bash
# Compile the hash-pinned lists from pyproject.toml. Needs uv; the lists carry no address.
set -euo pipefail
cd "$(dirname "$0")/.."
flags=(--universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet)
all=$(mktemp)
trap 'rm -f "$all"' EXIT
uv pip compile "${flags[@]}" "$@" --group dev --extra prod pyproject.toml -o "$all" >/dev/null
pins=$(mktemp)
grep -oE '^[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^ \\]+( ; [^\\]+)?' "$all" > "$pins" || true
uv pip compile "${flags[@]}" -c "$pins" pyproject.toml -o requirements/run.txt >/dev/null
uv pip compile "${flags[@]}" -c "$pins" --extra prod pyproject.toml -o requirements/production.txt >/dev/null
uv pip compile "${flags[@]}" -c "$pins" --group test pyproject.toml -o requirements/test.txt >/dev/null
uv pip compile "${flags[@]}" -c "$pins" --group test --group e2e pyproject.toml -o requirements/e2e.txt >/dev/null
uv pip compile "${flags[@]}" -c "$pins" --group dev pyproject.toml -o requirements/lint.txt >/dev/null
rm -f "$pins"
