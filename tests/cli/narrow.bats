# esverify --bisect, --sample and --range: where two large places differ.
load helpers
load postgres
load nats
load stores
load ../sessions

setup_file() {
	postgres_start
	nats_start
	export FILES=$BATS_FILE_TMPDIR
	store "$FILES/a.db" 20000
	esexport --from "sqlite://$FILES/a.db" --out "$FILES/a.jsonl.zst" --chunk-size 64KiB
	for db in one two; do
		esimport --from "$FILES/a.jsonl.zst" --to "$(pg_db $db)"
		pg $db 'CREATE TABLE kept AS SELECT * FROM events'
	done
}
teardown_file() {
	nats_stop
	postgres_stop
}

# The events, as they were.
restore() {
	pg two 'TRUNCATE events' 'INSERT INTO events SELECT * FROM kept'
}

setup() {
	restore
}

# bisect A B: sets $findings, $read and $result, each JSON lines, and $code.
bisect() {
	code=0
	esverify --bisect --json "$@" >said 2>notes || code=$?
	findings=$(jq -c 'select(.finding) | [.finding, .position]' said)
	read=$(jq -c 'select(has("narrowed"))' said)
	result=$(jq -c 'select(.result)' said)
}

# sample A B: as bisect, for 20 samples of seed 7.
sample() {
	code=0
	esverify --sample 20 --seed 7 --json "$@" >said 2>notes || code=$?
	findings=$(jq -c 'select(.finding) | [.finding, .position]' said)
	result=$(jq -c 'select(has("samples"))' said)
}

# Whether the jq filter $2 holds of JSON $1.
holds() {
	jq -e "$2" <<<"$1" >/dev/null || {
		printf 'of:   %s\nnot:  %s\n' "$1" "$2"
		return 1
	}
}

# The sides that two is compared with.
sides() {
	echo "sqlite://$FILES/a.db" "$FILES/a.jsonl.zst" "$(pg_address one)"
}

@test "equal places are the same, and no event of a server is read" {
	for a in $(sides); do
		bisect "$a" "$(pg_address two)"
		same "$code$findings" 0
		holds "$read" '.narrowed and .ranges_compared == 0 and .queries_b == 1 and .events_read_b == 0'
		holds "$result" '.result == "same" and .equal == 20000 and .events_a == 20000 and .events_b == 20000'
		bisect "$(pg_address two)" "$a"
		same "$code$findings" 0
		holds "$read" '.narrowed and .queries_a == 1 and .events_read_a == 0'
	done
	bisect "$(pg_address one)" "$(pg_address two)"
	holds "$read" '.queries_a == 1 and .events_read_a == 0'
}

@test "of two servers of which one has a column more one makes no sums" {
	jq '.name = "more" | .events.columns |= (del(.tags) + {tags})' "$REPO/spec/layouts/native-postgresql.json" >more.json
	jq '.name = "less" | .events.table = "less" | del(.events.columns.tags, .schema, .indexes)' more.json >less.json
	pg two 'CREATE TABLE less AS SELECT * FROM events' 'ALTER TABLE less DROP COLUMN tags' \
		'ALTER TABLE less ADD PRIMARY KEY (position)'
	bisect "$(pg_address one)" "$(pg_address two)" --layout ./more.json --layout-b ./less.json
	same "$code$findings" 0
	holds "$read" '.narrowed and .events_read_a + .events_read_b == 20000'
	pg two 'UPDATE less SET version = 77777 WHERE position = 10007'
	bisect "$(pg_address two)" "$(pg_address one)" --layout ./less.json --layout-b ./more.json
	same "$code $findings" '1 ["different",10007]'
	pg two 'DROP TABLE less'
}

