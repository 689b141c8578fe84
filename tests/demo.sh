#!/bin/sh
# The main job on a small store: make one, export it, look into the archive, import it, verify.
set -eu
PATH="${BIN:?}:$PATH"
events=$(cd "$(dirname "$0")" && pwd)/demo.jsonl
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cp "$events" events.jsonl

show() {
	printf '\n$ %s\n' "$*"
	eval "$*"
}

show "esimport --from events.jsonl --to sqlite://app.db"
show "esexport --from sqlite://app.db --out backup.jsonl.zst"
show "zstd -dc backup.jsonl.zst | jq -c 'select(.type==\"OrderPlaced\") | .data'"
show "esverify backup.jsonl.zst"
show "esexport --from sqlite://app.db | esimport --to sqlite://new.db"
show "esverify sqlite://app.db sqlite://new.db"
echo
echo "that was it: README.md says the rest"
