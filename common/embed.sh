#!/bin/sh
# Print the C source that holds the layout files given, for common/layout_builtin.h.
set -eu
echo '#include "common/layout_builtin.h"'
i=0
for file in "$@"; do
	printf 'static const uint8_t text_%d[] = {\n' "$i"
	od -An -v -tu1 "$file" | sed 's/\([0-9][0-9]*\)/\1,/g'
	echo '};'
	i=$((i + 1))
done
echo 'const struct layout_builtin layout_builtins[] = {'
i=0
for file in "$@"; do
	printf '\t{"%s", text_%d, sizeof(text_%d)},\n' "$(basename "$file" .json)" "$i" "$i"
	i=$((i + 1))
done
printf '\t{0, 0, 0},\n};\n'
