# shellcheck disable=SC2030,SC2031,SC2154 # each test sets its own $to, bats sets stderr
# Tables of one's own in PostgreSQL, by a layout file: every type of column there and back, and
# what a table or a column has no place for.
load helpers
load stores
load postgres
set -o pipefail

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}

# layout TABLE [COLUMNS]: layout.json, with the members of an object $2 as columns beside the usual ones.
layout() {
	local usual='{"pos": {"field": "position"}, "stream": {"field": "stream"},
		"version": {"field": "version"}, "type": {"field": "type"}}'

	jq -n --arg table "$1" --argjson usual "$usual" --argjson more "{${2:-}}" '{layout: 1, name: "own",
		store: "postgresql", events: {table: $table, columns: ($usual + $more)}}' >layout.json
}

# table "COLUMN TYPE, ...": the database `own`, with nothing but a table `t`; sets $to.
table() {
	to=$(pg_db own)
	pg own "CREATE TABLE t (pos bigint PRIMARY KEY, stream text NOT NULL, version bigint NOT NULL,
		type text NOT NULL, $1, UNIQUE (stream, version))"
}

# One event more than necessary, so that a batch is not only the bad one: event 1 is good, event 2
# has the members $1.
pair() {
	printf '%s\n' '{"position":1,"stream":"s","version":0,"type":"T"'"${2:+,$2}"'}' \
		'{"position":2,"stream":"s","version":1,"type":"T",'"$1"'}'
}

# As `events`, for a table of no more than the usual columns and data.
plain_events() {
	events "$@" | jq -c 'del(.id, .time)'
}

put() {
	esimport --to "$to" --layout ./layout.json "$@"
}
lines() {
	esexport --from "$to" --layout ./layout.json --plain 2>/dev/null
}

# there_and_back: the lines of standard input go in, come out equal, and go equal into a table that
# is made by the same statements ($1: of database `own`).
there_and_back() {
	cat >in.jsonl
	put --from in.jsonl
	lines >out.jsonl
	diff in.jsonl out.jsonl
	esexport --from "$to" --layout ./layout.json --codec cbor --out own.cbor.zst --force
	pg own "COPY (SELECT * FROM $1 ORDER BY 1) TO STDOUT" >one.txt
	pg own "TRUNCATE $1" 'DROP TABLE esimport_checkpoint'
	put --from own.cbor.zst
	pg own "COPY (SELECT * FROM $1 ORDER BY 1) TO STDOUT" >two.txt
	[ -s one.txt ]
	cmp one.txt two.txt
}

# refused COLUMN FIELD WHAT MEMBERS: of table t with this column, event 2 is refused by name, before it
# is sent, and nothing is in the table.
refused() {
	local field

	field=$(jq -r --arg c "$1" '.events.columns[$c] | .field // .attribute' layout.json)
	printf '%s\n' '{"position":1,"stream":"s","version":0,"type":"T"'"${5:+,$5}"'}' \
		"{\"position\":2,\"stream\":\"s\",\"version\":1,\"type\":\"T\"${3:+,$3}}" >in.jsonl
	run -3 --separate-stderr put --from in.jsonl
	has "$stderr" "event 2 (stream \"s\", version 1): ${4:-field} $field: $2"
	lacks "$stderr" 'send events'
	same "$(pg own 'SELECT count(*) FROM t')" 0
}

@test "uuid, jsonb, timestamptz, text[], int4 counting from 1" {
	to=$(pg_db own)
	pg own 'CREATE TABLE t (pos bigint PRIMARY KEY, stream text NOT NULL, type text NOT NULL, id uuid UNIQUE,
		version int4 NOT NULL, at timestamptz, tags text[], meta jsonb, data jsonb NOT NULL, cause uuid,
		UNIQUE (stream, version))'
	layout t '"version": {"field": "version", "base": 1}, "id": {"field": "id"}, "at": {"field": "time"},
		"tags": {"field": "tags"}, "meta": {"field": "metadata"}, "data": {"field": "data"},
		"cause": {"field": "causation_id"}'
	# White space as jsonb has it: only that may be another one.
	there_and_back t <<-'END'
		{"position":1,"stream":"s","version":0,"id":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","type":"T","time":"2026-01-31T12:00:00.123456Z","causation_id":"00000000-0000-0000-0000-000000000000","tags":["a","","\"{,}\\\"NULL"],"metadata":{"u": "é"},"data":{"a": [1.10, null, "😀"]}}
		{"position":2,"stream":"s","version":1,"type":"T","tags":[],"data":"x"}
		{"position":7,"stream":"s","version":2147483646,"type":"T","time":"1700-01-01T00:00:00Z","data":1.50}
	END
	same "$(pg own 'SELECT version FROM t ORDER BY pos')" $'1\n2\n2147483647'
	same "$(pg own "SELECT tags[3], array_length(tags, 1), data->'a'->>0 FROM t WHERE pos = 1")" \
		'"{,}\"NULL|3|1.10'
}

