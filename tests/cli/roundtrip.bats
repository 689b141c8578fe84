# Every value that goes through esexport and esimport comes back as it was: type and bytes.
load helpers
set -o pipefail

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	"$REPO/tests/nasty.py" all.db
	"$REPO/tests/nasty.py" --set jq jq.db
}

setup() {
	all=$BATS_FILE_TMPDIR/all.db
	jq=$BATS_FILE_TMPDIR/jq.db
}

nasty() {
	"$REPO/tests/nasty.py" "$@"
}

# same A.db B.db [TABLE...]: prints the first differences, and fails, where there are any.
same() {
	local a=$1 b=$2

	shift 2
	nasty --compare "$a" "$b" "${@:-events}"
}

through_pipe() {
	esexport --from "sqlite://$1" | esimport --to "sqlite://$2"
}

# An empty store of layout native in this encoding.
empty_store() {
	nasty --seed 0 --events 0 --encoding "$2" "$1"
}

# A table of odd names that takes any value in any column.
odd_table() {
	sqlite3 "$1" 'CREATE TABLE "odd ""events""" (seq INTEGER PRIMARY KEY, "of stream" TEXT, num,
		uuid, kind TEXT, "when", cause, why, body, "meta-data", labels, tenant, weight, rest)'
}

# Every value in every column that may hold it, beside everything in the column of the rest.
odd_rows() {
	sqlite3 "$1" <<-'END'
		CREATE TEMP TABLE v(x);
		INSERT INTO v VALUES (NULL), (''), ('a'), (x''), (x'00'), (0), (1), (-1), (1.5), (1.0),
			(9e999), (9223372036854775807), (-9223372036854775808), (1767225600), ('main'),
			('2026-01-31 12:00:00'), ('2026-01-31T12:00:00Z'), ('2026-01-31 12:00:00.120'),
			('2026-01-31T12:00:00.5Z'), ('2026-01-31T13:00:00+01:00'), ('2026-02-30 00:00:00'),
			('6ba7b810-9dad-11d1-80b4-00c04fd430c8'), ('6ba7b8109dad11d180b400c04fd430c8'),
			('6BA7B8109DAD11D180B400C04FD430C8'), (x'6ba7b8109dad11d180b400c04fd430c8'),
			('{"a":1}'), ('{ "a": 1 }'), (CAST('{"a":1}' AS BLOB)), (CAST('[ ]' AS BLOB)),
			('["a"]'), ('[ "a" ]'), ('null'), ('1'), ('1.10'), ('"s"'), (x'f6'), ('{"a":1');
		CREATE TEMP TABLE r(y);
		INSERT INTO r VALUES (NULL), ('{}'), ('{"a":1}'), ('{ "b":[1, 2] }'), ('{"tenant":"x","c":1}'),
			('{"tenant":"main"}'), ('{"$data":"text","$metadata":"blob"}'), ('{"$id":0,"$tags":"a"}'),
			('{"$time":1767225600}'), ('{"$attributes":"{}"}'), (7), (x'7b7d'), ('');
		INSERT INTO "odd ""events""" SELECT row_number() OVER (), 'odd', row_number() OVER (), x,
			'K', x, x, x, x, x, x, x, x, y FROM v, r;
		INSERT INTO "odd ""events""" SELECT max(seq) + 1, 'bad', 1, x'ff', 'K', CAST(x'ff' AS TEXT),
			x'ff', x'ff', CAST(x'ff' AS TEXT), CAST(x'ff' AS TEXT), CAST(x'ff' AS TEXT),
			CAST(x'ff' AS TEXT), CAST(x'ff' AS TEXT), CAST(x'ff' AS TEXT) FROM "odd ""events""";
	END
}

# odd_layout FILE ID TIME DATA METADATA: the conversions of the columns that have a choice.
odd_layout() {
	cat >"$1" <<-END
		{"layout": 1, "name": "odd", "store": "sqlite", "events": {"table": "odd \"events\"", "columns": {
			"rest": {"field": "attributes"}, "seq": {"field": "position"},
			"of stream": {"field": "stream"}, "num": {"field": "version", "base": 1},
			"uuid": {"field": "id", "as": "$2"}, "kind": {"field": "type"},
			"when": {"field": "time", "as": "$3"}, "cause": {"field": "correlation_id", "as": "$2"},
			"why": {"field": "causation_id"}, "body": {"field": "data", "as": "$4"},
			"meta-data": {"field": "metadata", "as": "$5"}, "labels": {"field": "tags"},
			"tenant": {"attribute": "tenant", "default": "main"},
			"weight": {"attribute": "weight", "default": 0}}}}
	END
}

