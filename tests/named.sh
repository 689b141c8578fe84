#!/bin/sh
# Every row of the tables of spec/FAULTS.md names tests that are there: files in backticks, below
# tests/cli where no folder is said and faults.bats at first; titles between stars, to "..." where cut.
set -eu
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT
awk -F '|' '
	function token(cell) { return match(cell, /`[a-z_\/]+\.(bats|c)`|\*[^*]+\*/) }
	/^\|/ && !/^\|[-|]*$/ && $(NF - 1) !~ /^ *test *$/ {
		cell = $(NF - 1); file = "cli/faults.bats"; n = 0
		for (; token(cell); cell = substr(cell, RSTART + RLENGTH)) {
			text = substr(cell, RSTART + 1, RLENGTH - 2)
			if (substr(cell, RSTART, 1) == "`") {
				file = (text ~ /\// ? "" : "cli/") text
				continue
			}
			sub(/ *\.\.\.$/, "", text)
			print file "|" text
			n++
		}
		if (n == 0) print "|" $2
	}' spec/FAULTS.md >"$rows"
bad=0
[ -s "$rows" ] || { echo 'spec/FAULTS.md: names no test'; bad=1; }
while IFS='|' read -r file title; do
	case $file in
	'') found=; title="a row without a test:$title" ;;
	*.c) found=$(grep -F "test_$(echo "$title" | tr ' ' _)" "tests/$file" || true) ;;
	*) found=$(grep -F "@test \"$title" "tests/$file" || true) ;;
	esac
	[ -n "$found" ] || { echo "spec/FAULTS.md: no test: $file: $title"; bad=1; }
done <"$rows"
exit $bad