@test "jsonb keeps what JSON means, and by that esverify compares it" {
	table 'data jsonb'
	layout t '"data": {"field": "data"}'
	echo '{"position":1,"stream":"s","version":0,"type":"T","data":{ "b":1,"a":"\u0041\/", "c":1e2 }}' >in.jsonl
	put --from in.jsonl
	run -0 --separate-stderr esverify --plain --layout ./layout.json in.jsonl "$to"
	has "$output" 'compared: JSON by its value in data;'
	sed 's/1e2/100.0/' in.jsonl >other.jsonl
	run -1 --separate-stderr esverify --plain --layout ./layout.json other.jsonl "$to"
	has "$output" 'event 1 (stream "s", version 0): differs in data'
	same "$(lines | jq -c .data)" '{"a":"A/","b":1,"c":100}'
}

@test "text of a length, char, enumerations, domains, smallint, timestamps of some digits" {
	to=$(pg_db own)
	pg own "CREATE TYPE kind AS ENUM ('Placed', 'Paid', 'in transit')" \
		'CREATE DOMAIN small AS smallint CHECK (VALUE >= 0)' 'CREATE DOMAIN code AS varchar(5) NOT NULL' \
		'CREATE DOMAIN deep AS code' 'CREATE TABLE t (pos small PRIMARY KEY, stream deep, version smallint,
			type kind NOT NULL, id char(4), at timestamp(3), corr name, cause character varying,
			UNIQUE (stream, version))'
	layout t '"id": {"field": "id"}, "at": {"field": "time"}, "corr": {"field": "correlation_id"},
		"cause": {"field": "causation_id"}'
	there_and_back t <<-'END'
		{"position":0,"stream":"äöü€😀","version":0,"id":"ab  ","type":"in transit","time":"2026-01-31T12:00:00.123Z","correlation_id":"n","causation_id":"c "}
		{"position":32767,"stream":"","version":32767,"type":"Paid","time":"1969-12-31T23:59:59.999Z"}
	END
}

@test "attributes in columns of every type" {
	to=$(pg_db own)
	pg own "CREATE TABLE t (pos bigint PRIMARY KEY, stream text, version bigint, type text, b boolean, i int4,
		f float8, g real, j json, k jsonb, x text, u uuid, at timestamptz, y bytea, tags varchar(3)[],
		d boolean NOT NULL DEFAULT false, rest json, UNIQUE (stream, version))"
	layout t '"b": {"attribute": "b"}, "i": {"attribute": "i"}, "f": {"attribute": "f"}, "g": {"attribute": "g"},
		"j": {"attribute": "j"}, "k": {"attribute": "k"}, "x": {"attribute": "x"}, "u": {"attribute": "u"},
		"at": {"attribute": "at"}, "y": {"attribute": "y"}, "tags": {"attribute": "tags"},
		"d": {"attribute": "d", "default": false}, "rest": {"field": "attributes"}'
	there_and_back t <<-'END'
		{"position":1,"stream":"s","version":0,"type":"T","attributes":{"b":true,"i":-7,"f":0.1,"g":0.5,"x":"words","u":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","at":1767225600123456,"y":{"$blob":"AP8="},"d":true,"z":1.10}}
		{"position":2,"stream":"s","version":1,"type":"T","attributes":{"b":false,"f":{"$real":"9e999"},"g":"NaN","x":""}}
		{"position":3,"stream":"s","version":2,"type":"T"}
	END
	same "$(pg own 'SELECT b, i, f, g, x, u, y, d, rest FROM t WHERE pos = 1')" \
		't|-7|0.1|0.5|words|6ba7b810-9dad-11d1-80b4-00c04fd430c8|\x00ff|t|{"z":1.10}'
	same "$(pg own 'SELECT f, g, d FROM t WHERE pos = 2')" 'Infinity|NaN|f'
}

@test "columns of other types are read as text" {
	table "n numeric(10,2), d date, i interval, ip inet, bits bit(3), r int4range, m money, a int[], t time, ts tsvector"
	layout t '"n": {"attribute": "n"}, "d": {"attribute": "d"}, "i": {"attribute": "i"}, "ip": {"attribute": "ip"},
		"bits": {"attribute": "bits"}, "r": {"attribute": "r"}, "m": {"attribute": "m"}, "a": {"attribute": "a"},
		"t": {"attribute": "t"}, "ts": {"attribute": "ts"}'
	pg own "INSERT INTO t VALUES (1, 's', 0, 'T', 1.10, '2026-01-31', '1 day 2 hours', '10.0.0.1/8', B'101',
		'[1,5)', 3, '{1,NULL}', '12:00', 'a b'), (2, 's', 1, 'T'$(printf ', NULL%.0s' {1..10}))"
	# shellcheck disable=SC2016 # money
	same "$(lines | jq -c .attributes)" \
		'{"n":"1.10","d":"2026-01-31","i":"1 day 02:00:00","ip":"10.0.0.1/8","bits":"101","r":"[1,5)","m":"$3.00","a":"{1,NULL}","t":"12:00:00","ts":"'"'a' 'b'"'"}
null'
	# They are not written, but a table that has them takes events without them.
	esexport --from "$to" --layout ./layout.json --out all.jsonl.zst
	pg own 'TRUNCATE t'
	run -3 --separate-stderr put --from all.jsonl.zst
	has "$stderr" 'event 1 (stream "s", version 0): attribute n: is of a type that can only be read; a query of the layout may cast it to text'
	same "$(pg own 'SELECT count(*) FROM t')" 0
	jq -c 'select(.position == 2)' <(esexport --from all.jsonl.zst --plain) | put
	same "$(pg own 'SELECT pos, n FROM t')" '2|'
}

