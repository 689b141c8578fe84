#!/usr/bin/env bats
# SQLite files as sources and targets: what they may be, what is never done to them, what is refused.

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

teardown() {
	[ -z "${open:-}" ] || {
		chmod -R u+rwX "$open"
		rm -rf "$open"
	}
}

# A folder that any user may enter, with the programs in it; $open.
open_folder() {
	open=$(mktemp -d "${TMPDIR:-/tmp}/es-open-XXXXXX")
	chmod 755 "$open"
	mkdir "$open/bin" "$open/d"
	cp "$BIN"/es* "$open/bin"
}

# Run as a user whom modes of files stop.
mortal() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
	else
		"$@"
	fi
}

# A layout for the table `log`, changed by jq.
layout_of_log() {
	jq "${1:-.}" >log.json <<'END'
{"layout": 1, "name": "log", "store": "sqlite",
 "events": {"table": "log", "columns": {
  "seq": {"field": "position"}, "s": {"field": "stream"}, "v": {"field": "version", "base": 1},
  "t": {"field": "type"}, "at": {"field": "time", "as": "unix-ms"}, "body": {"field": "data"}}}}
END
}

log_table() {
	sqlite3 "$1" 'CREATE TABLE log (seq INTEGER PRIMARY KEY, s TEXT, v INTEGER, t TEXT, at INTEGER, body TEXT, UNIQUE (s, v))'
}

# Sources

@test "a store that is missing is said, and not made" {
	run --separate-stderr -6 esexport --from sqlite://no.db
	same "$output" ""
	same "$stderr" "esexport: sqlite no.db: No such file or directory"
	run --separate-stderr -6 esverify sqlite://no.db sqlite://a.db
	[ ! -e no.db ]
}

@test "a folder is no store" {
	mkdir d.db
	run --separate-stderr -6 esexport --from sqlite://d.db
	same "$stderr" "esexport: sqlite d.db: is not a file"
	run --separate-stderr -6 esimport --from all.jsonl.zst --to sqlite://d.db
	has "$stderr" "esimport: sqlite d.db: is not a file"
}

@test "a file that is no database is said" {
	seq 1000 >text.db
	run --separate-stderr -6 esexport --from sqlite://text.db
	same "$output" ""
	has "$stderr" "sqlite text.db: is not an SQLite database"
	sha256sum text.db >before
	run --separate-stderr -6 esimport --from all.jsonl.zst --to sqlite://text.db
	has "$stderr" "sqlite text.db: is not an SQLite database"
	run -0 sha256sum -c before
}

@test "a damaged database is said to be damaged, and no archive is left" {
	store big.db 2000
	dd if=/dev/zero bs=1024 count=64 2>/dev/null | tr '\0' '\377' |
		dd of=big.db bs=1024 seek=16 conv=notrunc 2>/dev/null
	run --separate-stderr -6 esexport --from sqlite://big.db --out big.jsonl.zst
	same "$output" ""
	has "$stderr" "the database is damaged"
	has "$stderr" "PRAGMA integrity_check"
	[ ! -e big.jsonl.zst ]
}

@test "a database that is cut short is said to be damaged" {
	store big.db 2000
	truncate -s 32768 big.db
	run --separate-stderr -6 esexport --from sqlite://big.db --out big.jsonl.zst
	has "$stderr" "the database is damaged"
	[ ! -e big.jsonl.zst ]
}

@test "a database without events is refused" {
	sqlite3 app.db 'CREATE TABLE users (id INTEGER PRIMARY KEY)'
	: >empty.db
	local db
	for db in app empty; do
		run --separate-stderr -2 esexport --from sqlite://$db.db --out b.jsonl.zst
		has "$stderr" "sqlite://$db.db: has no table of events that a built-in layout knows"
		has "$stderr" "--layout"
	done
	[ ! -e b.jsonl.zst ]
}

@test "a view of a table that is gone is said" {
	sqlite3 v.db 'CREATE TABLE log (position, stream); CREATE VIEW events AS SELECT * FROM log; DROP TABLE log'
	run --separate-stderr -6 esexport --from sqlite://v.db --plain
	same "$output" ""
	has "$stderr" "no such table: main.log"
	run --separate-stderr -6 esimport --from all.jsonl.zst --to sqlite://v.db
	has "$stderr" "no such table: main.log"
}

