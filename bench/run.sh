#!/bin/sh
# Speed and memory against floors: what other programs need for the least part of the same work.
# run.sh [EVENTS] [ROUNDS]; see README.md for the rows.
set -eu

events=${1:-1000000}
rounds=${2:-5}
PATH="${BIN:?}:$BIN/bench:$PATH"
dir=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"

# Rows: name, the row that it is compared with (- for none), command.
cat >rows <<'END'
scan	-	sqlite3 -readonly events.db 'SELECT * FROM events ORDER BY position'
zstd	-	zstd -q -1 -T1 -c events.jsonl
zstd2	-	zstd -q -1 -T2 -c events.jsonl
copy	-	sqlite3 out.db ".read copy.sql"
unzstd	-	zstd -q -d -c events.jsonl.zst
export jsonl, 1 worker	zstd	esexport --from sqlite://events.db --out - --codec jsonl --workers 1
export jsonl, 2 workers	zstd2	esexport --from sqlite://events.db --out - --codec jsonl --workers 2
export cbor, 1 worker	zstd	esexport --from sqlite://events.db --out - --codec cbor --workers 1
export cbor, 2 workers	zstd2	esexport --from sqlite://events.db --out - --codec cbor --workers 2
export plain	scan	esexport --from sqlite://events.db --out - --plain
import jsonl	copy	esimport --from events.jsonl.zst --to sqlite://out.db
import cbor	copy	esimport --from events.cbor.zst --to sqlite://out.db
import jsonl, one batch	copy	esimport --from events.jsonl.zst --to sqlite://out.db --batch-size 1000000
import plain	copy	esimport --from events.jsonl --plain --to sqlite://out.db
verify jsonl	unzstd	esverify events.jsonl.zst
verify cbor	unzstd	esverify events.cbor.zst
compare two stores	scan	esverify sqlite://events.db sqlite://events.db
END

# What a load into SQLite costs without us: the same rows and indexes, in one transaction.
cat >copy.sql <<'END'
PRAGMA page_size=8192;
PRAGMA synchronous=FULL;
PRAGMA cache_size=-65536;
ATTACH 'events.db' AS source;
CREATE TABLE main.events (position INTEGER PRIMARY KEY, stream TEXT NOT NULL,
	version INTEGER NOT NULL, id TEXT, type TEXT NOT NULL, time_ns INTEGER, correlation_id TEXT,
	causation_id TEXT, content_type TEXT, tags TEXT, attributes TEXT, metadata ANY, data ANY) STRICT;
CREATE UNIQUE INDEX main.events_stream_version ON events (stream, version);
CREATE UNIQUE INDEX main.events_id ON events (id);
INSERT INTO main.events SELECT * FROM source.events ORDER BY position;
END

echo "making $events events"
gen --events "$events" >events.jsonl
esimport --plain --from events.jsonl --to sqlite://events.db --batch-size 1000000 2>/dev/null
esexport --from sqlite://events.db --out events.jsonl.zst 2>/dev/null
esexport --from sqlite://events.db --out events.cbor.zst 2>/dev/null
cat events.db events.jsonl events.jsonl.zst events.cbor.zst >/dev/null # into memory

# measure ROW NAME COMMAND: wall, CPU and peak memory, a line behind those before.
measure() {
	rm -f out.db
	if ! /usr/bin/time -o time -f '%e %U %S %M' sh -c "exec $3" >/dev/null 2>log; then
		cat log >&2
		echo "bench: failed: $3" >&2
		exit 1
	fi
	awk '{ print $1, $2 + $3, $4 }' time >>"times.$1"
}

# Each round runs every row once, so that what the machine does meanwhile meets all of them.
round=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	echo "round $round of $rounds"
	row=0
	while IFS='	' read -r name floor command; do
		row=$((row + 1))
		measure "$row" "$name" "$command" </dev/null
	done <rows
done

# median ROW COLUMN
median() {
	awk -v column="$2" '{ print $column }' "times.$1" | sort -n |
		awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

printf '\n%-26s %8s %8s %8s %8s  %s\n' "" "wall s" "k/s" "CPU s" "MiB" "times the floor (wall, CPU)"
row=0
while IFS='	' read -r name floor command; do
	row=$((row + 1))
	wall=$(median $row 1)
	cpu=$(median $row 2)
	echo "$name	$wall	$cpu" >>medians
	awk -F '\t' -v name="$name" -v floor="$floor" -v wall="$wall" -v cpu="$cpu" \
		-v kib="$(median $row 3)" -v events="$events" '
		$1 == floor { against = sprintf("%.2f, %.2f of %s", wall / ($2 + 0.005),
			cpu / ($3 + 0.005), floor) }
		END { printf "%-26s %8.2f %8.0f %8.2f %8.0f  %s\n", name, wall,
			events / 1000 / (wall + 0.005), cpu, kib / 1024, against }' medians
done <rows
