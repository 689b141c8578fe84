# Events that a target refuses: put aside with the reason, the rest goes on, and they are imported
# when they, or the target, have been mended.
load helpers
load stores

# refusing N WHEN: a.cbor.zst with N events, and t.db, which refuses those of which WHEN is true.
refusing() {
	events "$1" >a.jsonl
	esexport --from a.jsonl --out a.cbor.zst --force --chunk-size 1KiB 2>/dev/null
	esimport --plain --to sqlite://t.db </dev/null 2>/dev/null
	sqlite3 t.db "CREATE TRIGGER no BEFORE INSERT ON events WHEN $2
		BEGIN SELECT RAISE(ABORT, 'not this one'); END"
}

# put_aside WRITTEN THERE REFUSED [OPTION]...
put_aside() {
	run -3 --separate-stderr esimport --log-format json --from a.cbor.zst --to sqlite://t.db \
		--dead-letter d.jsonl.zst "${@:4}"
	same "$(grep '"summary"' <<<"$stderr" | jq -c '[.read, .written, .already_there, .dead_lettered]')" \
		"[$(($1 + $2 + $3)),$1,$2,$3]"
	[ ! -e d.jsonl.zst.part ]
}

letters() {
	zstd -dc "${1:-d.jsonl.zst}" | jq .position | tr '\n' ' '
}

all_is_there() {
	esverify --positions a.cbor.zst sqlite://t.db
	same "$(sqlite3 t.db "SELECT count(*) FROM events WHERE attributes LIKE '%refused%'")" 0
}

@test "events that are refused are put aside, and imported when the target is mended" {
	refusing 30 'NEW.position IN (1, 2, 10, 11, 12, 30)'
	run -3 --separate-stderr esimport --from a.cbor.zst --to sqlite://t.db --batch-size 7
	lacks "$stderr" 'dead-lettered'
	rm t.db
	refusing 30 'NEW.position IN (1, 2, 10, 11, 12, 30)'
	put_aside 24 0 6 --batch-size 7
	has "$(tail -n 1 <<<"$stderr")" '6 events that the target refused are in d.jsonl.zst, with the reason beside each'
	same "$(letters)" '1 2 10 11 12 30 '
	same "$(zstd -dc d.jsonl.zst | jq -r '.attributes["$refused"]' | head -n 1)" \
		'event 1 (stream "order-0", version 0): the table does not take it: not this one'
	python3 "$REPO/tests/check_archive.py" d.jsonl.zst >blocks
	esverify d.jsonl.zst
	same "$(sqlite3 t.db 'SELECT count(*) FROM events')" 24
	# The file that is there is not lost.
	run -7 --separate-stderr esimport --from a.cbor.zst --to sqlite://t.db --dead-letter d.jsonl.zst
	has "$stderr" 'd.jsonl.zst: exists already; name another file'
	sqlite3 t.db 'DROP TRIGGER no'
	esimport --from d.jsonl.zst --to sqlite://t.db
	all_is_there
}

@test "all, one, and none are refused" {
	refusing 20 1
	put_aside 0 0 20 --batch-size 6
	same "$(letters | wc -w)" 20
	sqlite3 t.db 'DROP TRIGGER no'
	esimport --from d.jsonl.zst --to sqlite://t.db
	all_is_there
	rm t.db d.jsonl.zst
	refusing 20 'NEW.position = 20'
	put_aside 19 0 1
	has "$(tail -n 1 <<<"$stderr")" '1 event that the target refused is in'
	rm t.db d.jsonl.zst
	refusing 20 0
	run -0 --separate-stderr esimport --from a.cbor.zst --to sqlite://t.db --dead-letter d.jsonl.zst
	[ ! -e d.jsonl.zst ] && [ ! -e d.jsonl.zst.part ]
	all_is_there
}

@test "dead letters that jq has mended go where they belong, or to the end" {
	refusing 30 "NEW.type = 'Placed' AND NEW.position > 5 AND NEW.position < 25"
	put_aside 24 0 6 --batch-size 10
	zstd -dc d.jsonl.zst | jq -c '.type = "Mended"' >mended.jsonl
	esimport --from mended.jsonl --mended d.jsonl.zst --to sqlite://t.db
	same "$(sqlite3 t.db "SELECT group_concat(position, ' ') FROM events WHERE type = 'Mended'")" '7 10 13 16 19 22'
	same "$(sqlite3 t.db 'SELECT count(*), max(position) FROM events')" '30|30'
	run -0 esimport --log-format json --from mended.jsonl --mended d.jsonl.zst --to sqlite://t.db
	has "$output" '"already_there":6'
	sqlite3 t.db "DELETE FROM events WHERE type = 'Mended'"
	esimport --plain --append --to sqlite://t.db <mended.jsonl
	same "$(sqlite3 t.db "SELECT group_concat(position, ' ') FROM events WHERE type = 'Mended'")" '31 32 33 34 35 36'
	run -2 esimport --from mended.jsonl --mended a.cbor.zst --to sqlite://t.db
	has "$output" 'is no archive of --dead-letter'
}

