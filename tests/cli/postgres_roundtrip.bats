# Events between SQLite and PostgreSQL, by every way: each field comes back as it was, type and bytes.
load helpers
load stores
load postgres
set -o pipefail

setup_file() {
	postgres_start
	cd "$BATS_FILE_TMPDIR" || return 1
	"$REPO/tests/nasty.py" --set postgresql nasty.db
	"$REPO/tests/nasty.py" --set postgresql --seed 5 --events 400 random.db
	"$REPO/tests/nasty.py" --seed 0 --events 0 empty.db
	for name in nasty random; do
		pg_db source_$name >/dev/null
		esexport --from sqlite://$name.db | esimport --to "$(pg_address source_$name)"
	done
}
teardown_file() {
	postgres_stop
}

setup() {
	made=$BATS_FILE_TMPDIR
	source_nasty=$(pg_address source_nasty)
}

nasty() {
	"$REPO/tests/nasty.py" "$@"
}

# The same $2 events in SQLite file $1.db and in database $1.
both_of() {
	pg_db "$1" >/dev/null
	events "$2" | tee "$1.jsonl" | esimport --plain --to "sqlite://$1.db"
	esimport --plain --from "$1.jsonl" --to "$(pg_address "$1")"
}

# source_of STORE NAME, target_of STORE NAME: addresses.
source_of() {
	case $1 in
	sqlite) echo "sqlite://$made/$2.db" ;;
	*) pg_address "source_$2" ;;
	esac
}
target_of() {
	case $1 in
	sqlite) echo "sqlite://$2.db" ;;
	*) pg_db "$2" ;;
	esac
}

# through WAY FROM TO
through() {
	case $1 in
	pipe) esexport --from "$2" | esimport --to "$3" ;;
	*)
		esexport --force --from "$2" --out "way.$1.zst"
		esimport --from "way.$1.zst" --to "$3"
		;;
	esac
}

# The table of events of database $1, by the server's word.
dump() {
	pg "$1" 'COPY (SELECT * FROM events ORDER BY position) TO STDOUT'
}

same_dumps() {
	dump "$1" >one.txt && dump "$2" >two.txt && [ -s one.txt ] && cmp one.txt two.txt
}

# What both kinds of table hold, in the same words, without any of our code: texts and payloads in
# hexadecimal, times as nanoseconds.  A REAL has another text in each of them.
words_of_sqlite() {
	sqlite3 "$1" "SELECT position, hex(CAST(stream AS BLOB)), version, hex(CAST(id AS BLOB)), id IS NULL,
		hex(CAST(type AS BLOB)), nullif(time_ns, -9223372036854775807 - 1),
		hex(CAST(correlation_id AS BLOB)), correlation_id IS NULL, hex(CAST(causation_id AS BLOB)),
		causation_id IS NULL, hex(CAST(content_type AS BLOB)), content_type IS NULL,
		iif(typeof(metadata) = 'real', 'REAL', hex(CAST(metadata AS BLOB))), metadata IS NULL,
		iif(typeof(data) = 'real', 'REAL', hex(CAST(data AS BLOB))), data IS NULL
		FROM events ORDER BY position"
}

# reals DB.db COLUMN: the positions of its REALs, in parentheses.
reals() {
	sqlite3 "$1" "SELECT '(' || coalesce(group_concat(position), 'NULL') || ')' FROM events
		WHERE typeof($2) = 'real'"
}

# words_of_postgres DB DB.db: the second says which payloads were REALs.
words_of_postgres() {
	pg "$1" "CREATE FUNCTION pg_temp.hex(s text) RETURNS text
		RETURN coalesce(upper(encode(convert_to(s, 'UTF8'), 'hex')), '')" \
		"CREATE FUNCTION pg_temp.payload(json, bytea) RETURNS text
		RETURN coalesce(pg_temp.hex(\$1::text), '') || coalesce(upper(encode(\$2, 'hex')), '')" \
		"SELECT position, pg_temp.hex(stream), version, pg_temp.hex(id), (id IS NULL)::int,
		pg_temp.hex(type), CASE WHEN isfinite(time) THEN
			(extract(epoch FROM time) * 1000000000 + coalesce(nanoseconds, 0))::bigint END,
		pg_temp.hex(correlation_id), (correlation_id IS NULL)::int, pg_temp.hex(causation_id),
		(causation_id IS NULL)::int, pg_temp.hex(content_type), (content_type IS NULL)::int,
		CASE WHEN position IN $(reals "$2" metadata) THEN 'REAL'
			ELSE pg_temp.payload(metadata, metadata_bytes) END,
		(metadata IS NULL AND metadata_bytes IS NULL)::int,
		CASE WHEN position IN $(reals "$2" data) THEN 'REAL'
			ELSE pg_temp.payload(data, data_bytes) END,
		(data IS NULL AND data_bytes IS NULL)::int
		FROM events ORDER BY position"
}

