#!/bin/sh
# common <- format <- export <- verify <- import: each may use those before it.  Nothing else.
set -eu
bad=0
check() { # folder, what it may include from
	found=$(grep -nE '^#include "' "$1"/*.[ch] | grep -vE "\"($2)/[a-z0-9_]+\.h\"" || true)
	if [ -n "$found" ]; then
		echo "$found"
		bad=1
	fi
}
check common 'common'
check format 'common|format'
check export 'common|format|export'
check verify 'common|format|export|verify'
check import 'common|format|export|verify|import'
top=$(git ls-files | sed -n 's|^\([^./][^/]*\).*|\1|p' | sort -u |
	grep -vxE 'Makefile|README.md|common|export|format|import|verify|tests|bench|spec' || true)
if [ -n "$top" ]; then
	echo "does not belong at the top: $top"
	bad=1
fi
names=$(git ls-files '*.[ch]' | sed 's|.*/||' | sort | uniq -d)
if [ -n "$names" ]; then
	echo "file names that come twice: $names"
	bad=1
fi
exit $bad