@test "a table in a schema, with quoted names, computed columns and an identity that is always generated" {
	to=$(pg_db own)
	pg own 'CREATE SCHEMA "App 1"' 'CREATE TABLE "App 1"."ev.""ents, 7" (
		"Pos Ition" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "select" text NOT NULL,
		"ver.sion" int NOT NULL, "ty""pe" text NOT NULL, "ÄÖ, 9" jsonb,
		size int GENERATED ALWAYS AS (length("select")) STORED, UNIQUE ("select", "ver.sion"))'
	cat >layout.json <<-'END'
		{"layout": 1, "name": "own", "store": "postgresql", "events": {"table": "App 1.ev.\"ents, 7", "columns": {
			"Pos Ition": {"field": "position"}, "select": {"field": "stream"}, "ver.sion": {"field": "version"},
			"ty\"pe": {"field": "type"}, "ÄÖ, 9": {"field": "data"}}}}
	END
	esexport --from "$to" --layout ./layout.json >empty.zst
	plain_events 20 | put
	same "$(lines | jq -c .data.n | tr '\n' ' ')" '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 '
	same "$(pg own 'SELECT DISTINCT size FROM "App 1"."ev.""ents, 7"')" 7
	# The next event of the program that owns the table comes behind them.
	pg own "INSERT INTO \"App 1\".\"ev.\"\"ents, 7\" (\"select\", \"ver.sion\", \"ty\"\"pe\") VALUES ('x', 0, 'T')"
	same "$(pg own 'SELECT max("Pos Ition") FROM "App 1"."ev.""ents, 7"')" 21
	# Our own tables are beside it, and nowhere else.
	same "$(pg own "SELECT nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
		WHERE relname LIKE '%esimport%' AND relkind = 'r'")" 'App 1|esimport_checkpoint'
	# What only the server finds is said with event and field.
	pg own "ALTER DATABASE own SET max_stack_depth = '100kB'"
	deep=$(printf '[%.0s' {1..3000})$(printf ']%.0s' {1..3000})
	echo '{"position":30,"stream":"z","version":0,"type":"T","data":'"$deep}" >deep.jsonl
	run -3 --separate-stderr put --from deep.jsonl --append
	has "$stderr" '(stream "z", version 0): field data: '
	sed "s/\[.*\]/1/" deep.jsonl | put --append
	same "$(pg own 'SELECT count(*) FROM "App 1"."ev.""ents, 7"')" 22
}

@test "a table of streams is kept up" {
	to=$(pg_db own)
	pg own 'CREATE TABLE t (pos bigint PRIMARY KEY, stream text NOT NULL, version int NOT NULL, type text NOT NULL,
		UNIQUE (stream, version))' \
		"CREATE TABLE \"str eams\" (name text, part uuid, last int NOT NULL, sort varchar(20), open boolean,
			note text DEFAULT 'new', PRIMARY KEY (name, part))"
	layout t '"version": {"field": "version", "base": 1}'
	jq '.streams = {table: "str eams", columns: {name: {from: "stream", key: true},
		part: {constant: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", key: true}, last: {from: "version", base: 1},
		sort: {from: "category", separator: "-", else: "other"}, open: {constant: true}}}' layout.json >l2.json
	mv l2.json layout.json
	printf '%s\n' '{"position":1,"stream":"cart-7","version":0,"type":"T"}' \
		'{"position":2,"stream":"cart-7","version":1,"type":"T"}' \
		'{"position":3,"stream":"it'"'"'s \\","version":4,"type":"T"}' >in.jsonl
	put --from in.jsonl --batch-size 1
	wanted='cart-7|6ba7b810-9dad-11d1-80b4-00c04fd430c8|2|cart|t|new
