#!/usr/bin/env bats
# The programs under valgrind: nothing is read that nobody wrote, nothing is touched that is not
# there, and however a run ends, no memory is lost.  Some minutes.
load ../cli/helpers
load ../cli/stores
load ../cli/postgres
load ../cli/nats

setup_file() {
	postgres_start
	nats_start 'max_payload: 64MB'
	cd "$BATS_FILE_TMPDIR" || return 1
	"$REPO/tests/nasty.py" --set anywhere nasty.db
	# What is only large takes minutes here.
	sqlite3 nasty.db 'DELETE FROM events WHERE length(CAST(data AS BLOB)) > 100000'
	store few.db 300
	esexport --from sqlite://few.db --out few.cbor.zst --chunk-size 1KiB
}
teardown_file() {
	nats_stop
	postgres_stop
}

setup() {
	made=$BATS_FILE_TMPDIR
	few=$made/few.cbor.zst
	case ${BIN##*/} in
	*-*) skip "valgrind and sanitizers do not mix" ;;
	esac
	# With fair turns every thread gets on; what is left of memory at the end counts as an error.
	under=(valgrind --quiet --log-file=valgrind.log --error-exitcode=99 --num-callers=30
		--fair-sched=try --child-silent-after-fork=yes --suppressions="$REPO/tests/valgrind.supp"
		--leak-check=full --show-leak-kinds=definite,indirect,possible
		--errors-for-leak-kinds=definite,indirect,possible)
}

# ended CODE WANTED: what valgrind and the program said, where that is not the code.
ended() {
	[ "$1" = "$2" ] || cat valgrind.log said
	same "$1" "$2"
}

# vg CODE COMMAND...
vg() {
	local rc=0

	"${under[@]}" "${@:2}" >said 2>&1 || rc=$?
	ended $rc "$1"
}

# target STORE NAME: the address of an empty one.
target() {
	case $1 in
	sqlite) echo "sqlite://$2.db" ;;
	postgres) pg_db "$2" ;;
	nats) nats_address "$2" ;;
	esac
}

# filled STORE NAME DB.db: one with the events of that file.
filled() {
	local to

	to=$(target "$1" "$2") && esexport --from "sqlite://$3" | esimport --to "$to" && echo "$to"
}

# round_trip STORE: out, in, and looked at.  The events are such that they, too, have findings.
round_trip() {
	local from to codec

	from=$(filled "$1" from "$made/nasty.db")
	for codec in jsonl cbor; do
		to=$(target "$1" "$codec")
		vg 0 esexport --from "$from" --out "a.$codec.zst" --chunk-size 64KiB
		vg 1 esverify "a.$codec.zst"
		vg 0 esimport --from "a.$codec.zst" --to "$to"
		vg 1 esverify "$to"
		vg 0 esverify --positions "$from" "$to"
		vg 0 esverify --positions "sqlite://$made/nasty.db" "$to"
	done
}

@test "a round trip of SQLite" {
	round_trip sqlite
}

@test "a round trip of PostgreSQL" {
	round_trip postgres
}

@test "a round trip of JetStream" {
	round_trip nats
}

@test "archives and lines" {
	vg 0 esexport --from "sqlite://$made/nasty.db" --out a.jsonl.zst
	vg 0 esexport --from a.jsonl.zst --out b.cbor.zst
	vg 0 esexport --from b.cbor.zst --out c.jsonl.zst --stream 'nasty-*' --after 100
	vg 0 esexport --from "$few" --plain --out lines.jsonl
	vg 0 esverify --positions a.jsonl.zst b.cbor.zst
	vg 0 esverify --fast a.jsonl.zst "sqlite://$made/nasty.db"
	vg 0 esverify --digest --by-stream b.cbor.zst
	vg 0 esverify --info b.cbor.zst
	vg 0 esimport --verify --from lines.jsonl --to sqlite://lines.db
	vg 0 esimport --payload-codec cbor --from "$few" --to sqlite://cbor.db
}

@test "imports and exports that go on" {
	local store to

	head -c "$(($(stat -c %s "$few") / 2))" "$few" >cut
	for store in sqlite postgres nats; do
		to=$(target $store resumed)
		vg 4 esimport --from cut --to "$to" --batch-size 20
		vg 0 esexport --from "sqlite://$made/few.db" --after-target "$to" --out rest.cbor.zst --force
		vg 0 esimport --from "$few" --to "$to"
		vg 0 esimport --from "$few" --to "$to"
		esverify --positions "$few" "$to"
	done
	cp cut e.cbor.zst.part
	vg 0 esexport --from "sqlite://$made/few.db" --out e.cbor.zst --chunk-size 1KiB --resume
	esverify --positions "$few" e.cbor.zst
}

