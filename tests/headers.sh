#!/bin/sh
# Every header compiles alone.
set -eu
bad=0
cflags=$(${PKG_CONFIG:-pkg-config} --cflags libpq)
for header in "$@"; do
	# shellcheck disable=SC2086 # several words
	gcc -std=c11 -D_GNU_SOURCE -I. $cflags -Wall -Wextra -Werror -fsyntax-only -x c "$header" || bad=1
done
exit $bad