it'"'"'s \|6ba7b810-9dad-11d1-80b4-00c04fd430c8|5|other|t|new'
	same "$(pg own 'SELECT * FROM "str eams" ORDER BY name')" "$wanted"
	# A row that is there is moved on, and not back; the rest of it stays.
	pg own "UPDATE \"str eams\" SET last = 9, note = 'old', open = false WHERE name = 'cart-7'"
	echo '{"position":9,"stream":"cart-7","version":2,"type":"T"}' >>in.jsonl
	put --from in.jsonl
	same "$(pg own "SELECT last, note, open FROM \"str eams\" WHERE name = 'cart-7'")" '9|old|f'
	pg own 'DROP TABLE "str eams"'
	echo '{"position":10,"stream":"cart-8","version":0,"type":"T"}' >>in.jsonl
	run -2 --separate-stderr put --from in.jsonl
	has "$stderr" 'table str eams: is not there'
}

@test "what jsonb cannot hold is refused before it is sent" {
	for what in jsonb json text; do
		table "data $what"
		layout t '"data": {"field": "data"}'
		while read -r json; do
			if [ $what = jsonb ]; then
				refused data '' "\"data\":$json"
			else
				echo "{\"position\":1,\"stream\":\"s\",\"version\":0,\"type\":\"T\",\"data\":$json}" >ok.jsonl
				put --from ok.jsonl
				same "$(pg own 'SELECT data FROM t')" "$json"
				pg own 'TRUNCATE t' 'TRUNCATE esimport_checkpoint'
			fi
		done <<-'END'
			"a\u0000b"
			{"a\u0000":1}
			"\ud800"
			["\udc00"]
			{"\ud800":1}
			"\udc00\ud800"
			{"a":1,"a":1}
			{"x":[{"a":1,"\u0061":2}]}
			1e200000
		END
	done
}

@test "bytes do not go into JSON, nor JSON into bytes" {
	table 'data jsonb'
	layout t '"data": {"field": "data"}'
	refused data 'is not JSON, which the column needs' '"data_base64":"AAE="'
	table 'data bytea'
	layout t '"data": {"field": "data", "as": "bytes"}'
	printf '%s\n' '{"position":1,"stream":"s","version":0,"type":"T","data_base64":"AAE="}' | put
	same "$(pg own 'SELECT data FROM t')" '\x0001'
}

@test "a payload is what the type of its column says: JSON, or JSON in bytes where it is some" {
	for type in json jsonb text bytea; do
		table "data $type, meta $type"
		layout t '"data": {"field": "data", "as": "payload"}, "meta": {"field": "metadata", "as": "payload"}'
		there_and_back t <<<'{"position":1,"stream":"s","version":0,"type":"T","metadata":null,"data":{"a": 1.10}}'
	done
	same "$(pg own 'SELECT data, meta FROM t')" '\x7b2261223a20312e31307d|\x6e756c6c'
	table 'data bytea, meta bytea'
	there_and_back t <<<'{"position":1,"stream":"s","version":0,"type":"T","metadata_base64":"","data_base64":"g2QA"}'
	table 'data jsonb'
	layout t '"data": {"field": "data", "as": "payload"}'
	refused data 'is not JSON, which the column needs' '"data_base64":"AAE="'
	table 'data bigint'
	run -2 --separate-stderr esexport --from "$to" --layout ./layout.json --plain
	has "$stderr" 'column data is of type bigint, and layout own needs json, jsonb, text or bytea'
}

@test "an id that is no canonical UUID is refused" {
	table 'id uuid'
	layout t '"id": {"field": "id"}'
	for id in x '' 6BA7B810-9DAD-11D1-80B4-00C04FD430C8 6ba7b8109dad11d180b400c04fd430c8 \
		'{6ba7b810-9dad-11d1-80b4-00c04fd430c8}' '6ba7b810-9dad-11d1-80b4-00c04fd430c8 '; do
		refused id 'is not a UUID in its canonical form' "\"id\":\"$id\"" field '"id":"6ba7b810-9dad-11d1-80b4-00c04fd430c8"'
	done
}

