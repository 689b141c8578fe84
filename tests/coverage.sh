#!/bin/sh
# Lines and branches that the tests reached, by the counters in the folder of a build.  Fails where
# too few lines were of common/ or of format/, on which all of the programs stand.
set -eu
built=$1
least=95
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
gcovr -r . -e tests -e bench -e "$built" --object-directory "$built" --json "$tmp/all.json"
gcovr -r . -a "$tmp/all.json" --print-summary
bad=0
for folder in common format; do
	gcovr -r . -a "$tmp/all.json" -f "$folder/" --print-summary --fail-under-line $least >"$tmp/$folder" || bad=1
	echo "$folder, of which $least % must be reached: $(sed -n 's/^lines: //p' "$tmp/$folder")"
done
exit $bad