# change SQL POSITION WHAT: two was changed so, and it is found, and nothing else.
change() {
	local sql=$1 at=$2 what=$3 reverse=$3 a

	case $what in
	missing) reverse=extra ;;
	extra) reverse=missing ;;
	esac
	pg two "$sql"
	for a in $(sides); do
		bisect "$a" "$(pg_address two)"
		same "$code $findings" "1 [\"$what\",$at]"
		holds "$result" ".result == \"different\" and .$what == 1 and .missing + .extra + .different == 1"
		holds "$result" '.equal == .events_a - .missing - .different'
		holds "$read" '.narrowed and .queries_b <= 4 and .events_read_b <= 300 and .ranges_compared == 1'
		bisect "$(pg_address two)" "$a"
		same "$code $findings" "1 [\"$reverse\",$at]"
	done
	bisect "$(pg_address one)" "$(pg_address two)"
	holds "$read" '.queries_a <= 4 and .events_read_a <= 300 and .payload_bytes_read_a < 3000'
}

@test "one changed byte of a payload is found" {
	for at in 1 10007 20000; do
		change "UPDATE events SET data = replace(data::text, '}', ' }')::json WHERE position = $at" \
			$at different
		restore
	done
}

@test "one missing event is found" {
	for at in 1 10007 20000; do
		change "DELETE FROM events WHERE position = $at" $at missing
		restore
	done
}

@test "one event more is found, before, between and behind the others" {
	for at in 0 20001 9000000000000000; do
		change "INSERT INTO events (position, stream, version, type) VALUES ($at, 'new', 0, 'New')" \
			$at extra
		restore
	done
	pg one 'DELETE FROM events WHERE position = 777'
	bisect "$(pg_address one)" "$(pg_address two)"
	same "$code $findings" '1 ["extra",777]'
	pg one 'INSERT INTO events SELECT * FROM kept WHERE position = 777'
}

@test "what is missing is written as a repair archive" {
	pg two 'DELETE FROM events WHERE position IN (5, 6, 15000)'
	bisect "$(pg_address one)" "$(pg_address two)" --missing-to lost.jsonl.zst
	same "$code" 1
	holds "$read" '.narrowed and .ranges_compared == 2'
	same "$(zstd -dcq lost.jsonl.zst | jq -c .position | tr '\n' ' ')" '5 6 15000 '
	# Also of the first event of a part that is compared.
	zstd -dcq lost.jsonl.zst | jq -c '.attributes."$follows"' >follows
	pg one 'SELECT json_build_object($$position$$, position, $$stream$$, stream, $$version$$, version)
		FROM events WHERE position IN (4, 5, 14999) ORDER BY position' | jq -c . | diff - follows
	run -2 esverify --sample 3 --missing-to more.jsonl.zst "$(pg_address one)" "$(pg_address two)"
	has "$output" '--sample: shows some differences, and --missing-to needs all'
}

@test "a change of every column is found" {
	while IFS='|' read -r column value; do
		pg two "UPDATE events SET $column = $value WHERE position = 12345"
		for a in $(sides); do
			bisect "$a" "$(pg_address two)"
			same "$column $code $findings" "$column 1 [\"different\",12345]"
			holds "$read" '.narrowed and .ranges_compared == 1'
		done
		restore
	done <<-'END'
		stream|'order-x'
		version|version + 100000
		id|id || 'x'
		id|NULL
		type|'placed'
		time|time + interval '1 microsecond'
		time|NULL
		nanoseconds|1
		correlation_id|''
		causation_id|'NULL'
		content_type|'text/plain'
		tags|'[]'
		tags|'["a"]'
		attributes|'{"a":1}'
		metadata|'null'
		metadata_bytes|''
		data|(' ' || data::text)::json
		data|NULL
		data|NULL, data_bytes = convert_to(data::text, 'UTF8')
	END
}

@test "what is found is what a comparison of everything finds" {
	for seed in 1 3 6 9; do
		# Some events deleted, changed, moved to a free position, and new ones; few or many.
		pg two "SELECT setseed(0.0$seed)" "DELETE FROM events WHERE random() < 0.0000$seed
				OR position BETWEEN 1200 * $seed AND 1200 * $seed + 3 * $seed" \
			"UPDATE events SET type = 'Other' WHERE random() < 0.00005 * $seed" \
			"UPDATE events SET position = 1200 * $seed + 1 WHERE position = 1200 * $seed + 4 * $seed" \
			"UPDATE events SET position = position + 100000 WHERE position > 20000 - $seed" \
			"INSERT INTO events (position, stream, version, type)
				VALUES (30000 + $seed, 'new', 0, 'New'), (1200 * $seed, 'new', 1, 'New')"
		for a in "sqlite://$FILES/a.db" "$(pg_address one)"; do
			for positions in '' --positions; do
				bisect $positions "$a" "$(pg_address two)"
				holds "$read" .narrowed
				esverify $positions --json "$a" "$(pg_address two)" >all 2>/dev/null || same $? 1
				# Which of two neighbours is named first depends on what follows them.
				same "$(sort <<<"$findings")" \
					"$(jq -c 'select(.finding) | [.finding, .position]' all | sort)"
				same "$result" "$(jq -c 'select(.result)' all)"
			done
		done
		restore
	done
}