@test "numbers beyond the column, and times finer than it, are refused" {
	to=$(pg_db own)
	for type in smallint:32767 int4:2147483647; do
		to=$(pg_db own)
		pg own "CREATE TABLE t (pos bigint PRIMARY KEY, stream text, version ${type%:*}, type text)"
		layout t '"version": {"field": "version", "base": 1}'
		printf '%s\n' '{"position":1,"stream":"s","version":0,"type":"T"}' \
			"{\"position\":2,\"stream\":\"s\",\"version\":${type#*:},\"type\":\"T\"}" >in.jsonl
		run -3 --separate-stderr put --from in.jsonl
		has "$stderr" "event 2 (stream \"s\", version ${type#*:}): field version: is out of the range of the column"
		same "$(pg own 'SELECT count(*) FROM t')" 0
		jq -c 'if .position == 2 then .version -= 1 else . end' in.jsonl | put
		same "$(pg own 'SELECT max(version) FROM t')" "${type#*:}"
	done
	table 'at timestamptz'
	layout t '"at": {"field": "time"}'
	refused at 'is finer than the unit of the column' '"time":"2026-01-31T12:00:00.123456001Z"'
	table 'at timestamp(2)'
	refused at 'has more digits of a second than the column' '"time":"2026-01-31T12:00:00.123Z"'
	table 'at timestamptz, ns smallint'
	layout t '"at": {"field": "time"}, "ns": {"field": "time", "as": "nanoseconds"}'
	there_and_back t <<<'{"position":1,"stream":"s","version":0,"type":"T","time":"2026-01-31T12:00:00.123456001Z"}'
	same "$(pg own 'SELECT ns FROM t')" 1
	for change in 'ns = 1000' 'ns = -1' "at = 'infinity'" 'at = NULL'; do
		pg own "UPDATE t SET at = '2026-01-31', ns = 1" "UPDATE t SET $change"
		run --separate-stderr -3 esexport --plain --from "$to" --layout layout.json
		has "$stderr" 'table t, position 1: its nanoseconds (0 to 999) do not go with its time in column at'
	done
}

@test "text longer than the column is refused, and text shorter than char" {
	table 'id varchar(3)'
	layout t '"id": {"field": "id"}'
	refused id 'is longer than the column' '"id":"abcd"' field '"id":"äöü"'
	refused id 'is longer than the column' '"id":"abc "'
	table 'id char(3)'
	refused id 'is longer than the column' '"id":"abcd"'
	refused id 'is shorter than the column' '"id":"ab"'
	table 'tags varchar(3)[]'
	layout t '"tags": {"field": "tags"}'
	refused tags 'is longer than the column' '"tags":["abc","abcd"]'
	table 'id name'
	layout t '"id": {"field": "id"}'
	refused id 'is longer than the column' "\"id\":\"$(printf '%064d' 0)\""
}

@test "NULL where the column is NOT NULL is refused" {
	table 'id text NOT NULL'
	layout t '"id": {"field": "id"}'
	refused id 'is missing, and the column is NOT NULL' '' field '"id":"x"'
	table 'weight int NOT NULL DEFAULT 1'
	layout t '"weight": {"attribute": "weight"}'
	refused weight 'is missing, and the column is NOT NULL' '' attribute '"attributes":{"weight":2}'
	layout t '"weight": {"attribute": "weight", "default": 1}'
	there_and_back t <<<'{"position":1,"stream":"s","version":0,"type":"T"}'
	to=$(pg_db own)
	pg own 'CREATE DOMAIN must AS text NOT NULL' \
		'CREATE TABLE t (pos bigint, stream text, version int, type text, id must)'
	layout t '"id": {"field": "id"}'
	refused id 'is missing, and the column is NOT NULL' '' field '"id":"x"'
}

@test "what only the server can tell is said with event and field, too" {
	to=$(pg_db own)
	pg own "CREATE TYPE kind AS ENUM ('T', 'Paid')" "CREATE DOMAIN small AS text CHECK (length(VALUE) < 3)" \
		'CREATE TABLE t (pos bigint PRIMARY KEY, stream text, version int, type kind, id small,
			data jsonb CHECK (data <> '"'7'"'), UNIQUE (stream, version))'
	layout t '"id": {"field": "id"}, "data": {"field": "data"}'
	while IFS='|' read -r members what; do
		printf '%s\n' '{"position":1,"stream":"s","version":0,"type":"T"}' \
			"{\"position\":2,\"stream\":\"s\",\"version\":1,\"type\":\"T\",$members}" |
			sed 's/"type":"T",\(.*\)"type"/\1"type"/' >in.jsonl
		run -3 --separate-stderr put --from in.jsonl
		has "$stderr" "event 2 (stream \"s\", version 1): $what"
		same "$(pg own 'SELECT count(*) FROM t')" 0
		run -3 --separate-stderr put --from in.jsonl --append
		has "$stderr" "${what#*send events: }"
		same "$(pg own 'SELECT count(*) FROM t')" 0
	done <<-'END'
		"type":"paid"|field type: send events: invalid input value for enum kind: "paid"
		"id":"abc"|field id: send events: value for domain small violates check constraint
		"data":7|send events: new row for relation "t" violates check constraint "t_data_check"
	END
}

