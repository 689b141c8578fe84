#!/usr/bin/env bats
# Exports that begin behind what an import into a store has: nothing is read twice, and the import
# goes on as if all had come.

load helpers
load stores
load postgres
load nats
set -o pipefail

setup_file() {
	postgres_start
	nats_start
	cd "$BATS_FILE_TMPDIR" || return
	store a.db 100
}
teardown_file() {
	nats_stop
	postgres_stop
}

setup() {
	db=sqlite://$BATS_FILE_TMPDIR/a.db
	n=$BATS_TEST_NUMBER
}

# new KIND NAME: the address of a store that is not there, or is empty.
new() {
	case $1 in
	sqlite) echo "sqlite://$BATS_TEST_TMPDIR/$2.db" ;;
	postgres) pg_db "$2_$n" ;;
	nats) nats_address "$2_$n" ;;
	esac
}

# go_on FROM TO WANTED [OPTIONS]: an export behind what TO has, and the import of it; what the first
# says has WANTED.
go_on() {
	esexport --from "$1" --after-target "$2" "${@:4}" 2>said | esimport --to "$2" 2>imported
	has "$(cat said)" "$3"
	has "$(cat imported)" "already there 0 + filtered 0"
}

@test "every target is asked, and what it has is not read again" {
	local kind to
	for kind in sqlite postgres nats; do
		to=$(new $kind t)
		go_on "$db" "$to" "has nothing of this source and selection: from the beginning" --upto 30
		go_on "$db" "$to" "has everything up to position 30" --upto 60
		has "$(cat said)" "read 30 = written 30"
		go_on "$db" "$to" "has everything up to position 60"
		has "$(cat said)" "read 40 = written 40"
		go_on "$db" "$to" "has everything up to position 100"
		has "$(cat said)" "read 0 = written 0"
		esverify --positions "$db" "$to"
	done
}

@test "every source can be asked for" {
	local from
	esexport --from "$db" --out a.cbor.zst --chunk-size 1KiB
	lines_of "$db" >a.jsonl
	esimport --from a.cbor.zst --to "$(new postgres s)"
	esimport --from a.cbor.zst --to "$(new nats s)"
	for from in a.cbor.zst a.jsonl - "$(pg_address s_$n)" "$(nats_address s_$n)"; do
		rm -f t.db
		esexport --from "$from" --upto 33 <a.cbor.zst | esimport --to sqlite://t.db
		go_on "$from" sqlite://t.db "has everything up to position 33" <a.cbor.zst
		has "$(cat said)" "read 67 = written 67"
		esverify --positions "$db" sqlite://t.db
	done
}

@test "what filters left out counts as there, and another selection is another import" {
	local kind to
	for kind in sqlite postgres nats; do
		to=$(new $kind t)
		# Of 1 to 50 the last one that is Paid is 50, and of 1 to 52 too.
		esexport --from "$db" --type Paid --upto 52 | esimport --to "$to"
		go_on "$db" "$to" "has everything up to position 52" --type Paid
		has "$(cat said)" "read 48 = written 16 + filtered 32"
		run --separate-stderr -0 esexport --from "$db" --after-target "$to" --type Placed --dry-run
		has "$stderr" "has nothing of this source and selection"
		run --separate-stderr -0 esexport --from "$db" --after-target "$to" --dry-run
		has "$output" "100 events in the range"
	done
	esimport --from <(events 10 7) --to sqlite://other.db
	run --separate-stderr -0 esexport --from sqlite://other.db --after-target "$to" --dry-run
	has "$stderr" "has nothing of this source and selection"
}

@test "payloads that the import converts are no hindrance" {
	local kind to
	for kind in sqlite postgres nats; do
		to=$(new $kind t)
		esexport --from "$db" --upto 40 | esimport --to "$to" --payload-codec cbor
		esexport --from "$db" --after-target "$to" 2>said | esimport --to "$to" --payload-codec cbor
		has "$(cat said)" "has everything up to position 40"
		esverify --positions "$db" "$to"
	done
}

