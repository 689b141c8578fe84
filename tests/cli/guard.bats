#!/usr/bin/env bats
# Ways in which events could change or vanish without a word: each is refused.

load helpers
load stores

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	store a.db 10
	esexport --from sqlite://a.db --out all.jsonl.zst 2>/dev/null
}

setup() {
	cp "$BATS_FILE_TMPDIR"/a* .
}

# A layout for the table j, and an empty store with it, whose columns are given.
table() {
	cat >j.json <<-'END'
		{"layout": 1, "name": "j", "store": "sqlite", "events": {"table": "j", "columns": {
		  "seq": {"field": "position"}, "s": {"field": "stream"}, "v": {"field": "version"},
		  "t": {"field": "type"}, "i": {"field": "id"}, "at": {"field": "time", "as": "unix-ns"},
		  "d": {"field": "data", "as": "json"}}}}
	END
	sqlite3 j.db "CREATE TABLE j ($1)"
}

@test "a path is a path, whatever SQLite would make of it" {
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://:memory:
	[ -s :memory: ]
	run --separate-stderr -0 esimport --from all.jsonl.zst --to 'sqlite://file:k.db%3Fmode=memory'
	[ -s 'file:k.db?mode=memory' ]
	run --separate-stderr -0 esverify sqlite://:memory: sqlite://a.db
}

@test "a trigger that drops events is noticed" {
	table 'seq INTEGER PRIMARY KEY, s TEXT, v INTEGER, t TEXT, i TEXT, at INTEGER, d TEXT'
	sqlite3 j.db "CREATE TRIGGER drops BEFORE INSERT ON j WHEN NEW.seq = 4
		BEGIN SELECT RAISE(IGNORE); END"
	run --separate-stderr -6 esimport --layout ./j.json --from all.jsonl.zst --to sqlite://j.db
	has "$stderr" "event 4"
	has "$stderr" "the table did not store it"
	same "$(sqlite3 j.db 'SELECT count(*) FROM j')" 0
}

@test "a table's own conflict clause does not decide over events" {
	local clause
	for clause in IGNORE REPLACE; do
		rm -f j.db
		table "seq INTEGER PRIMARY KEY, s TEXT, v INTEGER, t TEXT, i TEXT, at INTEGER, d TEXT,
			UNIQUE (s, v) ON CONFLICT $clause"
		sqlite3 j.db "INSERT INTO j VALUES (99, 'order-0', 1, 'Mine', NULL, NULL, '{}')"
		run --separate-stderr -5 esimport --append --layout ./j.json --from all.jsonl.zst --to sqlite://j.db
		has "$stderr" "stream and version"
		same "$(sqlite3 j.db 'SELECT seq, t FROM j')" "99|Mine"
	done
}

@test "nothing goes into a view" {
	table 'seq INTEGER PRIMARY KEY, s TEXT, v INTEGER, t TEXT, i TEXT, at INTEGER, d TEXT'
	sqlite3 j.db 'ALTER TABLE j RENAME TO k; CREATE VIEW j AS SELECT * FROM k'
	run --separate-stderr -2 esimport --layout ./j.json --from all.jsonl.zst --to sqlite://j.db
	has "$stderr" "table j: is a view"
}

@test "what the type of a column would change is refused" {
	local line
	table 'seq INTEGER PRIMARY KEY, s INTEGER, v INTEGER, t TEXT, i NUMERIC, at INTEGER, d NUMERIC'
	for line in '"stream":"007","version":0,"type":"T"' \
		'"stream":"s","version":0,"type":"T","id":"1e3"' \
		'"stream":"s","version":0,"type":"T","data":1.10'; do
		echo "{$line}" >one.jsonl
		run --separate-stderr -3 esimport --layout ./j.json --from one.jsonl --to sqlite://j.db
		has "$stderr" "the type of its column makes another value of it"
	done
	# What comes back as it was may go in.
	echo '{"stream":"7","version":0,"type":"T","id":"x","data":1.5}' >one.jsonl
	run --separate-stderr -0 esimport --layout ./j.json --from one.jsonl --to sqlite://j.db
	run --separate-stderr -0 esexport --layout ./j.json --from sqlite://j.db --plain
	same "$(jq -c '[.stream, .id, .data]' <<<"$output")" '["7","x",1.5]'
}