@test "the other conversions: bytes of UUIDs, numbers of time, JSON in bytes and in text" {
	table 'id bytea UNIQUE, corr text, at bigint, tags jsonb, meta bytea, data text, rest text'
	layout t '"id": {"field": "id", "as": "uuid-blob"}, "corr": {"field": "correlation_id", "as": "uuid-hex"},
		"at": {"field": "time", "as": "unix-ms"}, "tags": {"field": "tags"},
		"meta": {"field": "metadata", "as": "json-blob"}, "data": {"field": "data"},
		"rest": {"field": "attributes"}'
	there_and_back t <<-'END'
		{"position":1,"stream":"s","version":0,"id":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","type":"T","time":"2026-01-31T12:00:00.123Z","correlation_id":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","tags":["a","b"],"attributes":{"b":[1.10],"a":null},"metadata":{"a" :1.10},"data":["\u0000", 1e400]}
		{"position":2,"stream":"s","version":1,"type":"T","correlation_id":"words"}
	END
	same "$(pg own 'SELECT id, corr, at, tags, meta, data, rest FROM t WHERE pos = 1')" \
		'\x6ba7b8109dad11d180b400c04fd430c8|6ba7b8109dad11d180b400c04fd430c8|1769860800123|["a", "b"]|\x7b226122203a312e31307d|["\u0000", 1e400]|{"b":[1.10],"a":null}'
	for as in rfc3339 datetime; do
		table 'at text'
		layout t "\"at\": {\"field\": \"time\", \"as\": \"$as\"}"
		there_and_back t <<<'{"position":1,"stream":"s","version":0,"type":"T","time":"2026-01-31T12:00:00.123456789Z"}'
		# One that is spelt in another way comes back as it was.
		pg own "UPDATE t SET at = '2026-01-31T13:00:00.100+01:00'"
		esexport --from "$to" --layout ./layout.json --out odd.zst --force
		pg own 'TRUNCATE t, esimport_checkpoint'
		put --from odd.zst
		same "$(pg own 'SELECT at FROM t')" '2026-01-31T13:00:00.100+01:00'
	done
}

@test "what jsonb puts between values is no hint" {
	table 'tags jsonb, rest jsonb'
	layout t '"tags": {"field": "tags"}, "rest": {"field": "attributes"}'
	there_and_back t <<<'{"position":1,"stream":"s","version":0,"type":"T","tags":["a, b","c"],"attributes":{"a":[1.10,{"b":null}],"c":" : "}}'
	same "$(pg own 'SELECT tags, rest FROM t')" '["a, b", "c"]|{"a": [1.10, {"b": null}], "c": " : "}'
	# What is no list of texts is one.
	pg own "UPDATE t SET tags = '[1, 2]', rest = '[1, 2]'"
	# shellcheck disable=SC2016 # names of hints
	same "$(lines | jq -c .attributes)" '{"$tags":"[1,2]","$attributes":"[1,2]"}'
	esexport --from "$to" --layout ./layout.json --out odd.zst
	pg own 'TRUNCATE t, esimport_checkpoint'
	put --from odd.zst
	same "$(pg own 'SELECT tags, rest FROM t')" '[1, 2]|[1, 2]'
}

@test "a table of partitions, as source and as target" {
	to=$(pg_db own)
	pg own 'CREATE TABLE t (pos bigint PRIMARY KEY, stream text, version int, type text, data json)
			PARTITION BY RANGE (pos)' 'CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10)' \
		'CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20)'
	layout t '"data": {"field": "data"}'
	plain_events 19 >in.jsonl
	put --from in.jsonl
	lines | cmp - in.jsonl
	same "$(pg own 'SELECT count(*) FROM t1')" 9
	plain_events 1 20 >more.jsonl
	run -3 --separate-stderr put --from more.jsonl --append
	has "$stderr" 'no partition of relation "t" found for row'
}