@test "with --verify what was put aside is missing, and the code stays" {
	refusing 20 'NEW.position IN (5, 6)'
	run -3 --separate-stderr esimport --verify --from a.cbor.zst --to sqlite://t.db --dead-letter d.jsonl.zst
	same "$(grep -c '^missing: ' <<<"$output")" 2
	has "$stderr" 'read 20 = written 18 + already there 0 + filtered 0 + dead-lettered 2 events'
	has "$(tail -n 1 <<<"$stderr")" '2 events that the target refused are in d.jsonl.zst'
}

@test "what only shows at the end of a transaction is found, too" {
	refusing 40 0
	sqlite3 t.db 'CREATE TABLE known (n INTEGER PRIMARY KEY)' \
		'CREATE TABLE used (n INTEGER REFERENCES known DEFERRABLE INITIALLY DEFERRED)' \
		'INSERT INTO known SELECT value FROM generate_series(1, 40) WHERE value NOT IN (1, 17, 18, 40)' \
		'CREATE TRIGGER uses AFTER INSERT ON events BEGIN INSERT INTO used VALUES (NEW.position); END'
	put_aside 36 0 4 --batch-size 15
	same "$(letters)" '1 17 18 40 '
	same "$(sqlite3 t.db 'SELECT count(*) FROM used')" 36
	sqlite3 t.db 'DROP TRIGGER uses'
	esimport --from d.jsonl.zst --to sqlite://t.db
	all_is_there
}

@test "what a column makes another value of leaves no trace" {
	events 9 | jq -c 'if .position % 3 == 0 then .correlation_id = "007" else . end' >a.jsonl
	esexport --from a.jsonl --out a.cbor.zst 2>/dev/null
	sqlite3 t.db 'CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT NOT NULL,
		version INTEGER NOT NULL, id TEXT, type TEXT NOT NULL, time_ns INTEGER,
		correlation_id INTEGER, causation_id TEXT, content_type TEXT, tags TEXT, attributes TEXT,
		metadata ANY, data ANY)'
	put_aside 6 0 3
	same "$(letters)" '3 6 9 '
	same "$(sqlite3 t.db 'SELECT count(*) FROM events')" 6
}

@test "a run that is killed goes on with what it had put aside" {
	refusing 4000 'NEW.position % 50 = 0'
	kills=0
	for ((i = 0; i < 60; i++)); do
		rc=0
		timeout -s KILL "0.0$((i % 8 + 2))" "$BIN/esimport" --from a.cbor.zst --to sqlite://t.db \
			--dead-letter d.jsonl.zst --batch-size 37 2>said || rc=$?
		# Where the file has its name the run had come to its end.
		[ ! -e d.jsonl.zst ] || rc=3
		[ $rc != 3 ] || break
		[ $rc = 137 ] || {
			cat said
			return 1
		}
		kills=$((kills + 1))
	done
	echo "# $kills kills"
	if [ $rc != 3 ]; then
		put_aside_rest
	fi
	((kills > 1))
	same "$(letters | wc -w)" 80
	esverify d.jsonl.zst
	same "$(sqlite3 t.db 'SELECT count(*) FROM events')" 3920
	sqlite3 t.db 'DROP TRIGGER no'
	esimport --from d.jsonl.zst --to sqlite://t.db
	all_is_there
}
put_aside_rest() {
	run -3 esimport --from a.cbor.zst --to sqlite://t.db --dead-letter d.jsonl.zst
}

@test "the account of a run that goes on tells dead letters from what is there" {
	refusing 40 'NEW.position IN (3, 4, 35)'
	# The second half is damaged at first.
	cp a.cbor.zst whole
	head -c "$(($(stat -c %s whole) / 2))" whole >a.cbor.zst
	run -4 esimport --from a.cbor.zst --to sqlite://t.db --dead-letter d.jsonl.zst --batch-size 5
	[ -e d.jsonl.zst.part ] && [ ! -e d.jsonl.zst ]
	there=$(sqlite3 t.db 'SELECT count(*) FROM events')
	((there > 2 && there < 37))
	mv whole a.cbor.zst
	put_aside $((37 - there)) "$there" 3
	same "$(letters)" '3 4 35 '
}

@test "dead letters of another import are left alone" {
	refusing 10 'NEW.position = 3'
	put_aside 9 0 1
	mv d.jsonl.zst d.jsonl.zst.part
	events 10 100 >b.jsonl
	run -5 esimport --from b.jsonl --to sqlite://u.db --dead-letter d.jsonl.zst
	has "$output" 'd.jsonl.zst.part: is of another import; name another file'
	[ ! -e u.db ]
}

@test "a conflict is no dead letter, and the command line is checked" {
	refusing 10 0
	sqlite3 t.db "INSERT INTO events (position, stream, version, id, type) VALUES (1, 'other', 0, 'id-7', 'T')"
	run -5 esimport --from a.cbor.zst --to sqlite://t.db --append --dead-letter d.jsonl.zst
	[ ! -e d.jsonl.zst ] || return 1
	for bad in '' - sqlite://x.db postgres://u:secret@h/d d.jsonl; do
		run -2 esimport --from a.cbor.zst --to sqlite://u.db --dead-letter "$bad"
		lacks "$output" secret
	done
	run -2 esimport --from a.cbor.zst --to sqlite://u.db --dead-letter d.jsonl.zst --dry-run
}
