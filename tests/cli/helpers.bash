# Loaded by every .bats file: the programs are in PATH, the test runs in a folder of its own.
bats_require_minimum_version 1.5.0
PATH="${BIN:?}:$PATH"
REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
export REPO
cd "$BATS_TEST_TMPDIR" || exit 1