@test "an import that appends, and one behind which others write" {
	local kind to
	for kind in sqlite postgres nats; do
		to=$(new $kind t)
		events 5 | sed 's/order-/mine-/; s/id-/mine-/' | esimport --to "$to"
		esexport --from "$db" --upto 40 | esimport --to "$to" --append
		events 5 | sed 's/order-/yours-/; s/id-/yours-/' | esimport --to "$to" --append
		esexport --from "$db" --after-target "$to" 2>said | esimport --to "$to" --append
		has "$(cat said)" "has everything up to position 40"
		same "$(lines_of "$to" | wc -l)" 110
	done
}

@test "--after and --after-target: the later one" {
	esexport --from "$db" --upto 40 | esimport --to sqlite://t.db
	run --separate-stderr -0 esexport --from "$db" --after-target sqlite://t.db --after 20 --dry-run
	has "$output" "60 events in the range"
	# A gap, which the import refuses.
	run -0 esexport --from "$db" --after-target sqlite://t.db --after 50 --out gap.jsonl.zst
	run -5 esimport --from gap.jsonl.zst --to sqlite://t.db
}

@test "what a killed import had begun in SQLite is taken back, and the target asked" {
	esexport --from "$db" --upto 40 | esimport --to sqlite://t.db
	python3 - <<-'END'
		import shutil, sqlite3
		db = sqlite3.connect('t.db')
		db.execute('PRAGMA cache_size=2')
		db.execute('BEGIN')
		db.execute("UPDATE events SET data = '\"' || hex(randomblob(20000)) || '\"'")
		shutil.copy('t.db', 'k.db')
		shutil.copy('t.db-journal', 'k.db-journal')
	END
	run --separate-stderr -0 esexport --from "$db" --after-target sqlite://k.db --out b.jsonl.zst
	has "$stderr" "has everything up to position 40"
	[ ! -e k.db-journal ]
	esimport --from b.jsonl.zst --to sqlite://k.db
	esverify --positions "$db" sqlite://k.db
}

@test "a target of another layout is asked by --target-layout" {
	sed 's/"table": "events"/"table": "log"/; s/\(TABLE\|ON\) events/\1 log/' \
		"$REPO/spec/layouts/native-sqlite.json" >log.json
	esexport --from "$db" --upto 40 | esimport --to sqlite://t.db --layout ./log.json
	go_on_log() {
		esexport --from "$db" --after-target sqlite://t.db --target-layout ./log.json 2>said |
			esimport --to sqlite://t.db --layout ./log.json
	}
	go_on_log
	has "$(cat said)" "has everything up to position 40"
	same "$(sqlite3 t.db 'SELECT count(*) FROM log')" 100
}

@test "what --after-target cannot go with" {
	run --separate-stderr -2 esexport --from "$db" --after-target t.jsonl.zst
	has "$stderr" "--after-target t.jsonl.zst: is not a store"
	run --separate-stderr -2 esexport --from "$db" --after-target sqlite://t.db --plain
	has "$stderr" "--after-target: bare JSON Lines"
	run --separate-stderr -2 esexport --from "$db" --after-target sqlite://t.db --out b.zst --resume
	run --separate-stderr -2 esexport --from "$db" --target-layout native
	has "$stderr" "--target-layout: is for --after-target"
	run --separate-stderr -6 esexport --from "$db" --after-target postgres://127.0.0.1:1/x
	run --separate-stderr -6 esexport --from "$db" --after-target nats://127.0.0.1:1/x
	[ ! -e t.db ]
	echo text >t.db
	run --separate-stderr -6 esexport --from "$db" --after-target sqlite://t.db
}

@test "a target whose checkpoint holds no position is not taken for one that has everything" {
	esexport --from "$db" --upto 50 | esimport --to sqlite://t.db
	for upto in -5 "'abc'" 1.5; do
		sqlite3 t.db "UPDATE esimport_checkpoint SET upto = $upto"
		run --separate-stderr -6 esexport --from "$db" --after-target sqlite://t.db --out b.jsonl.zst
		has "$stderr" "esimport_checkpoint is damaged"
		[ ! -e b.jsonl.zst ]
		run --separate-stderr -6 esimport --from <(esexport --from "$db") --to sqlite://t.db
		has "$stderr" "esimport_checkpoint is damaged"
	done
}
