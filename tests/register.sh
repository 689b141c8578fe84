#!/bin/sh
# Print the table of tests of one unit test file: every `test_NAME(void)` at the start of a line.
set -eu
names=$(sed -n 's/^test_\([a-z0-9_]*\)(void)$/\1/p' "$1")
if [ -z "$names" ]; then
	echo "$1: holds no test" >&2
	exit 1
fi
echo '#include "tests/tap.h"'
for name in $names; do
	echo "void test_$name(void);"
done
echo 'const struct tap_test tap_tests[] = {'
for name in $names; do
	printf '\t{"%s", test_%s},\n' "$name" "$name"
done
printf '\t{0, 0},\n};\n'
