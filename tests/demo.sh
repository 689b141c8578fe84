#!/bin/sh
# The main job on a small store: make one, export it, look into the archive, import it, verify.
set -eu
PATH="${BIN:?}:$PATH"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

show() {
	printf '\n$ %s\n' "$*"
	eval "$*"
}

cat >events.jsonl <<'END'
{"stream":"order-1","version":0,"id":"7b6f3f0a-1c1e-4b8e-9d2b-0f6a1e2d3c4b","type":"OrderPlaced","time":"2026-01-05T09:30:00.123456789Z","data":{"customer":"Zoë","total":19.90}}
{"stream":"order-2","version":0,"type":"OrderPlaced","time":"2026-01-05T09:31:10Z","data":{"customer":"Łukasz","total":12345678901234567890}}
{"stream":"order-1","version":1,"type":"OrderPaid","time":"2026-01-05T09:32:00Z","correlation_id":"checkout-77","data":{"by":"card"}}
{"stream":"order-1","version":2,"type":"OrderShipped","time":"2026-01-06T07:00:00Z","metadata":{"user":"depot"},"data":{"parcels":2}}
END

show "esimport --from events.jsonl --to sqlite://app.db"
show "esexport --from sqlite://app.db --out backup.jsonl.zst"
show "zstd -dc backup.jsonl.zst | jq -c 'select(.type==\"OrderPlaced\") | .data'"
show "esverify backup.jsonl.zst"
show "esexport --from sqlite://app.db | esimport --to sqlite://new.db"
show "esverify sqlite://app.db sqlite://new.db"
echo
echo "that was it: README.md says the rest"