@test "where positions are others, everything is compared" {
	pg two 'UPDATE events SET position = position + 1000000'
	for a in $(sides); do
		bisect "$a" "$(pg_address two)"
		same "$code$findings" 0
		holds "$read" '.narrowed == false and .events_read_a >= 20000'
		holds "$result" '.result == "same" and .equal == 20000'
		grep 'most ranges differ' notes
		bisect --positions "$a" "$(pg_address two)"
		same "$code" 1
	done
}

@test "what is noted of a place is noted once" {
	pg two "UPDATE events SET type = 'x' WHERE position IN (1000, 8000, 19000)"
	bisect "$(pg_address one)" "$(pg_address two)"
	holds "$read" '.narrowed and .ranges_compared == 3'
	same "$(grep -c 'reading events up to position' notes)" 2
	bisect "sqlite://$FILES/a.db" "$(pg_address two)"
	same "$(grep -c 'reading events up to position' notes)" 1
	sample "$(pg_address one)" "$(pg_address two)"
	same "$(grep -c 'reading events up to position' notes)" 2
	run --separate-stderr esverify --sample 1000 "$(pg_address one)" "$(pg_address two)"
	same "$(grep -c 'reading events up to position' <<<"$stderr")" 2
}

@test "other positions are not guessed at where a few events differ" {
	pg two "UPDATE events SET type = 'x' WHERE position = 600"
	for range in 600..600 590..610 500..1500; do
		bisect --range $range "$(pg_address one)" "$(pg_address two)"
		same "$code $findings" '1 ["different",600]'
		lacks "$(cat notes)" 'other positions'
	done
	bisect --range 600..600 "$(pg_address one)" "$(pg_address two)"
	grep 'comparing event by event: most events are in ranges that differ' notes
	holds "$read" '.narrowed == false'
}

@test "ranges go around large gaps between positions" {
	pg one 'UPDATE events SET position = position * 1000000000 WHERE position > 5'
	pg two 'UPDATE events SET position = position * 1000000000 WHERE position > 5'
	pg two "UPDATE events SET type = 'x' WHERE position IN (2, 20000000000000)"
	bisect "$(pg_address one)" "$(pg_address two)"
	same "$code $findings" $'1 ["different",2]\n["different",20000000000000]'
	holds "$read" '.narrowed and .events_read_a <= 600 and .queries_a < 10'
	esexport --from "$(pg_address one)" --out gaps.cbor.zst
	bisect gaps.cbor.zst "$(pg_address two)"
	same "$code $findings" $'1 ["different",2]\n["different",20000000000000]'
	pg one 'TRUNCATE events' 'INSERT INTO events SELECT * FROM kept'
}

@test "a range that was asked for is all that is looked at" {
	pg two "UPDATE events SET type = 'x' WHERE position IN (1000, 2000, 3000)"
	for a in $(sides); do
		bisect --range 1001..2999 "$a" "$(pg_address two)"
		same "$code $findings" '1 ["different",2000]'
		holds "$result" '.events_a == 1999 and .equal == 1998'
		bisect --after 1000 --upto 1999 "$a" "$(pg_address two)"
		same "$code$findings" 0
		holds "$result" '.events_a == 999 and .result == "same"'
		bisect --after 20000 "$a" "$(pg_address two)"
		holds "$result" '.events_a == 0 and .result == "same"'
		bisect --after 18446744073709551615 "$a" "$(pg_address two)"
		holds "$result" '.events_a == 0 and .result == "same"'
		run -1 esverify --json --range 2000..2000 "$a" "$(pg_address two)"
		has "$output" '"different","position":2000'
		has "$output" '"events_a":1,"events_b":1'
		run -0 esverify --json --range 0..999 "$a" "$(pg_address two)"
		has "$output" '"equal":999'
	done
}