@test "a table that does not fit the layout that was named is refused by its columns" {
	sqlite3 a.db 'ALTER TABLE events DROP COLUMN causation_id; ALTER TABLE events RENAME tags TO labels'
	run --separate-stderr -2 esexport --from sqlite://a.db --layout native
	has "$stderr" "sqlite://a.db: does not fit the layout native"
	has "$stderr" "table events: a column is not in the layout: labels"
	has "$stderr" "table events: lacks the column tags"
	has "$stderr" "table events: lacks the column causation_id"
	lacks "$stderr" "column stream"
	lacks "$stderr" %
	run --separate-stderr -2 esexport --from sqlite://a.db --layout emmett
	has "$stderr" "table emt_messages: is not there"
	run --separate-stderr -2 esexport --from sqlite://a.db
	has "$stderr" "no table of events that a built-in layout knows"
}

@test "a column more than the layout has is not left behind in silence" {
	sqlite3 a.db 'ALTER TABLE events ADD COLUMN tenant TEXT'
	run --separate-stderr -2 esexport --from sqlite://a.db --layout native
	has "$stderr" "a column is not in the layout: tenant"
}

@test "a database that two layouts fit is refused until one is named" {
	cp "$REPO/tests/stores/emmett-sqlite/store.db" both.db
	sqlite3 a.db '.dump events' | sqlite3 both.db
	run --separate-stderr -2 esexport --from sqlite://both.db
	has "$stderr" "sqlite://both.db: several layouts fit: emmett, native; name one with --layout"
	run --separate-stderr -0 esexport --from sqlite://both.db --layout native --plain
	same "${#lines[@]}" 10
}

@test "a layout that is not built in is refused, and where to look" {
	run --separate-stderr -2 esexport --from sqlite://a.db --layout marten
	same "$stderr" "esexport: layout marten: is not built in for sqlite; esexport --list-layouts lists them; a file is named with its path"
}

