#!/usr/bin/env bash
# Writes the locked requirement files from pyproject.toml and the *.in files beside this script.
#
# --universal makes one file that is right for both Pythons and every platform. The environment of the machine
# that locks (index addresses, local wheel folders) must not leak into the files, so it is cleared, and
# annotations and headers are left out.
set -euo pipefail
cd "$(dirname "$0")/.."
uv="${UV:-.venv/bin/uv}"
unset PIP_FIND_LINKS UV_FIND_LINKS PIP_EXTRA_INDEX_URL UV_EXTRA_INDEX_URL

lock() {
    local output="$1"
    shift
    "$uv" pip compile "$@" --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
        --no-emit-index-url --no-emit-find-links --no-emit-build-options --quiet \
        --output-file "requirements/$output"
}

# The application and its tests share one resolution, so that no package can differ between the two files.
lock dev.txt pyproject.toml requirements/dev.in "${@}"
lock app.txt pyproject.toml --constraints requirements/dev.txt "${@}"
lock core.txt requirements/core.in --constraints requirements/dev.txt "${@}"
lock image.txt requirements/image.in --constraints requirements/dev.txt "${@}"
lock build.txt requirements/build.in --constraints requirements/dev.txt "${@}"
lock uv.txt requirements/uv.in --constraints requirements/dev.txt "${@}"