@test "an empty place, and one against an empty one" {
	pg two 'TRUNCATE events'
	bisect --max-findings 1 "$(pg_address one)" "$(pg_address two)"
	same "$code $findings" '1 ["missing",1]'
	holds "$result" '.missing == 20000'
	bisect --max-findings 1 "$(pg_address two)" "sqlite://$FILES/a.db"
	same "$code $findings" '1 ["extra",1]'
	bisect "$(pg_address two)" "$(pg_address two)"
	same "$code" 0
	holds "$result" '.result == "same" and .events_a == 0'
}

# table DB TYPES: a table of one's own there, with these columns beside the usual ones.
table() {
	pg "$1" "CREATE TYPE kind AS ENUM ('Placed', 'Paid', 'Shipped')" \
		'CREATE DOMAIN place AS integer' \
		"CREATE TABLE t (pos place PRIMARY KEY, stream varchar(50), version smallint, type kind, $2)"
}

# fill DB COLUMNS VALUES: 3000 events there.
fill() {
	pg "$1" "INSERT INTO t (pos, stream, version, type, $2)
		SELECT n * 2, 's' || n % 7, n / 7, 'Paid', $3 FROM generate_series(0, 2999) n"
}

# layout COLUMNS: layout.json for that table.
layout() {
	jq -n --argjson more "{$1}" '{layout: 1, name: "own", store: "postgresql", events: {table: "t",
		columns: ({pos: {field: "position"}, stream: {field: "stream"},
			version: {field: "version"}, type: {field: "type"}} + $more)}}' >layout.json
}

@test "columns of every type: their bytes are told here as the server has them" {
	types='id uuid, at timestamp(3), tags varchar(9)[], code char(3), who name, flag bool,
		ratio real, score float8, small smallint, body bytea, data json, note text'
	layout '"id": {"field": "id"}, "at": {"field": "time", "as": "timestamp"},
		"tags": {"field": "tags"}, "code": {"attribute": "code"}, "who": {"attribute": "who"},
		"flag": {"attribute": "flag"}, "ratio": {"attribute": "ratio"},
		"score": {"attribute": "score"}, "small": {"attribute": "small"},
		"body": {"field": "data", "as": "bytes"}, "data": {"field": "data", "as": "json"},
		"note": {"field": "metadata", "as": "json"}'
	for db in mine yours; do
		pg_db $db >/dev/null
		table $db "$types"
		fill $db 'id, at, tags, code, who, flag, ratio, score, small, body, data, note' \
			"md5(n::text)::uuid, '1999-12-31'::timestamp + n * interval '1 day 1 ms',
			CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN '{}' ELSE ARRAY['a', 'ü\"', n::text] END,
			CASE WHEN n % 4 > 0 THEN lpad(n::text, 3) END, 'w' || n, n % 2 = 0, n / 8.0,
			CASE n % 5 WHEN 0 THEN 'NaN' WHEN 1 THEN '-Infinity' WHEN 2 THEN -0.0 ELSE n / 3.0 END,
			-n, CASE WHEN n % 2 = 0 THEN decode(lpad(n::text, 6, '0'), 'hex') END,
			CASE WHEN n % 2 = 1 THEN format('{\"n\": %s.0, \"ü\": \"\\u0000\"}', n)::json END,
			CASE WHEN n % 3 > 0 THEN '[ ' || n || ']' END"
	done
	esexport --from "$(pg_address mine)" --layout ./layout.json --out mine.jsonl.zst
	for a in mine.jsonl.zst "$(pg_address mine)"; do
		bisect --layout ./layout.json "$a" "$(pg_address yours)"
		same "$code$findings" 0
		holds "$read" '.narrowed and .ranges_compared == 0 and .events_read_b == 0'
	done
	pg yours 'CREATE TABLE kept AS SELECT * FROM t'
	while IFS='|' read -r column value; do
		pg yours "UPDATE t SET $column = $value WHERE pos = 2003 * 2"
		for a in mine.jsonl.zst "$(pg_address mine)"; do
			bisect --layout ./layout.json "$a" "$(pg_address yours)"
			same "$column $code $findings" "$column 1 [\"different\",4006]"
			holds "$read" '.narrowed and .ranges_compared == 1 and .events_read_b <= 200'
		done
		pg yours 'TRUNCATE t' 'INSERT INTO t SELECT * FROM kept'
	done <<-'END'
		stream|'t'
		version|version + 1
		type|'Shipped'
		id|md5('x')::uuid
		at|at + interval '1 ms'
		tags|'{a,NULL}'
		tags|NULL
		code|'abc'
		who|'W'
		flag|NOT flag
		ratio|ratio + 0.125
		score|score * 1.0000000000000003
		small|1
		data|'{"n": 2003.00, "ü": "\u0000"}'
		note|'[ 2003 ]'
	END
	# Other types of the same layout are another table: its events are read, and told as those of
	# the first one.
	pg yours 'ALTER TABLE t ALTER pos TYPE bigint, ALTER flag TYPE text'
	bisect --layout ./layout.json "$(pg_address yours)" "$(pg_address mine)"
	same "$code" 1
	holds "$read" '.narrowed == false'
	pg yours 'ALTER TABLE t ALTER flag TYPE bool USING flag::bool'
	bisect --layout ./layout.json "$(pg_address yours)" "$(pg_address mine)"
	same "$code$findings" 0
	holds "$read" '.narrowed and .events_read_a == 3000 and .queries_a == 0 and .queries_b == 1'
}