@test "a locked database is waited for, then said to be locked" {
	mkfifo said enough
	cat >holder.py <<'END'
import sqlite3
db = sqlite3.connect("a.db", isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
open("said", "w").close()
open("enough").read()
END
	python3 holder.py &
	cat said
	run --separate-stderr -6 esexport --from sqlite://a.db --out b.jsonl.zst
	: >enough
	wait $!
	same "$output" ""
	has "$stderr" "another program has locked the database"
	has "$stderr" "start again when it has finished"
	[ ! -e b.jsonl.zst ]
	run --separate-stderr -0 esexport --from sqlite://a.db --out b.jsonl.zst
}

# lock FILE: another program has it until `unlock`.
lock() {
	mkfifo said enough
	cat >holder.py <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
open("said", "w").close()
open("enough").read()
END
	python3 holder.py "$1" 3>&- &
	holder=$!
	cat said
}
unlock() {
	: >enough
	wait $holder
	rm said enough
}

# behind_lock COMMAND...: in the background, until it says that it waits for the lock.
behind_lock() {
	local end=$((SECONDS + 60))

	"$@" 2>err 3>&- &
	job=$!
	until grep -q 'trying again' err; do ((SECONDS < end)) || return 1; done
}

@test "a lock is tried again as often as it is allowed, and each time counts" {
	lock a.db
	run --separate-stderr -6 esexport --from sqlite://a.db --out b.jsonl.zst --retry-max 0
	lacks "$stderr" 'trying again'
	run --separate-stderr -6 esimport --from more.jsonl --to sqlite://a.db --append --retry-max 3
	has "$stderr" 'sqlite://a.db: another program has locked the database; trying again for 10 s, 3 times at most'
	same "$(grep -c 'trying again' <<<"$stderr")" 1
	behind_lock esexport --from sqlite://a.db --out b.jsonl.zst --log-format json
	unlock
	wait $job
	(($(tail -n 1 err | jq .retries) > 0))
	run --separate-stderr -0 esexport --from sqlite://a.db --out c.jsonl.zst --log-format json
	same "$(jq .retries <<<"${stderr_lines[-1]}")" 0
}

@test "an import and esverify wait for a lock, and say how often they tried" {
	cp a.db b.db
	events 5 101 >more.jsonl
	lock b.db
	behind_lock esimport --from more.jsonl --to sqlite://b.db --append
	unlock
	wait $job
	has "$(tail -n 1 err)" '; tried again '
	lock a.db
	behind_lock esverify sqlite://a.db
	unlock
	wait $job
	grep -qE '^esverify: note: tried again [0-9]+ times?$' err
}

@test "a stop ends the waiting for a lock with 8" {
	lock a.db
	behind_lock esexport --from sqlite://a.db --out b.jsonl.zst
	kill -TERM $job
	rc=0
	wait $job || rc=$?
	same $rc 8
	has "$(tail -n 1 err)" 'stopped by a signal'
	unlock
}

@test "a source in WAL mode is one moment of it while a writer goes on" {
	local k
	mkfifo said
	cat >writer.py <<'END'
import os, sqlite3
db = sqlite3.connect("w.db", isolation_level=None, timeout=0)
db.executescript("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=OFF;" + open("schema").read())
add = "INSERT INTO events (position, stream, version, type, data) VALUES (?1, 's', ?1 - 1, 'T', '{\"n\":1}')"
db.execute("BEGIN")
for n in range(1, 2001):
    db.execute(add, (n,))
db.execute("COMMIT")
said = open("said", "w")
while not os.path.exists("enough"):
    n += 1
    db.execute(add, (n,))
    if said and n > 2050:
        said.close()
        said = None
open("written", "w").write(str(n))
os._exit(0)
END
	sqlite3 a.db '.schema events' >schema
	python3 writer.py &
	cat said
	sha256sum w.db >before
	esexport --from sqlite://w.db --out w.jsonl.zst --chunk-size 8KiB
	run -0 sha256sum -c before
	: >enough
	wait $!
	k=$(esverify --info --json w.jsonl.zst | jq .events)
	[ "$k" -ge 2050 ]
	[ "$k" -le "$(cat written)" ]
	run -0 esverify w.jsonl.zst
	has "$output" "positions 1 to $k"
	run -0 esverify --positions --upto "$k" w.jsonl.zst sqlite://w.db
}

@test "a source is not written to: neither its file nor its log" {
	local log
	python3 - <<'END'
import os, sqlite3
db = sqlite3.connect("a.db", isolation_level=None)
db.executescript("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0")
db.execute("INSERT INTO events (position, stream, version, type) VALUES (11, 'x', 0, 'T')")
os._exit(0)
END
	log=$(stat -c %s a.db-wal)
	[ "$log" -gt 0 ]
	sha256sum a.db a.db-wal >before
	run --separate-stderr -0 esexport --from sqlite://a.db --plain
	same "${#lines[@]}" 11
	run --separate-stderr -0 esexport --from sqlite://a.db --out b.jsonl.zst
	run --separate-stderr -0 esverify b.jsonl.zst sqlite://a.db
	run --separate-stderr -0 esexport --from sqlite://a.db --dry-run
	run -0 sha256sum -c before
	same "$(stat -c %s a.db-wal)" "$log"
}

@test "a source with a rollback journal is not written to" {
	snapshot a.db >before
	run --separate-stderr -0 esexport --from sqlite://a.db --out b.jsonl.zst
	snapshot a.db >after
	run -0 diff before after
}

@test "a source in WAL mode needs a folder to lock it in, or a read-only file system" {
	open_folder
	cp a.db "$open/d"
	sqlite3 "$open/d/a.db" 'PRAGMA journal_mode=WAL' >/dev/null
	[ ! -e "$open/d/a.db-wal" ]
	chmod 444 "$open/d/a.db"
	chmod 555 "$open/d"
	run --separate-stderr -6 mortal "$open/bin/esexport" --from "sqlite://$open/d/a.db" --plain
	same "$output" ""
	has "$stderr" "in WAL mode its locks need a place"
	chmod 755 "$open/d"
}

@test "a file that may not be written is read" {
	open_folder
	cp a.db "$open/d/q?a #%41.db"
	chmod 444 "$open/d/q?a #%41.db"
	chmod 555 "$open/d"
	run --separate-stderr -0 mortal "$open/bin/esexport" --from "sqlite://$open/d/q%3Fa #%2541.db" --plain
	same "${#lines[@]}" 10
	chmod 755 "$open/d"
}

@test "a file that may not be read is said" {
	open_folder
	cp a.db "$open/d"
	chmod 000 "$open/d/a.db"
	run --separate-stderr -6 mortal "$open/bin/esexport" --from "sqlite://$open/d/a.db" --plain
	same "$output" ""
	has "$stderr" "$open/d/a.db: cannot be opened"
}

# Layout files

@test "a layout file maps a table both ways" {
	layout_of_log
	log_table log.db
	events 10 | jq -c 'del(.id)' >in.jsonl
	run --separate-stderr -0 esimport --from in.jsonl --to sqlite://log.db --layout ./log.json
	same "$(sqlite3 log.db 'SELECT * FROM log WHERE seq = 10')" '10|order-4|2|Placed|1767225610000|{"n":10}'
	run --separate-stderr -0 esexport --from sqlite://log.db --layout log.json --plain
	same "$output" "$(cat in.jsonl)"
	run --separate-stderr -0 esverify --layout-b log.json --positions in.jsonl sqlite://log.db
}

@test "names of tables and columns may hold quotes" {
	layout_of_log '.events |= (.table = "a\"log" | .columns |= with_entries(.key |= "\"\(.)\""))'
	log_table log.db
	sqlite3 log.db 'ALTER TABLE log RENAME TO "a""log"'
	for column in seq s v t at body; do
		sqlite3 log.db "ALTER TABLE \"a\"\"log\" RENAME $column TO \"\"\"$column\"\"\""
	done
	events 10 | jq -c 'del(.id)' >in.jsonl
	esimport --from in.jsonl --to sqlite://log.db --layout ./log.json
	esexport --from sqlite://log.db --layout ./log.json --plain | cmp - in.jsonl
}

@test "text in a column of bytes is text again" {
	layout_of_log '.events.columns.body.as = "bytes"'
	log_table log.db
	log_table new.db
	sqlite3 log.db "INSERT INTO log VALUES (1, 's', 1, 'T', NULL, 'text'), (2, 's', 2, 'T', NULL, x'62')"
	esexport --from sqlite://log.db --layout ./log.json | esimport --to sqlite://new.db --layout ./log.json
	same "$(sqlite3 new.db 'SELECT typeof(body), CAST(body AS TEXT) FROM log')" $'text|text\nblob|b'
}

@test "a layout file that is missing or too large is named" {
	run --separate-stderr -2 esexport --from sqlite://a.db --layout ./no.json
	has "$stderr" "no.json: No such file or directory"
	run --separate-stderr -2 esexport --from sqlite://a.db --layout ./
	has "$stderr" "is a directory"
	head -c 1048577 /dev/zero | tr '\0' ' ' >big.json
	run --separate-stderr -2 esexport --from sqlite://a.db --layout big.json
	has "$stderr" "big.json: is larger than 1048576 bytes"
}

@test "a layout file that is no JSON is refused with line and column" {
	printf '{"layout": 1,\n "name": "x",,\n}' >log.json
	run --separate-stderr -2 esexport --from sqlite://a.db --layout log.json
	has "$stderr" "layout log.json:2:14: "
	printf '{"name": "x", "name": "y"}' >log.json
	run --separate-stderr -2 esexport --from sqlite://a.db --layout log.json
	has "$stderr" "layout log.json:1:"
}

# $1 done to the layout is refused with $2.
wrong_layout() {
	layout_of_log "$1"
	run --separate-stderr -2 esexport --from sqlite://log.db --layout log.json
	same "$output" ""
	[[ $stderr =~ ^'esexport: layout log.json:'[0-9]+': '(.*) ]]
	has "${BASH_REMATCH[1]}" "$2"
}

@test "what is wrong in a layout file is said with its place" {
	log_table log.db
	wrong_layout '.evnts = 1' 'the file: key "evnts" is unknown'
	wrong_layout '.layout = 2' 'the file: "layout" must be 1'
	wrong_layout 'del(.name)' 'the file: "name" is missing; expected a string that is not empty'
	wrong_layout '.store = "mysql"' 'the file: "store": "mysql" is unknown; expected "sqlite", "postgresql" or "nats"'
	wrong_layout 'del(.events)' 'events: is missing; expected an object'
	wrong_layout '.events.tabel = "x"' 'events: key "tabel" is unknown; expected "table", "query", "columns" or "write"'
	wrong_layout 'del(.events.table)' 'events: "table" is missing; expected a string'
	wrong_layout '.events.columns = {}' 'events.columns: must be an object with a member for each column'
	wrong_layout 'del(.events.columns.t)' 'events.columns: no column has the field "type"'
	wrong_layout '.events.columns.t.feld = "type"' 'events.columns.t: key "feld" is unknown'
	wrong_layout '.events.columns.t.field = "kind"' 'events.columns.t: field "kind" is unknown'
	wrong_layout '.events.columns.t = {}' 'events.columns.t: needs either "field" or "attribute"'
	wrong_layout '.events.columns.t = 1' 'events.columns.t: must be an object'
	wrong_layout '.events.columns.at.as = "unix-h"' 'events.columns.at: "as": "unix-h" is unknown; expected "unix-s", "unix-ms", "unix-us", "unix-ns", "rfc3339", "datetime" or "nanoseconds"'
	wrong_layout '.events.columns.at.as = "json"' 'events.columns.at: "as": "json" does not fit this field'
	wrong_layout '.events.columns.t.optional = "yes"' 'events.columns.t: "optional" must be true or false'
	wrong_layout '.events.columns += {a: {attribute: "x"}, b: {attribute: "x"}}' 'events.columns.b: attribute "x" has a column already: "a"'
	wrong_layout '.events.columns.t = {attribute: "x", default: [1]}' 'events.columns.t: "default" must be a string, an integer'
	wrong_layout '.streams = {table: "x", columns: {s: {from: "stream", key: "yes"}}}' 'streams.columns.s: "key" must be true or false'
	wrong_layout '.streams = {table: "x", columns: {s: {from: "streams"}}}' '"from": "streams" is unknown; expected "stream", "category" or "version"'
	wrong_layout '.events.columns.t.base = 1' 'events.columns.t: "base" is for the version'
	wrong_layout '.events.columns.body.field = "type"' 'events.columns.body: field "type" has a column already: "t"'
	wrong_layout '.streams = {}' 'streams: "table" is missing; expected a string'
	wrong_layout '.schema = "CREATE"' 'schema: must be an array of SQL statements'
	wrong_layout '[.]' 'the file: must be one object'
}

# Targets

@test "a target that is missing is made, readable by anybody's sqlite3" {
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db
	same "$output" ""
	has "$stderr" "read 10 = written 10 + already there 0 + filtered 0 events"
	same "$(sqlite3 b.db 'PRAGMA integrity_check; SELECT count(*) FROM events')" "ok
10"
	run -0 esverify --positions sqlite://a.db sqlite://b.db
}

@test "a target whose source fails is not made" {
	head -c 40 all.jsonl.zst >cut.jsonl.zst
	run --separate-stderr -4 esimport --from cut.jsonl.zst --to sqlite://b.db
	run --separate-stderr -7 esimport --from no.jsonl.zst --to sqlite://b.db
	has "$stderr" "open no.jsonl.zst: No such file or directory"
	has "$stderr" "nothing was written to the target"
	[ ! -e b.db ]
}

@test "a file of no bytes is an empty store" {
	: >b.db
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db
	same "$(count_in b.db)" 10
}

@test "an archive without events makes a store without events" {
	esexport --from sqlite://a.db --upto 0 --out none.jsonl.zst 2>/dev/null
	run --separate-stderr -0 esimport --from none.jsonl.zst --to sqlite://b.db
	has "$stderr" "read 0 = written 0"
	same "$(count_in b.db)" 0
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db
	has "$stderr" "written 10"
}

@test "the database of an application takes events beside its tables when the layout is named" {
	sqlite3 app.db "CREATE TABLE users (name TEXT); INSERT INTO users VALUES ('Zoë')"
	run --separate-stderr -2 esimport --from all.jsonl.zst --to sqlite://app.db
	has "$stderr" "has no table of events that a built-in layout knows"
	same "$(sqlite3 app.db .tables)" users
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://app.db --layout native
	same "$(sqlite3 app.db 'SELECT name FROM users')" Zoë
	run -0 esverify sqlite://a.db sqlite://app.db
}

@test "a layout without a schema needs a store that is there" {
	run --separate-stderr -2 esimport --from all.jsonl.zst --to sqlite://b.db --layout emmett
	has "$stderr" "sqlite://b.db: has no table emt_messages; make an empty store"
	[ ! -e b.db ]
}

@test "a store with events of its own is refused, and not touched" {
	store b.db 3
	sqlite3 b.db 'DROP TABLE esimport_checkpoint'
	sha256sum b.db >before
	run --separate-stderr -5 esimport --from all.jsonl.zst --to sqlite://b.db
	same "$output" ""
	has "$stderr" "the target holds events, and no import of this source wrote them; import into an empty store, or add to this one with --append"
	run -0 sha256sum -c before
}

@test "the same import again writes nothing" {
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db
	sha256sum b.db >before
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db
	has "$stderr" "read 10 = written 0 + already there 10 + filtered 0 events"
	run -0 sha256sum -c before
}

@test "lines are known again by their first event" {
	events 4 >four.jsonl
	run --separate-stderr -0 esimport --from four.jsonl --to sqlite://b.db
	events 10 >ten.jsonl
	run --separate-stderr -0 esimport --from ten.jsonl --to sqlite://b.db
	has "$stderr" "read 10 = written 6 + already there 4"
	events 3 2 >other.jsonl
	run --separate-stderr -5 esimport --from other.jsonl --to sqlite://b.db
}

@test "another history of the same source is refused" {
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db
	sqlite3 a.db "UPDATE events SET type = 'Changed' WHERE position = 10"
	esexport --from sqlite://a.db --out other.jsonl.zst 2>/dev/null
	run --separate-stderr -5 esimport --from other.jsonl.zst --to sqlite://b.db
	has "$stderr" "event 10 is not the one that was imported under this position"
	sqlite3 a.db "DELETE FROM events WHERE position = 10"
	sqlite3 a.db "INSERT INTO events (position, stream, version, type) VALUES (12, 'n', 0, 'T')"
	esexport --from sqlite://a.db --out gone.jsonl.zst 2>/dev/null
	run --separate-stderr -5 esimport --from gone.jsonl.zst --to sqlite://b.db
	has "$stderr" "event 10, the last that was imported before, is not in the input"
}

@test "--append adds in the same order under new positions, and keeps the old ones" {
	events 3 1 | sed 's/order/old/; s/"id-/"old-/' | esimport --to sqlite://b.db
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db --append --after 4
	has "$stderr" "read 6 = written 6 "
	same "$(sqlite3 b.db "SELECT position, id, attributes ->> '\$.\$position' FROM events")" \
		"1|old-1|
2|old-2|
3|old-3|
4|id-5|5
5|id-6|6
6|id-7|7
7|id-8|8
8|id-9|9
9|id-10|10"
}

@test "an import that appended goes on appending, asked for or not" {
	events 3 1 | sed 's/order/old/; s/"id-/"old-/' | esimport --to sqlite://b.db
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db --append --upto 4
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db
	has "$stderr" "read 10 = written 6 + already there 4"
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db --append
	has "$stderr" "read 10 = written 0 + already there 10"
	same "$(sqlite3 b.db "SELECT group_concat(position || '=' || coalesce(attributes ->> '\$.\$position', '')) FROM events")" \
		"1=,2=,3=,4=1,5=2,6=3,7=4,8=5,9=6,10=7,11=8,12=9,13=10"
}

@test "an import that was killed while it appended goes on, each event once" {
	[ -z "${SAN:-}" ] || skip "strace and sanitizers do not mix"
	events 3 1 | sed 's/order/old/; s/"id-/"old-/' | esimport --to sqlite://b.db
	run -137 strace -f -qq -o /dev/null -e trace=unlink -e inject=unlink:signal=KILL:when=4 \
		esimport --from all.jsonl.zst --to sqlite://b.db --append --batch-size 1
	local n
	n=$(sqlite3 b.db 'SELECT count(*) FROM events') # rolls back what was half done
	[ "$n" -gt 3 ]
	[ "$n" -lt 13 ]
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db
	same "$(sqlite3 b.db "SELECT group_concat(id) FROM (SELECT id FROM events ORDER BY position)")" \
		"old-1,old-2,old-3,id-1,id-2,id-3,id-4,id-5,id-6,id-7,id-8,id-9,id-10"
}

@test "the size of a transaction does not change what is written" {
	local n
	store big.db 300
	esexport --from sqlite://big.db --out big.jsonl.zst --chunk-size 1KiB 2>/dev/null
	for n in 7 10000; do
		run --separate-stderr -0 esimport --from big.jsonl.zst --to sqlite://b$n.db --batch-size $n
	done
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b1.db --batch-size 1
	run -0 esverify --positions sqlite://b1.db sqlite://a.db
	run -0 esverify --positions sqlite://b7.db sqlite://big.db
	run -0 esverify --positions sqlite://b10000.db sqlite://big.db
	same "$(sqlite3 b7.db 'SELECT position, event, events FROM esimport_checkpoint')" \
		"$(sqlite3 b10000.db 'SELECT position, event, events FROM esimport_checkpoint')"
}

@test "a target in a folder that nothing can be written to is an error of the store" {
	open_folder
	cp all.jsonl.zst "$open"
	chmod 644 "$open/all.jsonl.zst"
	chmod 555 "$open/d"
	run --separate-stderr -6 mortal "$open/bin/esimport" --from "$open/all.jsonl.zst" --to "sqlite://$open/d/b.db"
	has "$stderr" "$open/d/b.db: cannot be opened"
	has "$stderr" "nothing was written to the target"
}

@test "a target that may not be written is an error of the store" {
	open_folder
	cp a.db "$open"
	events 3 11 >"$open/more.jsonl"
	chmod 444 "$open/a.db"
	chmod 644 "$open/more.jsonl"
	run --separate-stderr -6 mortal "$open/bin/esimport" --from "$open/more.jsonl" --to "sqlite://$open/a.db" --append
	has "$stderr" "read-only"
}

@test "a position that no INTEGER can be is refused before anything is written" {
	{
		events 2
		echo '{"position":9223372036854775808,"stream":"s","version":0,"type":"T"}'
	} >big.jsonl
	run --separate-stderr -3 esimport --from big.jsonl --to sqlite://b.db
	has "$stderr" 'event 9223372036854775808 (stream "s", version 0): field position: is larger than an INTEGER can be'
	has "$stderr" "nothing was written to the target"
	[ ! -s b.db ] || same "$(sqlite3 b.db .tables)" ""
	echo '{"position":1,"stream":"s","version":9223372036854775808,"type":"T"}' >big.jsonl
	run --separate-stderr -3 esimport --from big.jsonl --to sqlite://c.db
	has "$stderr" "field version: is larger than an INTEGER can be"
}

@test "an event with a field that the table has no column for is refused" {
	layout_of_log
	log_table log.db
	{
		events 4 | jq -c 'del(.id)'
		echo '{"position":5,"stream":"s","version":0,"type":"T","correlation_id":"c"}'
	} >in.jsonl
	run --separate-stderr -3 esimport --from in.jsonl --to sqlite://log.db --layout log.json
	same "$output" ""
	has "$stderr" 'event 5 (stream "s", version 0): field correlation_id: the layout has no place for it'
	same "$(sqlite3 log.db 'SELECT count(*) FROM log')" 0
	# Of a pipe the transactions before it are kept, and the next run goes on behind them.
	run --separate-stderr -3 esimport --to sqlite://log.db --layout log.json --batch-size 3 < <(cat in.jsonl)
	has "$stderr" "the target has everything up to position 3 (3 events written by this run)"
	same "$(sqlite3 log.db 'SELECT count(*) FROM log')" 3
}

@test "what a column cannot hold exactly is refused with its field" {
	layout_of_log
	log_table log.db
	echo '{"position":1,"stream":"s","version":0,"type":"T","time":"2026-01-01T00:00:00.0001Z"}' >in.jsonl
	run --separate-stderr -3 esimport --from in.jsonl --to sqlite://log.db --layout log.json
	has "$stderr" "field time: is finer than the unit of the column"
	echo '{"position":1,"stream":"s","version":0,"type":"T","data_base64":"AP8="}' >in.jsonl
	run --separate-stderr -3 esimport --from in.jsonl --to sqlite://log.db --layout log.json
	has "$stderr" "field data: is not JSON, which the column needs"
	echo '{"position":1,"stream":"s","version":0,"type":"T","attributes":{"x":1}}' >in.jsonl
	run --separate-stderr -3 esimport --from in.jsonl --to sqlite://log.db --layout log.json
	has "$stderr" "attribute x: the layout has no place for it"
	layout_of_log '.events.columns.body = {field: "id", as: "uuid-blob"}'
	echo '{"position":1,"stream":"s","version":0,"type":"T","id":"1"}' >in.jsonl
	run --separate-stderr -3 esimport --from in.jsonl --to sqlite://log.db --layout log.json
	has "$stderr" "field id: is not a UUID, which the column needs"
	same "$(sqlite3 log.db 'SELECT count(*) FROM log')" 0
}

@test "an event that a constraint of the table refuses is named" {
	layout_of_log
	sqlite3 log.db "CREATE TABLE log (seq INTEGER PRIMARY KEY, s TEXT, v INTEGER, t TEXT CHECK (t <> 'Paid'), at INTEGER, body TEXT)"
	events 4 | jq -c 'del(.id)' >in.jsonl
	run --separate-stderr -3 esimport --from in.jsonl --to sqlite://log.db --layout log.json
	has "$stderr" 'event 2 (stream "order-1", version 0): the table does not take it: CHECK constraint failed'
	same "$(sqlite3 log.db 'SELECT count(*) FROM log')" 0
}

# The target gets $1 after a first import, the input $2 behind the same ten events.
clashes() {
	rm -f b.db
	esimport --from all.jsonl.zst --to sqlite://b.db 2>/dev/null
	sqlite3 b.db "$1"
	{
		events 10
		echo "$2"
	} >in.jsonl
	sqlite3 b.db "UPDATE esimport_checkpoint SET origin = (SELECT origin FROM esimport_checkpoint)"
	run --separate-stderr -5 esimport --from in.jsonl --to sqlite://b.db
	same "$output" ""
	same "$(count_in b.db)" 11
}

@test "a conflict says whether id, stream and version, or position are taken, and the field" {
	clashes "INSERT INTO events (position, stream, version, id, type) VALUES (11, 'x', 0, 'x-0', 'T')" \
		'{"position":11,"stream":"y","version":0,"id":"y-0","type":"T"}'
	has "$stderr" 'event 11 (stream "y", version 0): the target holds another event of this position; their stream differs'
	clashes "INSERT INTO events (position, stream, version, id, type) VALUES (50, 'y', 0, 'x-0', 'T')" \
		'{"position":11,"stream":"y","version":0,"id":"y-0","type":"T"}'
	has "$stderr" "the target holds another event of this stream and version; their position differs"
	clashes "INSERT INTO events (position, stream, version, id, type) VALUES (50, 'x', 7, 'y-0', 'T')" \
		'{"position":11,"stream":"y","version":0,"id":"y-0","type":"T"}'
	has "$stderr" "the target holds another event of this id; their position differs"
}

@test "an event that is there already, equal in all, is counted and not written" {
	esimport --from all.jsonl.zst --to sqlite://b.db --upto 8 2>/dev/null
	lines_of sqlite://a.db | sed -n 9p >ninth
	sqlite3 b.db "ATTACH 'a.db' AS a; INSERT INTO events SELECT * FROM a.events WHERE position = 9"
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db
	has "$stderr" "read 10 = written 1 + already there 9"
	run -0 esverify --positions sqlite://a.db sqlite://b.db
}

@test "what a database in UTF-16 would change is refused" {
	sqlite3 wide.db "PRAGMA encoding = 'UTF-16'; CREATE TABLE x (a); DROP TABLE x"
	printf '{"stream":"s","version":0,"type":"T","data":"a\xef\xbf\xbfb"}\n' >events.jsonl
	run --separate-stderr -3 esimport --from events.jsonl --to sqlite://wide.db
	has "$stderr" "event 1 (stream \"s\", version 0): field data: holds U+FFFE or U+FFFF"
	run --separate-stderr -0 esimport --from events.jsonl --to sqlite://narrow.db
}

@test "a source whose writer ended early is left alone, and it is said what to do" {
	python3 - <<-'END'
		import shutil, sqlite3
		db = sqlite3.connect('a.db')
		db.execute('PRAGMA cache_size=2')
		db.execute('BEGIN')
		db.execute("UPDATE events SET data = '\"' || hex(randomblob(20000)) || '\"'")
		shutil.copy('a.db', 'b.db')
		shutil.copy('a.db-journal', 'b.db-journal')
	END
	sha256sum b.db b.db-journal >before
	run --separate-stderr -6 esexport --from sqlite://b.db --plain
	same "$output" ""
	has "$stderr" "a program that writes it ended early: open it once with that program"
	run -0 sha256sum -c before
}