@test "attributes of another type than the column are refused" {
	table 'a int'
	layout t '"a": {"attribute": "a"}'
	refused a 'is not an integer' '"attributes":{"a":"7"}' attribute '"attributes":{"a":7}'
	refused a 'is out of the range of the column' '"attributes":{"a":2147483648}' attribute
	table 'a boolean'
	refused a 'is not true or false' '"attributes":{"a":1}' attribute
	table 'a real'
	refused a 'is a number that the column cannot hold exactly' '"attributes":{"a":0.1}' attribute
	table 'a text'
	refused a 'is not text' '"attributes":{"a":7}' attribute
	# One that has no column.
	table 'a text'
	printf '%s\n' '{"position":1,"stream":"s","version":0,"type":"T","attributes":{"b":1}}' >in.jsonl
	run -3 --separate-stderr put --from in.jsonl
	has "$stderr" 'event 1 (stream "s", version 0): attribute b: the layout has no place for it'
}

@test "characters that the encoding of the database lacks are refused" {
	to=$(pg_db own -E LATIN1)
	create='CREATE TABLE t (pos bigint PRIMARY KEY, stream text, version int, type text, id text, tags text[],
		data jsonb, meta json)'
	pg own "$create"
	layout t '"id": {"field": "id"}, "tags": {"field": "tags"}, "data": {"field": "data"}, "meta": {"field": "metadata"}'
	refused id 'holds a character that the encoding of the database lacks' '"id":"€"' field '"id":"é"'
	refused tags 'holds a character that the encoding of the database lacks' '"tags":["é","€"]'
	refused data 'holds a character that the encoding of the database lacks' '"data":{"€":1}'
	refused data 'holds an escape of a character that the encoding of the database lacks' '"data":"\u20ac"'
	refused meta 'holds a character that the encoding of the database lacks' '"metadata":"€"'
	there_and_back t <<<'{"position":1,"stream":"ÿ","version":0,"id":"é","type":"T","tags":["ü"],"metadata":"\u20ac","data":{"é": "ß"}}'
	same "$(pg own 'SELECT octet_length(id) FROM t')" 1
	# As json it is only an escape, which the server keeps as it is.
	same "$(pg own 'SELECT meta FROM t')" '"\u20ac"'
}

@test "column types that do not fit are said with table, column and type" {
	while IFS=: read -r type column shown wanted; do
		table "c $type"
		layout t "\"c\": {\"field\": ${column/=/:}}"
		for program in "esexport --from" "esimport --from in.jsonl --to"; do
			events 1 >in.jsonl
			# shellcheck disable=SC2086 # words
			run -2 --separate-stderr $program "$to" --layout ./layout.json
			has "$stderr" "table t: column c is of type $shown, and layout own needs $wanted"
			same "$output" ''
		done
	done <<-'END'
		jsonb:"id":jsonb:text
		bytea:"id":bytea:text
		text:"time":text:timestamp
		int:"data":integer:json
		timestamptz:"time","as"="unix-ms":timestamp with time zone:bigint
		bytea:"tags":bytea:json
		int[]:"tags":integer[]:json
		jsonb:"data","as"="bytes":jsonb:bytea
		text:"id","as"="uuid-blob":text:bytea
		varchar(7):"data","as"="bytes":character varying(7):bytea
	END
	for change in "pos TYPE text" "version TYPE numeric"; do
		table 'c int'
		pg own "ALTER TABLE t ALTER $change"
		layout t '"c": {"attribute": "c"}'
		run -2 --separate-stderr esexport --from "$to" --layout ./layout.json
		has "$stderr" "table t: column ${change%% *} is of type ${change##* }, and layout own needs bigint"
	done
}

@test "a table that is missing, columns too many and too few" {
	to=$(pg_db own)
	layout t
	run -2 --separate-stderr esexport --from "$to" --layout ./layout.json
	has "$stderr" 'does not fit the layout ./layout.json: table t: is not there'
	events 1 >in.jsonl
	run -2 --separate-stderr put --from in.jsonl
	has "$stderr" 'has no table t'
	pg own 'CREATE TABLE t (pos bigint, stream text, version int, "Type" text)'
	for program in "esexport --from" "esimport --from in.jsonl --to"; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr $program "$to" --layout ./layout.json
		has "$stderr" 'table t: a column is not in the layout: Type, table t: lacks the column type'
		# Unasked, no layout fits.
		# shellcheck disable=SC2086
		run -2 --separate-stderr $program "$to"
		has "$stderr" 'has no table of events that a built-in layout knows'
	done
	same "$(pg own 'SELECT count(*) FROM t')" 0
	run -2 --separate-stderr put --from in.jsonl --layout ./no.json
	layout t
	jq '.store = "sqlite"' layout.json >other.json
	run -2 --separate-stderr esexport --from "$to" --layout ./other.json
	has "$stderr" 'is for sqlite, not for postgresql'
	run -2 --separate-stderr put --layout ./other.json --from in.jsonl
	has "$stderr" 'is for sqlite, not for postgresql'
	store a.db 1
	for program in "esexport --from" "esimport --from in.jsonl --to"; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr $program sqlite://a.db --layout ./layout.json
		has "$stderr" 'is for postgresql, not for sqlite'
	done
}

