#!/usr/bin/env bash
# Speed and memory against floors: what other programs need for the least part of the same work.
# run.sh [EVENTS] [ROUNDS]; see README.md for the rows.  ROWS=pg runs only those with that in their
# names, and so does ROWS=nats.
set -euo pipefail

events=${1:-300000}
rounds=${2:-5}
wanted=${ROWS:-}
here=$(cd "$(dirname "$0")" && pwd)
PATH="${BIN:?}:$BIN/bench:$PATH"
dir=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX")
export BATS_FILE_TMPDIR=$dir
# shellcheck source=tests/cli/postgres.bash
source "$here/../tests/cli/postgres.bash"
# shellcheck source=tests/cli/nats.bash
source "$here/../tests/cli/nats.bash"
trap 'nats_stop; postgres_stop; rm -rf "$dir"' EXIT
cd "$dir"

# Rows: name, the rows that it is compared with (- for none), what comes before (-, or a function
# of server.sh or jetstream.sh for the rows of a server), command.
cat >all <<'END'
scan	-	-	sqlite3 -readonly events.db 'SELECT * FROM events ORDER BY position'
zstd	-	-	zstd -q -1 -T1 -c events.jsonl
zstd2	-	-	zstd -q -1 -T2 -c events.jsonl
copy	-	-	sqlite3 out.db ".read copy.sql"
unzstd	-	-	zstd -q -d -c events.jsonl.zst
export jsonl, 1 worker	zstd	-	esexport --from sqlite://events.db --out - --codec jsonl --workers 1
export jsonl, 2 workers	zstd2	-	esexport --from sqlite://events.db --out - --codec jsonl --workers 2
export cbor, 1 worker	zstd	-	esexport --from sqlite://events.db --out - --codec cbor --workers 1
export cbor, 2 workers	zstd2	-	esexport --from sqlite://events.db --out - --codec cbor --workers 2
export plain	scan	-	esexport --from sqlite://events.db --out - --plain
import jsonl	copy	-	esimport --from events.jsonl.zst --to sqlite://out.db
import jsonl, verified	import jsonl	-	esimport --verify --from events.jsonl.zst --to sqlite://out.db
import jsonl, piped, verified	import jsonl	-	esimport --verify --to sqlite://out.db <events.jsonl.zst
import cbor	copy	-	esimport --from events.cbor.zst --to sqlite://out.db
import jsonl, one batch	copy	-	esimport --from events.jsonl.zst --to sqlite://out.db --batch-size 1000000
import plain	copy	-	esimport --from events.jsonl --plain --to sqlite://out.db
verify jsonl	unzstd	-	esverify events.jsonl.zst
verify cbor	unzstd	-	esverify events.cbor.zst
read a store	scan	-	esexport --from sqlite://events.db --out - --plain --type none
digest of a store	read a store	-	esverify --digest sqlite://events.db
compare two stores	read a store	-	esverify sqlite://events.db sqlite://events.db
compare archive, store	verify jsonl,read a store	-	esverify events.jsonl.zst sqlite://events.db
compare archive, store, fast	compare archive, store	-	esverify --fast events.jsonl.zst sqlite://events.db
pg binary	-	checkpoint	psql -Xqd "$store" -c 'COPY (SELECT * FROM events ORDER BY position) TO STDOUT (FORMAT binary)'
pg text	-	checkpoint	psql -Xqd "$store" -c 'COPY (SELECT * FROM events ORDER BY position) TO STDOUT'
pg read, none passes	pg binary	checkpoint	esexport --from "$store" --out - --plain --type none
pg export plain	pg binary,pg text	checkpoint	esexport --from "$store" --out - --plain
pg export jsonl, 1 worker	pg binary,pg text	checkpoint	esexport --from "$store" --out - --codec jsonl --workers 1
pg export cbor, 2 workers	pg binary,pg text	checkpoint	esexport --from "$store" --out - --codec cbor --workers 2
pg copy, indexed	-	fresh_indexed	psql -Xqd "$target" -f copy_rows.sql
pg copy, then indexes	-	fresh	psql -Xqd "$target" -1 -f table.sql -f copy_rows.sql -f indexes.sql
pg import, indexed	pg copy, indexed	fresh_indexed	esimport --from events.jsonl.zst --to "$target"
pg import, then indexes	pg copy, then indexes	fresh	esimport --from events.jsonl.zst --to "$target"
pg import, verified	pg import, then indexes	fresh	esimport --verify --from events.jsonl.zst --to "$target"
pg import cbor	pg copy, then indexes	fresh	esimport --from events.cbor.zst --to "$target"
pg compare	pg read, none passes	checkpoint	esverify sqlite://events.db "$store"
pg compare, fast	pg compare	checkpoint	esverify --fast events.jsonl.zst "$store"
pg compare, bisect	pg compare	checkpoint	esverify --bisect sqlite://events.db "$store"
pg compare, sample	pg compare	checkpoint	esverify --sample 100 --seed 1 sqlite://events.db "$store"
pg compare, both	pg read, none passes	checkpoint	esverify "$store" "$store"
pg compare, both, bisect	pg compare, both	checkpoint	esverify --bisect "$store" "$store"
nats fetch	-	nats_rest	natsloop fetch "$nats_url" source
nats publish	-	nats_fresh	natsloop publish "$nats_url" target events.messages
nats read, none passes	nats fetch	nats_rest	esexport --from "$nats_url/source" --out - --plain --type none
nats export plain	nats fetch	nats_rest	esexport --from "$nats_url/source" --out - --plain
nats export jsonl, 1 worker	nats fetch	nats_rest	esexport --from "$nats_url/source" --out - --codec jsonl --workers 1
nats export cbor, 2 workers	nats fetch	nats_rest	esexport --from "$nats_url/source" --out - --codec cbor --workers 2
nats import jsonl	nats publish	nats_fresh	esimport --from events.jsonl.zst --to "$nats_url/target"
nats import, verified	nats import jsonl	nats_fresh	esimport --verify --from events.jsonl.zst --to "$nats_url/target"
nats import cbor	nats publish	nats_fresh	esimport --from events.cbor.zst --to "$nats_url/target"
END
awk -F '\t' -v wanted="$wanted" 'index($1, wanted)' all >rows

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
if grep -q '^pg ' rows; then
	# shellcheck source=bench/server.sh
	source "$here/server.sh"
	server_start "$here/../spec/layouts/native-postgresql.json"
