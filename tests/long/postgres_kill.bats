# Connections that are cut and servers that crash, again and again, while the programs work:
# they go on by themselves, and every event is there once.
load ../cli/helpers
load ../cli/postgres
load ../disturb
load ../jobs

n=${KILL_EVENTS:-300000}

setup_file() {
	# A server that crashes and one that keeps its word.
	postgres_start fsync=on
}
teardown_file() {
	postgres_stop
}

# disturb sets them.
ended=0 crashed=0

enough() {
	echo "# $ended times sessions ended, $crashed times the server crashed"
	((ended >= $1 && crashed >= $1))
}

pipe() {
	esexport --from "$1" --level 9 --chunk-size 256KiB | esimport --to "$2" --batch-size 30
}

# What a program does, with psql: a row a transaction, again until the server says that it is there.
# Until there is a file `stop`, or $2 rows are written; how many is in the file rows.
stand_in() {
	local i

	for ((i = 1; i <= $2; i++)); do
		until pg "$1&application_name=es-stand-in" "INSERT INTO t VALUES ($i) ON CONFLICT DO NOTHING" \
			'SELECT pg_sleep(0.02)' >/dev/null; do
			:
		done
		echo $i >rows
		[ ! -e stop ] || return 0
	done
}

@test "disturbing a job meets its sessions, and ends with it" {
	address=$(pg_db stand_in)
	pg "$address" 'CREATE TABLE t (n int PRIMARY KEY)'
	start stand_in "$address" 100000
	disturb $job 6
	touch stop
	ends_well
	enough 3
	[ "$(pg "$address" 'SELECT count(*), max(n) FROM t')" = "$(cat rows)|$(cat rows)" ]
	grep -q 'terminating connection due to administrator command' said
	grep -q 'terminating connection because of unexpected postmaster exit\|immediate shutdown' said
	rm stop
	start stand_in "$address" 3
	disturb $job 1000
	ends_well
	((ended + crashed < 1000))
}

@test "an import goes on where sessions end and the server crashes" {
	address=$(pg_db target)
	"$BIN/bench/gen" --events "$n" | esimport --plain --to sqlite://a.db --batch-size 1000000
	esexport --from sqlite://a.db --out a.cbor.zst
	start esimport --from a.cbor.zst --to "$address" --batch-size 30
	disturb $job 30
	ends_well
	enough 12
	esverify --positions a.cbor.zst "$address"
	run -0 esimport --log-format json --from a.cbor.zst --to "$address"
	[[ $output == *'"written":0,"already_there":'$n,* ]]
}

@test "an import that gives up goes on when it is started again" {
	address=$(pg_db again)
	"$BIN/bench/gen" --events "$n" | esimport --plain --to sqlite://a.db --batch-size 1000000
	esexport --from sqlite://a.db --out a.cbor.zst
	start again esimport --from a.cbor.zst --to "$address&es_retry=0" --batch-size 30
	disturb $job 20
	ends_well
	enough 8
	echo "# started $(cat tries) times"
	(($(cat tries) > 16))
	esverify --positions a.cbor.zst "$address"
}

@test "an export goes on where sessions end and the server crashes" {
	address=$(pg_db source)
	"$BIN/bench/gen" --events "$n" >a.jsonl
	esimport --plain --from a.jsonl --to "$address" --batch-size 1000000
	esexport --from "$address" --out quiet.cbor.zst
	# One that takes its time to compress lasts.
	start esexport --from "$address" --level 15 --chunk-size 256KiB --out a.cbor.zst
	disturb $job 20
	ends_well
	enough 8
	esverify a.cbor.zst
	esverify --positions quiet.cbor.zst a.cbor.zst
	# Beside the frames, which end where they end: the same bytes of events.
	cmp <(esexport --from quiet.cbor.zst --plain) <(esexport --from a.cbor.zst --plain)
}

@test "an export that gives up leaves nothing that passes for one, and is made again" {
	address=$(pg_db anew)
	"$BIN/bench/gen" --events $((n / 3)) | esimport --plain --to "$address" --batch-size 1000000
	esexport --from "$address" --out quiet.cbor.zst
	start again esexport --from "$address&es_retry=0" --level 15 --chunk-size 256KiB --out a.cbor.zst
	disturb $job 6
	[ ! -e a.cbor.zst ]
	ends_well
	enough 3
	(($(cat tries) > 6))
	esverify --positions quiet.cbor.zst a.cbor.zst
}

@test "a pipe from one database into another goes on" {
	from=$(pg_db piped_from) to=$(pg_db piped_to)
	"$BIN/bench/gen" --events "$n" | esimport --plain --to "$from" --batch-size 1000000
	set -o pipefail
	start pipe "$from" "$to"
	disturb $job 16
	ends_well
	enough 6
	esverify --positions "$from" "$to"
	[ "$(pg piped_to 'SELECT count(*), count(DISTINCT position), count(DISTINCT id) FROM events')" = "$n|$n|$n" ]
}
