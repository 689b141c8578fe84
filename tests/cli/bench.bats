# The benchmark runs, and its floors do the work that programs are compared with.
load helpers
load postgres

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}

setup() {
	PATH="$BIN/bench:$PATH"
	gen --events 3000 >a.jsonl
	esimport --plain --from a.jsonl --to sqlite://a.db
	jq -r '.schema[] + ";"' "$REPO/spec/layouts/native-sqlite.json" >table.sql
	: >nothing.sql
}

@test "a floor writes into SQLite what was there" {
	sqliteloop dump a.db a.rows
	grep TABLE table.sql >only.sql
	grep INDEX table.sql >indexes.sql
	sqliteloop insert a.rows b.db 1000 table.sql nothing.sql
	sqliteloop insert a.rows c.db 7 only.sql indexes.sql
	esverify sqlite://a.db sqlite://b.db
	esverify sqlite://a.db sqlite://c.db
	[ "$(sqlite3 c.db 'SELECT count(*) FROM sqlite_schema')" = 3 ]
}

@test "a floor copies out of PostgreSQL, and into it" {
	a=$(pg_db a) b=$(pg_db b)
	esimport --plain --from a.jsonl --to "$a"
	run -0 pgloop out "$a"
	[[ $output = '3000 rows, '* ]]
	pg a 'COPY (SELECT * FROM events ORDER BY position) TO STDOUT (FORMAT binary)' >a.pgcopy
	jq -r '.schema[] + ";"' "$REPO/spec/layouts/native-postgresql.json" | pg b
	jq -r '.indexes[] + ";"' "$REPO/spec/layouts/native-postgresql.json" >indexes.sql
	run -0 pgloop in "$b" a.pgcopy 700 indexes.sql
	[[ $output = '3000 rows, '* ]]
	esverify "$a" "$b"
}

@test "a floor compresses all of a file, and decompresses all of an archive" {
	esexport --from sqlite://a.db --out a.cbor.zst --chunk-size 64KiB
	zstd -qdc a.cbor.zst >a.raw
	run -0 zstdloop decompress a.cbor.zst 2
	[[ $output = *" chunks, $(stat -c %s a.raw) bytes" ]]
	gen --events 12000 >big.raw # three chunks
	run -0 zstdloop compress big.raw 1 2
	[[ $output = '3 chunks, '* ]]
}

@test "measure says what a program took, and how it ended" {
	run -3 measure took sh -c 'exit 3'
	run -127 measure took no-such-program
	measure took true
	grep -E '^[0-9]+\.[0-9]{6} [1-9][0-9]*$' took
}

@test "a row is run, measured and compared, and a goal judged" {
	ROWS='^pairs: (cbor|sqlite) > nats|^floors: pg out' "$REPO/bench/run.sh" 2000 1 >out
	cat out
	grep -E '^\| cbor > nats \| [1-9].* nats publish: [0-9.]+ \|$' out
	grep -E '^\| sqlite > nats \| .* \| [0-9.]+ \+ [0-9.]+ \| [0-9.]+ \| [1-9][0-9]* \+ [1-9][0-9]* \|' out
	grep -E '^\| cbor > nats \| speed >= 0.9 \| nats publish \| .* (reached|missed by [0-9]+%) \|$' out
	run ! grep -E 'failed|not installed' out
}

@test "rows and goals name rows that are there" {
	"$REPO/bench/table.py" choose goals >rows
	grep -q '^pairs' rows
	cp -r "$REPO/bench" bench
	sed -i 's/^floors\tpg out/floors\tpg away/' bench/rows.tsv
	run -1 bench/table.py choose ''
	[[ $output = *'pg out'* ]]
}