emmett_store() {
	cp "$REPO/tests/stores/emmett-sqlite/store.db" "$1"
}

empty_emmett() {
	sqlite3 "$1" <"$REPO/tests/stores/emmett-sqlite/schema.sql"
}

@test "there are at least 120 kinds of nasty events, each with a name of its own" {
	[ "$(nasty --list | awk '{ print $1 }' | sort -u | wc -l)" -ge 120 ]
	[ "$(nasty --list | wc -l)" = "$(sqlite3 "$all" 'SELECT count(*) FROM events')" ]
	# What jq cannot pass on is little.
	[ "$(sqlite3 "$jq" 'SELECT count(*) FROM events')" -ge 270 ]
}

@test "the comparison sees types, bytes and rows" {
	nasty --seed 1 --events 50 a.db
	same a.db a.db
	for change in "data = CAST(data AS BLOB) WHERE typeof(data) = 'text'" \
		"version = version + 1000" "metadata = 1.0 WHERE typeof(metadata) = 'integer'" \
		"tags = NULL WHERE tags IS NOT NULL" "attributes = attributes || ' '" "type = type || char(0)"; do
		cp a.db b.db
		sqlite3 b.db "UPDATE events SET $change"
		run -1 same a.db b.db
		[ "${#lines[@]}" -gt 0 ]
	done
	cp a.db b.db
	sqlite3 b.db "DELETE FROM events WHERE position = (SELECT max(position) FROM events)"
	run -1 same a.db b.db
	[ "$output" = "events: 50 and 49 rows" ]
}

@test "a jsonl archive" {
	esexport --from "sqlite://$all" --out x.jsonl.zst
	esimport --from x.jsonl.zst --to sqlite://b.db
	same "$all" b.db
	run esverify x.jsonl.zst
	[[ $output == *"whole, every digest fits"* ]]
}

@test "a cbor archive" {
	esexport --from "sqlite://$all" --out x.cbor.zst
	esimport --from x.cbor.zst --to sqlite://b.db
	same "$all" b.db
}

@test "a pipe of each codec" {
	for codec in jsonl cbor; do
		esexport --from "sqlite://$all" --codec $codec | esimport --to sqlite://$codec.db
		same "$all" $codec.db
	done
}

@test "plain JSON Lines" {
	esexport --from "sqlite://$all" --plain | esimport --to sqlite://b.db
	same "$all" b.db
}

@test "plain JSON Lines with exact text through jq" {
	esexport --from "sqlite://$jq" --plain --exact-text | jq -c . >x.jsonl
	esimport --from x.jsonl --to sqlite://b.db
	same "$jq" b.db
}

@test "an archive with exact text through zstd and jq" {
	nasty --set jq --seed 11 --events 1500 a.db
	esexport --from sqlite://a.db --exact-text --out x.jsonl.zst
	zstd -dc x.jsonl.zst | jq -c . | esimport --to sqlite://b.db
	same a.db b.db
}

@test "what zstd prints of an archive" {
	esexport --from "sqlite://$all" --out x.jsonl.zst
	zstd -dc x.jsonl.zst | esimport --to sqlite://b.db
	same "$all" b.db
}

@test "a chain of stores through both codecs" {
	esexport --from "sqlite://$all" --codec cbor | esimport --to sqlite://b.db
	esexport --from sqlite://b.db --codec jsonl | esimport --to sqlite://c.db
	esexport --from sqlite://c.db --out c.cbor.zst
	same "$all" c.db
}

@test "from codec to codec without a store between" {
	esexport --from "sqlite://$all" --out a.jsonl.zst
	esexport --from a.jsonl.zst --out a.cbor.zst
	esexport --from a.cbor.zst --codec jsonl | esexport --from - --plain | esimport --to sqlite://b.db
	same "$all" b.db
}

@test "chunks and transactions of a few events" {
	esexport --from "sqlite://$all" --chunk-size 1KiB --workers 3 --out x.cbor.zst
	esimport --from x.cbor.zst --workers 3 --batch-size 7 --to sqlite://b.db
	same "$all" b.db
	esexport --from sqlite://b.db --chunk-size 256MiB --level 3 --workers 1 |
		esimport --workers 1 --to sqlite://c.db
	same "$all" c.db
}