fi
if grep -q '^nats ' rows; then
	# shellcheck source=bench/jetstream.sh
	source "$here/jetstream.sh"
	jetstream_start
fi
cat ./events.* >/dev/null # into memory

# CPU time until now of the server that what comes before a row is for.
ticks_of() {
	case $1 in
	nats_*) jetstream_ticks ;;
	*) server_ticks ;;
	esac
}

# measure ROW BEFORE COMMAND: wall, CPU, peak memory and the server's CPU, a line behind those before.
measure() {
	local ticks=0

	rm -f out.db
	if [ "$2" != - ]; then
		"$2"
		ticks=$(ticks_of "$2")
	fi
	if ! /usr/bin/time -o time -f '%e %U %S %M' sh -c "exec $3" >/dev/null 2>log; then
		cat log >&2
		echo "bench: failed: $3" >&2
		exit 1
	fi
	[ "$2" = - ] || ticks=$(($(ticks_of "$2") - ticks))
	awk -v ticks="$ticks" -v second="$(getconf CLK_TCK)" \
		'{ print $1, $2 + $3, $4, ticks / second }' time >>"times.$1"
}

# Each round runs every row once, so that what the machine does meanwhile meets all of them.
round=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	echo "round $round of $rounds"
	row=0
	while IFS=$'\t' read -r -u 3 _ _ before command; do
		row=$((row + 1))
		measure "$row" "$before" "$command" </dev/null
	done 3<rows
done

# median ROW COLUMN
median() {
	awk -v column="$2" '{ print $column }' "times.$1" | sort -n |
		awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

printf '\n%-26s %8s %8s %8s %8s %8s  %s\n' "" "wall s" "k/s" "CPU s" "server s" "MiB" \
	"times the floor (wall, CPU, CPU of the server)"
row=0
while IFS=$'\t' read -r name floors _ _; do
	row=$((row + 1))
	wall=$(median $row 1)
	cpu=$(median $row 2)
	server=$(median $row 4)
	echo "$name	$wall	$cpu	$server" >>medians
	awk -F '\t' -v name="$name" -v floors="$floors" -v wall="$wall" -v cpu="$cpu" \
		-v server="$server" -v kib="$(median $row 3)" -v events="$events" '
		# The names of rows may have commas in them.
		floors == $1 || index("," floors ",", "," $1 ",") {
			against = against sprintf("%s%.2f, %.2f", against ? "; " : "",
				wall / ($2 + 0.005), cpu / ($3 + 0.005))
			if ($4 > 0)
				against = against sprintf(", %.2f", server / ($4 + 0.005))
			against = against " of " $1
		}
		END { printf "%-26s %8.2f %8.0f %8.2f %8s %8.0f  %s\n", name, wall,
			events / 1000 / (wall + 0.005), cpu,
			(server > 0 ? sprintf("%.2f", server) : ""), kib / 1024, against }' medians
done <rows