@test "columns that only a server can tell: between two servers" {
	layout '"amount": {"attribute": "amount"}, "data": {"field": "data", "as": "json"}'
	for db in mine yours; do
		pg_db $db >/dev/null
		table $db 'amount numeric, data jsonb'
		fill $db 'amount, data' "n / 100.0, format('{\"b\":%s,\"a\":[]}', n)::jsonb"
	done
	bisect --layout ./layout.json "$(pg_address mine)" "$(pg_address yours)"
	same "$code$findings" 0
	holds "$read" '.narrowed and .events_read_a == 0'
	for change in "amount = 20.030" "data = '{\"b\":2003.0,\"a\":[]}'"; do
		pg yours "UPDATE t SET $change WHERE pos = 4006"
		bisect --layout ./layout.json "$(pg_address mine)" "$(pg_address yours)"
		same "$code $findings" '1 ["different",4006]'
		holds "$read" '.narrowed and .ranges_compared == 1'
		pg yours "UPDATE t SET (amount, data) = (2003 / 100.0, '{\"b\":2003,\"a\":[]}') WHERE pos = 4006"
	done
	esexport --from "$(pg_address mine)" --layout ./layout.json --out mine.jsonl.zst
	bisect --layout ./layout.json mine.jsonl.zst "$(pg_address yours)"
	same "$code$findings" 0
	holds "$read" '.narrowed == false and .ranges == 0 and .events_read_a == 3000'
	grep 'comparing event by event: a column of type jsonb has no digest' notes ||
		grep 'comparing event by event: a column of type numeric has no digest' notes
}

@test "an event that its row would not give back is looked at" {
	layout '"tenant": {"attribute": "tenant", "default": "main"}'
	pg_db mine >/dev/null
	table mine 'tenant text'
	fill mine tenant "'main'"
	esexport --from "$(pg_address mine)" --layout ./layout.json --plain |
		jq -c 'if .position == 4006 then .attributes = {tenant: "main"} else . end' >mine.jsonl
	bisect --layout ./layout.json mine.jsonl "$(pg_address mine)"
	same "$code $findings" '1 ["different",4006]'
	holds "$read" '.narrowed and .ranges_compared == 1'
}

@test "two files are compared event by event, and a note says why" {
	bisect "$FILES/a.jsonl.zst" "sqlite://$FILES/a.db"
	same "$code$findings" 0
	holds "$read" '.narrowed == false and .events_read_a == 20000'
	grep 'neither side is PostgreSQL' notes
}