# same_words DB.db DB
same_words() {
	words_of_sqlite "$1" >one.txt && words_of_postgres "$2" "$1" >two.txt && [ -s one.txt ] &&
		cmp one.txt two.txt
}

# The other end, by a comparison that this way allows, and by esverify.
same_ends() {
	case $1-$2 in
	sqlite-sqlite) nasty --compare "$made/$3.db" "$3.db" events ;;
	sqlite-postgres) same_words "$made/$3.db" "$3" ;;
	postgres-sqlite) nasty --compare "$made/$3.db" "$3.db" events ;;
	postgres-postgres) same_dumps "source_$3" "$3" ;;
	esac
}

# all_ways FROM TO
all_ways() {
	local name way from to

	for name in nasty random; do
		for way in jsonl cbor pipe; do
			rm -f "$name.db"
			from=$(source_of "$1" $name) to=$(target_of "$2" $name)
			through $way "$from" "$to"
			same_ends "$1" "$2" $name || { echo "$name, $way" && false; }
			esverify "$from" "$to"
		done
	done
}

@test "the comparisons see what differs" {
	same_words "$made/nasty.db" source_nasty
	same_words "$made/random.db" source_random
	for change in "nanoseconds = (coalesce(nanoseconds, 0) + 1) % 1000 WHERE time IS NOT NULL" \
		"data = (data::text || ' ')::json WHERE data IS NOT NULL" "stream = stream || ' '" \
		"id = NULL" "metadata_bytes = '\x00'" "position = position - 1"; do
		pg_db copy -T source_random >/dev/null
		same_dumps source_random copy
		pg copy 'ALTER TABLE events DROP CONSTRAINT events_pkey' "UPDATE events SET $change"
		run -1 same_dumps source_random copy
		run -1 same_words "$made/random.db" copy
	done
}

@test "SQLite to SQLite, with the events that PostgreSQL can hold" {
	all_ways sqlite sqlite
}

@test "SQLite to PostgreSQL" {
	all_ways sqlite postgres
}

@test "PostgreSQL to SQLite" {
	all_ways postgres sqlite
}

@test "PostgreSQL to PostgreSQL" {
	all_ways postgres postgres
}

@test "a chain of stores in turn" {
	esexport --from "sqlite://$made/nasty.db" --codec cbor | esimport --to "$(pg_db one)"
	esexport --from "$(pg_address one)" | esimport --to sqlite://two.db
	esexport --from sqlite://two.db | esimport --to "$(pg_db three)"
	esexport --from "$(pg_address three)" --plain | esimport --to "$(pg_db four)"
	esexport --from "$(pg_address four)" --codec cbor --chunk-size 1KiB |
		esimport --batch-size 7 --to sqlite://five.db
	nasty --compare "$made/nasty.db" five.db events
	same_dumps one three
	same_dumps one four
}