@test "stores in UTF-16, as source and as target" {
	for encoding in UTF-16le UTF-16be; do
		nasty --set utf16 --encoding $encoding a-$encoding.db
		through_pipe a-$encoding.db b-$encoding.db
		same a-$encoding.db b-$encoding.db
		empty_store c-$encoding.db $encoding
		through_pipe b-$encoding.db c-$encoding.db
		same a-$encoding.db c-$encoding.db
		[ "$(sqlite3 c-$encoding.db 'PRAGMA encoding')" = $encoding ]
	done
}

@test "events by seed, through each codec" {
	for seed in 1 2 3 4; do
		nasty --seed $seed --events 600 a.db
		esexport --from sqlite://a.db | esimport --to sqlite://b.db
		esexport --from sqlite://b.db --codec cbor --chunk-size 10KiB | esimport --to sqlite://c.db
		same a.db c.db || { echo "seed $seed" && false; }
		rm ./*.db
	done
}

@test "a text field that is not UTF-8 is refused, with the event and the field" {
	empty_store empty.db UTF-8
	for field in stream id type correlation_id causation_id content_type; do
		cp empty.db $field.db
		sqlite3 $field.db "INSERT INTO events (position, stream, version, type) VALUES (1, 's', 0, 'T'),
			(2, 's', 7, 'T'); UPDATE events SET $field = CAST(x'61ff' AS TEXT) WHERE position = 2"
		run -3 --separate-stderr esexport --from sqlite://$field.db --out $field.jsonl.zst
		# shellcheck disable=SC2154 # bats sets stderr
		[[ $stderr == *"event 2 "*"version 7"*"field $field: is not valid UTF-8"* ]]
		[ ! -e $field.jsonl.zst ]
	done
}

@test "a layout of one's own: every value in every column, by every conversion" {
	odd_table a.db
	odd_rows a.db
	for conv in "uuid-blob unix-ms json-blob bytes" "uuid-hex unix-s json json-blob" \
		"text rfc3339 bytes json" "uuid-hex datetime payload payload" "uuid-blob unix-us json bytes"; do
		# shellcheck disable=SC2086 # a list of words
		odd_layout odd.json $conv
		odd_table b.db
		esexport --from sqlite://a.db --layout ./odd.json |
			esimport --to sqlite://b.db --layout ./odd.json
		same a.db b.db 'odd "events"'
		odd_table c.db
		esexport --from sqlite://b.db --layout ./odd.json --codec cbor |
			esimport --to sqlite://c.db --layout ./odd.json
		same a.db c.db 'odd "events"'
		rm b.db c.db
	done
}

@test "a store of Emmett into its own schema" {
	emmett_store a.db
	empty_emmett b.db
	through_pipe a.db b.db
	same a.db b.db emt_messages emt_streams
}

@test "a store of Emmett into native, and back into its own schema" {
	emmett_store a.db
	empty_emmett b.db
	through_pipe a.db native.db
	[ "$(sqlite3 native.db 'SELECT count(*) FROM events')" = 187 ]
	through_pipe native.db b.db
	same a.db b.db emt_messages emt_streams
}

@test "a store of Emmett through both codecs, zstd and small chunks" {
	emmett_store a.db
	empty_emmett b.db
	esexport --from sqlite://a.db --chunk-size 1KiB --out a.jsonl.zst
	zstd -dc a.jsonl.zst | esimport --to sqlite://native.db
	esexport --from sqlite://native.db --out n.cbor.zst
	esimport --from n.cbor.zst --to sqlite://b.db
	same a.db b.db emt_messages emt_streams
}

@test "values that native has no column for come back from it" {
	emmett_store a.db
	sqlite3 a.db "UPDATE emt_messages SET created = 'last summer' WHERE global_position = 1;
		UPDATE emt_messages SET created = 1767225600 WHERE global_position = 2;
		UPDATE emt_messages SET created = NULL WHERE global_position = 3;
		UPDATE emt_messages SET created = '2026-01-31T12:00:00.5Z' WHERE global_position = 4;
		UPDATE emt_messages SET created = '0001-01-01 00:00:00' WHERE global_position = 5;
		UPDATE emt_messages SET message_data = x'7b7d' WHERE global_position = 6;
		UPDATE emt_messages SET message_data = 'no JSON' WHERE global_position = 7;
		UPDATE emt_messages SET message_id = x'00ff' WHERE global_position = 8;
		UPDATE emt_messages SET partition = 'p', message_kind = 'C', is_archived = 1 WHERE global_position = 9"
	empty_emmett b.db
	through_pipe a.db native.db
	through_pipe native.db native-2.db
	same native.db native-2.db
	through_pipe native-2.db b.db
	same a.db b.db emt_messages
}