@test "a stream of NATS against PostgreSQL" {
	esimport --from "$FILES/a.jsonl.zst" --to "$(nats_address EVENTS)"
	bisect "$(nats_address EVENTS)" "$(pg_address two)"
	same "$code$findings" 0
	holds "$read" '.narrowed and .ranges_compared == 0 and .events_read_a == 20000'
	pg two "UPDATE events SET type = 'x' WHERE position = 17"
	bisect "$(pg_address two)" "$(nats_address EVENTS)"
	same "$code $findings" '1 ["different",17]'
	holds "$read" '.narrowed and .events_read_a <= 200'
	sample "$(nats_address EVENTS)" "$(pg_address one)"
	same "$code" 0
	holds "$result" '.events_read_a >= 1500 and .events_read_a <= 2000'
	sample "$(nats_address EVENTS)" "$(nats_address EVENTS)"
	same "$code" 0
	holds "$result" '.events == 20000 and .events_read_a >= 1500 and .events_read_a <= 2000'
}

# Whether the server has made the first sums.
summed() {
	[ "$(pg postgres "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'
		AND query LIKE '%width\_bucket%'")" = 1 ]
}

@test "a connection that is lost between two sums is made again" {
	esexport --from "$FILES/a.jsonl.zst" --plain >a.jsonl
	# With one event far away nearly all are in the first range, which is cut.
	pg two "UPDATE events SET type = 'x' WHERE position = 777" \
		"INSERT INTO events (position, stream, version, type) VALUES (9000000000000000, 'new', 0, 'New')"
	mkfifo pipe
	{
		eventually summed
		pg postgres "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE
			'%width\_bucket%' AND pid <> pg_backend_pid()" >ended
		exec 8>pipe
		cp a.jsonl file && mv -f file pipe # which can be read again
		cat a.jsonl >&8
	} 3>&- &
	writer=$!
	bisect pipe "$(pg_address two)"
	wait $writer
	same "$code $findings" $'1 ["different",777]\n["extra",9000000000000000]'
	holds "$read" '.narrowed and .queries_b >= 2'
	same "$(cat ended)" t
	grep 'connection' notes
}

@test "rows without a position are an error, as without --bisect" {
	pg two 'ALTER TABLE events DROP CONSTRAINT events_pkey, ALTER position DROP IDENTITY' \
		'ALTER TABLE events ALTER position DROP NOT NULL'
	for at in NULL -1; do
		pg two "INSERT INTO events (position, stream, version, type) VALUES ($at, 'x', 0, 'x')"
		bisect "$(pg_address one)" "$(pg_address two)"
		same "$code" 3
		grep 'column position holds no number in 1 rows, and is the position' notes
		restore
	done
	pg two 'ALTER TABLE events ADD PRIMARY KEY (position)'
}

@test "a text says what was read" {
	pg two "UPDATE events SET type = 'x' WHERE position = 10"
	run -1 --separate-stderr esverify --bisect "sqlite://$FILES/a.db" "$(pg_address two)"
	has "$output" '200 ranges summed, 1 compared; of the first 0 range queries, 20,100 events read ('
	has "$output" '; of the second 1 range query, 100 events read ('
	has "$output" 'not the same:'
	run -0 --separate-stderr esverify --bisect "$(pg_address two)" "$(pg_address two)"
	same "${lines[0]}" '200 ranges summed, 0 compared; of the first 1 range query, 0 events read (0 B of payload) of 20,000; of the second 1 range query, 0 events read (0 B of payload) of 20,000'
	same "${lines[1]}" 'the same: 20,000 events, in the same order'
	same "${lines[2]}" 'compared: JSON byte by byte; times to the nanosecond; versions; positions by their order'
}

