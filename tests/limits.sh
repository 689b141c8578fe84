#!/bin/sh
# The budgets of spec/STYLE.md: lines of a file and a header, lines and complexity of a function.
set -eu
bad=0
for file in "$@"; do
	limit=600
	case $file in *.h) limit=220 ;; esac
	lines=$(wc -l <"$file")
	if [ "$lines" -gt $limit ]; then
		echo "$file: $lines lines ($limit)"
		bad=1
	fi
done
pmccabe "$@" | awk -F '\t' '
	$1 > 15 { print $6 ": " $7 ": complexity " $1 " (15)"; bad = 1 }
	$5 > 80 { print $6 ": " $7 ": " $5 " lines (80)"; bad = 1 }
	END { exit bad }' || bad=1
exit $bad
