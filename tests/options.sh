#!/bin/sh
# What --help lists, the man page and spec/CLI.md describe, and the other way round.
set -eu
bad=0
for program in esexport esimport esverify; do
	page=$(echo */$program.1)
	help=$("${BIN:?}/$program" --help | sed -n 's/^  [- ][a-zA-Z ][, ] --\([a-z-]*\).*/\1/p' | sort -u)
	[ -n "$help" ] || { echo "$program: --help lists nothing"; bad=1; }
	man=$(sed -n 's/^\.It .*Fl -\([a-z-]*\).*/\1/p' "$page" | sort -u)
	if [ "$help" != "$man" ]; then
		echo "$page differs from $program --help: < help, > page"
		printf '%s\n' "$help" >"${TMPDIR:-/tmp}/options.$$"
		printf '%s\n' "$man" | diff "${TMPDIR:-/tmp}/options.$$" - || true
		rm -f "${TMPDIR:-/tmp}/options.$$"
		bad=1
	fi
	for option in $help; do
		grep -q -- "--$option" spec/CLI.md || { echo "spec/CLI.md lacks --$option"; bad=1; }
	done
	width=$("$BIN/$program" --help | awk 'length > 100' | wc -l)
	[ "$width" = 0 ] || { echo "$program --help is wider than 100 columns"; bad=1; }
done
exit $bad