@test "--bisect and --sample where they cannot be used" {
	to=$(pg_address two)
	run -2 esverify --bisect --sample 3 "$to" "$to"
	run -2 esverify --bisect "$FILES/a.jsonl.zst"
	run -2 esverify --sample 3 "$FILES/a.jsonl.zst"
	run -2 esverify --sample 0 "$to" "$to"
	run -2 esverify --bisect - "$to" </dev/null
	has "$output" 'standard input can be read once only'
	run -2 esverify --sample 3 - "$to" </dev/null
	has "$output" 'standard input can be read once only'
	for filter in '--since 2026-01-01' '--until 2026-01-01' '--stream a' '--type b'; do
		# shellcheck disable=SC2086 # two words
		run -2 esverify --bisect $filter "$to" "$to"
		has "$output" 'cannot be used'
	done
	for range in 5 5.. ..5 5..4 a..b 5..6x -1..5 5..-1 5...6 '5.. 6' 0..18446744073709551616 ''; do
		run -2 esverify --range "$range" "$to" "$to"
		has "$output" 'is no range of positions'
	done
	run -2 esverify --range 1..2 --after 1 "$to" "$to"
	run -2 esverify --range 1..2 "$FILES/a.jsonl.zst"
}

@test "samples are the same for a seed, of every kind of place, and never prove that all is" {
	esexport --from "$FILES/a.jsonl.zst" --plain >a.jsonl
	sample "$(pg_address one)" "$(pg_address two)"
	same "$code" 0
	holds "$result" '.result == "nothing-found" and .samples == 20 and .seed == 7 and .events == 20000'
	holds "$result" '.events_read_a >= 1500 and .events_read_a <= 2000 and .events_read_b == .events_read_a'
	first=$result
	for a in "sqlite://$FILES/a.db" "$FILES/a.jsonl.zst" a.jsonl; do
		sample "$a" "$(pg_address two)"
		same "$code$result" "0$first"
		sample "$(pg_address two)" "$a"
		same "$code$result" "0$first"
	done
	run -0 --separate-stderr esverify --sample 3 --seed 1 "$(pg_address two)" a.jsonl
	same "$output" 'no difference in 3 samples, 300 of 20,000 events read (--seed 1)'
	run -0 --separate-stderr esverify --sample 3 "$(pg_address two)" a.jsonl
	has "$output" 'events read (--seed 1'
}

@test "samples find what differs where they look" {
	pg two "UPDATE events SET type = 'x'"
	for a in $(sides); do
		sample --max-findings 5000 "$a" "$(pg_address two)"
		same "$code" 1
		holds "$result" '(.result | not) and .events_read_a > 1000'
		same "$(wc -l <<<"$findings")" "$(jq -s .[0].events_read_a <<<"$result")"
	done
	same "$(esverify --json --sample 20 --seed 7 --max-findings 5000 "$a" "$(pg_address two)" 2>/dev/null |
		jq -c 'select(.finding) | [.finding, .position]')" "$findings"
	[ "$(esverify --json --sample 20 --seed 8 --max-findings 5000 "$a" "$(pg_address two)" 2>/dev/null |
		jq -c 'select(.finding) | [.finding, .position]')" != "$findings" ]
	run -1 --separate-stderr esverify --sample 2 --seed 5 --max-findings 0 "$a" "$(pg_address two)"
	same "${lines[0]}" 'in 2 samples, 200 of 20,000 events read (--seed 5)'
	has "$output" 'not the same:'
	# Of a range only that.
	sample --range 101..300 "$a" "$(pg_address two)"
	holds "$result" '.events == 200'
	same "$(jq -s 'all(.[]; .[1] > 100 and .[1] <= 300)' <<<"$findings")" true
	pg two 'TRUNCATE events'
	sample "$(pg_address two)" "$a"
	same "$code" 1
	sample "$(pg_address two)" "$(pg_address two)"
	same "$code" 0
	holds "$result" '.events == 0 and .events_read_a == 0'
}