@test "a row whose position is no number is not passed over" {
	table 'seq, s TEXT, v INTEGER, t TEXT, i TEXT, at INTEGER, d TEXT'
	sqlite3 j.db "INSERT INTO j(seq, s, v, t) VALUES (1, 's', 0, 'T'), ('2', 's', 1, 'T'), (3, 's', 2, 'T')"
	run --separate-stderr -3 esexport --layout ./j.json --from sqlite://j.db --plain
	has "$stderr" "column seq holds no number in 1 rows"
	same "$output" ""
	sqlite3 j.db "UPDATE j SET seq = 2 WHERE seq = '2'"
	run --separate-stderr -0 esexport --layout ./j.json --from sqlite://j.db --plain --after 1
	same "${#lines[@]}" 2
}

@test "statistics replace statistics only, and a dry run makes none" {
	snapshot a.db all.jsonl.zst >before
	run --separate-stderr -7 esexport --from sqlite://a.db --out o.jsonl.zst --stats a.db
	has "$stderr" "a.db: exists, and holds no statistics"
	run --separate-stderr -7 esimport --from all.jsonl.zst --to sqlite://b.db --stats all.jsonl.zst
	run --separate-stderr -2 esimport --dry-run --from all.jsonl.zst --to sqlite://b.db --stats x.csv
	run --separate-stderr -2 esexport --dry-run --from sqlite://a.db --stats x.csv
	[ ! -e x.csv ] && [ ! -e b.db ]
	snapshot a.db all.jsonl.zst >after
	run -0 diff before after
	run -0 esexport --from sqlite://a.db --out o.jsonl.zst --stats x.csv
	run -0 esexport --from sqlite://a.db --out p.jsonl.zst --stats x.csv
}

@test "a store is never its own output" {
	snapshot a.db >before
	run --separate-stderr -2 esexport --from sqlite://a.db --out a.db --force
	has "$stderr" "is the store that is read"
	ln a.db link.db
	run --separate-stderr -2 esexport --from sqlite://a.db --out link.db --force
	cmp a.db "$BATS_FILE_TMPDIR/a.db"
}

@test "a checkpoint over events that are gone is a conflict" {
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db
	sqlite3 b.db 'DELETE FROM events'
	run --separate-stderr -5 esimport --from all.jsonl.zst --to sqlite://b.db
	has "$stderr" "event 10, the last that was imported, is not in the table any more"
}

@test "an import that filters left empty remembers how far it read" {
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db --upto 3 --stream none
	run --separate-stderr -5 esimport --from all.jsonl.zst --to sqlite://b.db --after 5 --stream none
	has "$stderr" "the target has everything up to 3"
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db --after 3 --stream none
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db --stream none
}

@test "a commit that fails is not counted as written" {
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db --upto 4
	python3 - <<-'END' 3>&- &
		import sqlite3, time, os
		db = sqlite3.connect('b.db')
		db.execute('BEGIN'); db.execute('SELECT * FROM events').fetchone()
		open('locked', 'w').close()
		while not os.path.exists('done'):
		    time.sleep(0.05)
	END
	until [ -e locked ]; do sleep 0.05; done
	run --separate-stderr -6 esimport --from all.jsonl.zst --to sqlite://b.db
	touch done
	wait
	has "$stderr" "everything up to position 4 (0 events written by this run)"
	same "$(sqlite3 b.db 'SELECT count(*) FROM events')" 4
}

@test "foreign keys of the target hold at the end of each transaction" {
	table 'seq INTEGER PRIMARY KEY, s TEXT REFERENCES known(s), v INTEGER, t TEXT, i TEXT, at INTEGER, d TEXT'
	sqlite3 j.db "CREATE TABLE known (s TEXT PRIMARY KEY)"
	run --separate-stderr -3 esimport --layout ./j.json --from all.jsonl.zst --to sqlite://j.db
	has "$stderr" '; row 1 of j refers to a row of known that is not there'
	same "$(sqlite3 j.db 'SELECT count(*) FROM j')" 0
	sqlite3 j.db "INSERT INTO known VALUES ('order-0'), ('order-1'), ('order-2'), ('order-3'), ('order-4')"
	run --separate-stderr -0 esimport --layout ./j.json --from all.jsonl.zst --to sqlite://j.db
}