@test "a view is a source, and no target" {
	table 'data jsonb'
	layout t '"data": {"field": "data"}'
	plain_events 9 | put
	pg own "CREATE VIEW v AS SELECT pos, stream, version, upper(type) AS type FROM t WHERE pos > 4"
	layout v
	same "$(lines | jq -r '"\(.position) \(.type)"')" $'5 PAID\n6 SHIPPED\n7 PLACED\n8 PAID\n9 SHIPPED'
	plain_events 10 >in.jsonl
	run -2 --separate-stderr put --from in.jsonl
	has "$stderr" 'v: is not a table, and nothing goes into it'
	pg own 'CREATE MATERIALIZED VIEW m AS SELECT * FROM v'
	layout m
	run -2 --separate-stderr put --from in.jsonl
	has "$stderr" 'm: is not a table, and nothing goes into it'
	same "$(lines | wc -l)" 5
	same "$(pg own 'SELECT count(*) FROM t')" 9
}

@test "events in jsonb that are there already are seen, whatever their spelling" {
	to=$(pg_db own)
	pg own 'CREATE TABLE t (pos bigint PRIMARY KEY, stream text NOT NULL, version int NOT NULL, type text NOT NULL,
		id uuid UNIQUE, data jsonb, rest jsonb, UNIQUE (stream, version))'
	layout t '"id": {"field": "id"}, "data": {"field": "data"}, "rest": {"field": "attributes"}'
	for ((i = 1; i <= 40; i++)); do
		printf '{"position":%d,"stream":"s-%d","version":%d,"id":"00000000-0000-0000-0000-%012d","type":"T","attributes":{"z":1,"a":[1.50,{}]},"data":{ "b":%d.0,"a" : "\\u0041","B":{"y":1e1,"x":null} }}\n' \
			$i $((i % 3)) $((i / 3)) $i $i
	done >in.jsonl
	esexport --from in.jsonl --out in.cbor.zst
	put --from in.cbor.zst
	pg own 'COPY (SELECT * FROM t ORDER BY pos) TO STDOUT' >before.txt
	# Without the row that says how far it came, every third event gone.
	pg own 'DELETE FROM esimport_checkpoint' 'DELETE FROM t WHERE pos % 3 = 0'
	run -5 --separate-stderr put --from in.cbor.zst
	put --from in.cbor.zst --append 2>said
	has "$(cat said)" 'read 40 = written 13 + already there 27 '
	same "$(pg own 'SELECT count(*), count(DISTINCT id), max(pos) FROM t')" '40|40|53'
	# The same with --append over all of them, in transactions of a few.
	pg own 'TRUNCATE esimport_checkpoint'
	put --from in.cbor.zst --append --batch-size 7 2>said
	has "$(cat said)" 'read 40 = written 0 + already there 40 '
	# One that differs is no equal one.
	pg own 'TRUNCATE esimport_checkpoint' "UPDATE t SET data = jsonb_set(data, '{b}', '7') WHERE id::text LIKE '%0005'"
	run -5 --separate-stderr put --from in.cbor.zst --append
	has "$stderr" 'event 5 '
	has "$stderr" 'data differs'
	same "$(pg own 'SELECT count(*) FROM t')" 40
}

@test "a table whose schema no name of ours can say is refused" {
	to=$(pg_db own)
	pg own 'CREATE SCHEMA "a.b"' 'ALTER ROLE admin SET search_path = "a.b"'
	events 1 >in.jsonl
	run --separate-stderr -2 esimport --from in.jsonl --to "$to"
	has "$stderr" 'table events: the name of its schema has a dot'
	pg own 'ALTER ROLE admin SET search_path = nowhere'
	run --separate-stderr -2 esimport --from in.jsonl --to "$to"
	has "$stderr" 'table events: no schema of the search_path is there'
	pg own 'ALTER ROLE admin RESET search_path'
	run --separate-stderr -0 esimport --from in.jsonl --to "$to"
}