@test "samples look behind the end of the shorter place" {
	esimport --from "$FILES/a.jsonl.zst" --to "$(nats_address LONG)"
	store short.db 5000
	esexport --from sqlite://short.db --out short.jsonl.zst
	esimport --from short.jsonl.zst --to "$(nats_address SHORT)"
	sample "sqlite://$FILES/a.db" sqlite://short.db
	found=$findings
	for a in "$(nats_address LONG)" "$FILES/a.jsonl.zst"; do
		for b in sqlite://short.db "$(nats_address SHORT)"; do
			sample --max-findings 5000 "$a" "$b"
			same "$code" 1
			holds "$result" '.events == 20000 and .events_read_a >= 1500 and .events_read_a <= 2000'
			holds "$result" '.events_read_b >= 1 and .events_read_b <= 1000'
			same "$(jq -s 'all(.[]; .[0] == "missing" and .[1] > 5000)' <<<"$findings")" true
			same "$(wc -l <<<"$findings")" "$(jq '.events_read_a - .events_read_b' <<<"$result")"
			same "$(head -n "$(wc -l <<<"$found")" <<<"$findings")" "$found"
			sample --max-findings 5000 "$b" "$a"
			same "$code" 1
			holds "$result" '.events == 5000 and .events_read_b >= 1500 and .events_read_b <= 2000'
			same "$(jq -s 'all(.[]; .[0] == "extra" and .[1] > 5000)' <<<"$findings")" true
		done
	done
	pg two 'DELETE FROM events WHERE position BETWEEN 2000 AND 18000'
	sample "$(pg_address two)" "$(nats_address LONG)"
	holds "$result" '.events == 3999 and .events_read_b >= 1500 and .events_read_b <= 2000'
}

@test "an event is compared once, however many samples meet it" {
	events 3000 >a.jsonl
	sed 's/Placed\|Paid/Other/' a.jsonl >b.jsonl
	for seed in 1 2 3; do
		esverify --json --sample 29 --seed $seed --max-findings 5000 a.jsonl b.jsonl >said 2>notes || same $? 1
		same "$(jq -c 'select(.finding).position' said | sort | uniq -d)" ""
		holds "$(jq -c 'select(has("samples"))' said)" '.events_read_a > 1000 and .events_read_a <= 3000 and (.all | not)'
		holds "$(jq -c 'select(.result)' said)" '.equal + .different == .events_a'
		same "$(jq -c 'select(.finding)' said | wc -l)" "$(jq -c 'select(.result).different' said)"
	done
}

@test "where samples would hold as many events as there are, all is compared" {
	events 100 >a.jsonl
	sed 's/"n":57}/"n":0}/' a.jsonl >b.jsonl
	for samples in 1 20 1000000; do
		run -1 --separate-stderr esverify --json --sample $samples --seed 1 a.jsonl b.jsonl
		holds "${lines[1]}" '.all and .events == 100 and .events_read_a == 100 and .events_read_b == 100'
		holds "${lines[2]}" '.result == "different" and .different == 1 and .equal == 99'
		run -0 --separate-stderr esverify --json --sample $samples a.jsonl a.jsonl
		holds "${lines[0]}" '.all and (has("result") | not)'
		holds "${lines[1]}" '.result == "same" and .equal == 100'
	done
	run -0 --separate-stderr esverify --sample 20 a.jsonl a.jsonl
	same "${lines[0]}" 'all compared: there are no more events than in 20 samples of 100'
	same "${lines[1]}" 'the same: 100 events, in the same order'
	head -n 5 a.jsonl >short.jsonl
	run -1 --separate-stderr esverify --json --sample 1 short.jsonl a.jsonl
	has "$output" '"extra":95,'
}

@test "events of a sample are counted before the filters" {
	esexport --from "$FILES/a.jsonl.zst" --plain >a.jsonl
	esimport --from "$FILES/a.jsonl.zst" --to "$(nats_address COUNTED)"
	for a in $(sides) a.jsonl "$(nats_address COUNTED)"; do
		sample --type NOPE "$a" "sqlite://$FILES/a.db"
		same "$code" 0
		holds "$result" '.result == "nothing-found" and .events == 20000 and .events_read_a == 0'
	done
	sample --type Paid --range 1..10000 a.jsonl "sqlite://$FILES/a.db"
	same "$code" 0
	holds "$result" '.events == 10000 and .events_read_a > 400 and .events_read_a < 700'
}

@test "samples go where there are events, though positions have large gaps" {
	pg two 'UPDATE events SET position = position * 1000000000 WHERE position > 5'
	sample "$(pg_address two)" "$(pg_address two)"
	same "$code" 0
	holds "$result" '.events_read_a >= 1500 and .events_read_a <= 2000'
}