@test "events by seed, to PostgreSQL and back" {
	for seed in 21 22 23; do
		rm -f ./*.db
		nasty --set postgresql --seed $seed --events 500 a.db
		esexport --from sqlite://a.db | esimport --batch-size 99 --to "$(pg_db seed)"
		esexport --from "$(pg_address seed)" --codec cbor --chunk-size 10KiB |
			esimport --to sqlite://b.db
		nasty --compare a.db b.db events || { echo "seed $seed" && false; }
		same_words a.db seed || { echo "seed $seed" && false; }
	done
}

@test "times have all their nanoseconds, and JSON its text, in the table itself" {
	printf '%s\n' '{"position":1,"stream":"s","version":0,"type":"T","time":"2026-01-31T12:00:00.123456789Z","data":{"b":1.10, "a":[1e400,-0],"a":"\u0000"}}' \
		'{"position":2,"stream":"s","version":1,"type":"T","time":"1969-12-31T23:59:59.999999999Z"}' \
		'{"position":3,"stream":"s","version":2,"type":"T","time":"2026-01-31T12:00:00Z","metadata":"\ud800"}' \
		'{"position":4,"stream":"s","version":3,"type":"T","data":null}' >x.jsonl
	esimport --from x.jsonl --to "$(pg_db exact)"
	same "$(pg exact "SET timezone TO UTC" "SELECT time, nanoseconds, metadata, data FROM events ORDER BY position")" \
		'2026-01-31 12:00:00.123456+00|789||{"b":1.10, "a":[1e400,-0],"a":"\u0000"}
1969-12-31 23:59:59.999999+00|999||
2026-01-31 12:00:00+00|0|"\ud800"|
|||null'
	same "$(pg exact 'SELECT count(*) FROM events WHERE data IS NULL')" 2
}

@test "a store without events, and one of one event" {
	for n in 0 1; do
		both_of few $n
		same "$(pg few 'SELECT count(*) FROM events')" $n
		esverify sqlite://few.db "$(pg_address few)"
		for codec in jsonl cbor; do
			esexport --force --from "$(pg_address few)" --codec $codec --out few.zst
			esverify few.zst
			rm -f back.db
			esimport --from few.zst --to sqlite://back.db
			same "$(sqlite3 back.db 'SELECT count(*) FROM events')" $n
			esverify sqlite://few.db sqlite://back.db
			esimport --from few.zst --to "$(pg_db more)"
			same "$(pg more 'SELECT count(*) FROM events')" $n
			esverify "$(pg_address few)" "$(pg_address more)"
		done
		rm -f ./*.db
	done
}

@test "the bytes of an archive do not depend on the number of workers" {
	export SOURCE_DATE_EPOCH=1767225600
	for codec in jsonl cbor; do
		for workers in 1 2 5; do
			esexport --from "$source_nasty" --codec $codec --workers $workers --chunk-size 64KiB \
				--out $workers-$codec.zst
		done
		cmp 1-$codec.zst 2-$codec.zst
		cmp 1-$codec.zst 5-$codec.zst
	done
	run -1 cmp 1-jsonl.zst 1-cbor.zst
}

@test "ranges and filters take the same events from PostgreSQL as from SQLite" {
	both_of shop 300
	while read -r -a options; do
		# A filter that takes none, or all, would say nothing.
		esexport --from sqlite://shop.db --plain "${options[@]}" >one.jsonl
		esexport --from "$(pg_address shop)" --plain "${options[@]}" >two.jsonl
		n=$(wc -l <one.jsonl)
		[ "$n" -gt 0 ] && [ "$n" -lt 300 ]
		cmp one.jsonl two.jsonl
		esverify "${options[@]}" sqlite://shop.db "$(pg_address shop)" | grep "^the same: $n event"
		esexport --from "$(pg_address shop)" "${options[@]}" | esimport --to "$(pg_db some)"
		same "$(pg some 'SELECT count(*) FROM events')" "$n"
	done <<-'END'
		--after 100
		--upto 7
		--after 10 --upto 11
		--stream order-3
		--stream order-[12] --stream *-4
		--type Paid
		--type P* --stream order-0 --after 50
		--since 2026-01-01T00:02:00Z
		--until 2026-01-01T00:02:00Z
		--since 2026-01-01T00:01:00Z --until 2026-01-01T00:02:00.5Z --type Shipped --upto 90
	END
	for options in "--after 300" "--type Nobody" "--upto 0"; do
		# shellcheck disable=SC2086 # a list of words
		run -0 --separate-stderr esexport --from "$(pg_address shop)" --plain $options
		same "$output" ""
	done
}

@test "filters on nasty events" {
	for options in "--after 120" "--upto 60" "--stream nasty-[a-j]*" "--type Nasty --after 30" \
		"--since 1970-01-01" "--until 1970-01-01"; do
		rm -f ./*.db
		# shellcheck disable=SC2086 # a list of words
		esexport --from "$source_nasty" $options | esimport --to sqlite://some.db
		# shellcheck disable=SC2086
		esexport --from "sqlite://$made/nasty.db" $options | esimport --to sqlite://wanted.db
		nasty --compare wanted.db some.db events
	done
}

@test "an event that PostgreSQL cannot hold is refused by name, and nothing is left" {
	nasty --set not-postgresql not.db
	sqlite3 not.db 'SELECT position FROM events ORDER BY position' >positions
	same "$(wc -l <positions)" 10
	target=$(pg_db refused)
	# How deep JSON may be is a matter of the stack.
	pg refused "ALTER DATABASE refused SET max_stack_depth = '200kB'"
	while read -r position; do
		cp not.db one.db
		sqlite3 one.db "DELETE FROM events WHERE position <> $position"
		field=$(sqlite3 one.db "SELECT CASE WHEN instr(stream, char(0)) THEN 'stream'
			WHEN instr(id, char(0)) THEN 'id' WHEN instr(type, char(0)) THEN 'type'
			WHEN instr(correlation_id, char(0)) THEN 'correlation_id'
			WHEN instr(content_type, char(0)) THEN 'content_type'
			WHEN attributes IS NULL THEN 'data' ELSE 'attributes' END FROM events")
		esexport --from sqlite://one.db --out one.zst --force
		run -3 --separate-stderr esimport --from one.zst --to "$target"
		# shellcheck disable=SC2154 # bats sets stderr
		has "$stderr" "event $position (stream "
		has "$stderr" "field $field: "
		same "$(pg refused "SELECT count(*) FROM pg_class
			WHERE relnamespace = 'public'::regnamespace")" 0
	done <positions
}
