#!/bin/sh
# Every header compiles alone.
set -eu
bad=0
for header in "$@"; do
	gcc -std=c11 -D_GNU_SOURCE -I. -Wall -Wextra -Werror -fsyntax-only -x c "$header" || bad=1
done
exit $bad