@test "dead letters" {
	sqlite=$(target sqlite letters) postgres=$(target postgres letters)
	for to in "$sqlite" "$postgres"; do
		esimport --plain --to "$to" </dev/null
	done
	sqlite3 letters.db "CREATE TRIGGER no BEFORE INSERT ON events WHEN NEW.position IN (2, 100, 101)
		BEGIN SELECT RAISE(ABORT, 'not this one'); END"
	pg letters 'ALTER TABLE events ADD CONSTRAINT fits CHECK (position NOT IN (2, 100, 101))'
	for to in "$sqlite" "$postgres"; do
		vg 3 esimport --from "$few" --to "$to" --batch-size 70
		vg 3 esimport --from "$few" --to "$to" --batch-size 70 --dead-letter letters.cbor.zst
		vg 3 esimport --from letters.cbor.zst --to "$to"
		rm letters.cbor.zst
	done
}

@test "what is left of a damaged archive, and what is lost" {
	local store to

	head -c 2000 "$few" >damaged
	head -c 300 /dev/zero >>damaged
	tail -c +2301 "$few" >>damaged
	vg 4 esverify damaged
	vg 1 esverify --salvage left.zst damaged
	for store in sqlite postgres nats; do
		to=$(target $store salvaged)
		vg 4 esimport --skip-damaged --from damaged --to "$to" --batch-size 70
		vg 1 esverify "$few" "$to" --missing-to "lost.$store.zst"
	done
	vg 0 esimport --from lost.sqlite.zst --to "$(target sqlite salvaged)"
	vg 0 esimport --from lost.postgres.zst --to "$(pg_address salvaged)"
}

@test "comparisons that find differences" {
	local store to

	cp "$made/few.db" changed.db
	sqlite3 changed.db "DELETE FROM events WHERE position IN (1, 77)" \
		"UPDATE events SET data = '{}' WHERE position = 150" "UPDATE events SET id = 'x' WHERE position = 200" \
		"UPDATE events SET position = 400 WHERE position = 30"
	for store in sqlite postgres nats; do
		to=$(filled $store other changed.db)
		vg 1 esverify "$few" "$to"
		vg 1 esverify --json "$to" "sqlite://$made/few.db"
		vg 1 esverify --bisect "sqlite://$made/few.db" "$to"
		vg 1 esverify --sample 5 "sqlite://$made/few.db" "$to"
	done
	vg 1 esverify --bisect "$(filled postgres few "$made/few.db")" "$(pg_address other)"
}

@test "runs that fail" {
	for program in esexport esimport esverify; do
		vg 2 $program --bogus
		vg 2 $program
		vg 0 $program --help
	done
	vg 2 esexport --from sqlite://few.db --out x.cbor.zst --after 1 --upto x
	vg 6 esexport --from sqlite://missing.db --out x.cbor.zst
	vg 7 esimport --from missing.zst --to sqlite://x.db
	vg 6 esverify "$few" "postgres://127.0.0.1:1/x?connect_timeout=5" --retry-max 1
	vg 6 esverify "$few" nats://127.0.0.1:1/X --retry-max 1
	"$REPO/tests/nasty.py" --set not-postgresql no.db
	esexport --from sqlite://no.db --out no.cbor.zst
	vg 3 esimport --from no.cbor.zst --to "$(pg_db refuses)"
	rm no.db
	"$REPO/tests/nasty.py" --set not-nats no.db
	esexport --from sqlite://no.db --out no.cbor.zst --force
	vg 3 esimport --from no.cbor.zst --to "$(nats_address refuses)"
	vg 5 esimport --from "$few" --to "sqlite://$made/nasty.db"
}

# filling DB: whether events have come into the database.
filling() {
	[ "$(count_in "$1" 2>/dev/null || echo 0)" -gt 0 ]
}

@test "a run that a signal stops" {
	local pid rc=0

	mkfifo pipe
	exec 8<>pipe
	"${under[@]}" esimport --to sqlite://t.db --batch-size 1 <pipe >said 2>&1 3>&- 8>&- &
	pid=$!
	head -c 2000 "$few" >&8
	until filling t.db || ! kill -0 $pid; do sleep 0.05; done
	kill -TERM $pid
	wait $pid || rc=$?
	ended $rc 8
}
