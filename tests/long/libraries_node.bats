#!/usr/bin/env bats
# The libraries that run on Node, themselves: they write a store, and go on with a copy of it as with their own.
load ../cli/helpers
load ../cli/stores
load ../cli/postgres
load ../cli/library
load ../node

node_libraries='emmett-sqlite emmett-postgresql message-db-postgresql'

setup_file() {
	node_install
	postgres_start
}
teardown_file() {
	postgres_stop
}

# goes_on LIBRARY NAME: what it says of the store $to, all that it reads, and its next appends.
goes_on() {
	node_do "$1" read >"$2.read"
	node_do "$1" consume >"$2.consumed"
	node_do "$1" append >"$2.appended"
	node_do "$1" consume | sed '/"Appended"/s/"time":"[^"]*"//' >"$2.after"
	node_do "$1" stale >"$2.stale"
}

# alike: whether it said the same of its own store and of the copy.
alike() {
	local what

	for what in read consumed appended after stale; do
		echo "# $what"
		[ -s "own.$what" ]
		diff "own.$what" "copy.$what"
	done
}

@test "a library goes on with a copy as with the store that it wrote" {
	local library from

	for library in $node_libraries; do
		echo "# $library"
		node_make "$library"
		node_do "$library" write
		from=$to
		esexport --from "$from" --out "$library.cbor.zst"
		node_make "$library"
		esimport --from "$library.cbor.zst" --to "$to" --batch-size 3
		esverify --positions "$from" "$to"
		goes_on "$library" copy
		to=$from
		goes_on "$library" own
		alike
	done
}

# Lines without what is another one each time.
anonymous() { sed -E 's/"time":"[^"]*"//; s/"(id|messageId)":"[0-9a-f-]{36}"//'g; }

# rewritten LIBRARY: the fixture, where REWRITE is set.
rewritten() {
	[ -n "${REWRITE:-}" ] || return 0
	node_schema >"$REPO/tests/stores/$1/schema.sql"
	node_do "$1" write
	# Transactions of another server must be in its past.
	[ "$1" != emmett-postgresql ] ||
		pg "$to" "UPDATE emt_messages SET transaction_id = (transaction_id::text::int - (SELECT min(transaction_id::text::int) FROM emt_messages) + 5)::text::xid8"
	node_rows >"$REPO/tests/stores/$1/rows.sql"
	node_make "$1"
}

@test "the stores of tests/stores are those that the libraries make and write" {
	local library

	for library in $node_libraries; do
		echo "# $library"
		node_make "$library"
		rewritten "$library"
		node_schema >library.sql
		node_do "$library" write
		lines_of "$to" | anonymous >library.jsonl
		library_make "$library"
		node_schema >ours.sql
		diff library.sql ours.sql
		library_run "$library/rows.sql" >/dev/null
		lines_of "$to" | anonymous >ours.jsonl
		diff library.jsonl ours.jsonl
	done
}

@test "the larger store of Emmett for SQLite is what the library writes" {
	(cd "$node_folder" && node make.mjs "$BATS_TEST_TMPDIR/made.db")
	cp "$REPO/tests/stores/emmett-sqlite/store.db" ours.db
	lines_of sqlite://made.db | anonymous >made.jsonl
	lines_of sqlite://ours.db | anonymous >ours.jsonl
	[ "$(wc -l <ours.jsonl)" = 187 ]
	diff ours.jsonl made.jsonl
}

@test "Emmett in a schema of its own goes on with a copy in another one" {
	local library=emmett-postgresql from copy

	# in_schema NAME: of the database in $to, as the library is told of it.
	in_schema() { to="$to&options=-csearch_path%3D$1"; }

	library_empty $library
	from=$to
	pg "$from" 'CREATE SCHEMA shop'
	in_schema shop
	node_do $library create
	node_do $library write
	esexport --from "$from" --layout emmett:schema=shop --out shop.cbor.zst
	goes_on $library own
	library_empty $library
	copy=$to
	pg "$copy" 'CREATE SCHEMA other'
	in_schema other
	node_do $library create
	esimport --from shop.cbor.zst --to "$copy" --layout emmett:schema=other
	goes_on $library copy
	alike
}

@test "the role of Message DB exports, and imports with two rights more" {
	local library=message-db-postgresql name

	as_role() {
		name=${to#postgres:///}
		pg_tcp "${name%%\?*}" message_store secret
	}
	may() { pg "$to" "GRANT $1 TO message_store"; }
	is_refused() {
		run -6 --separate-stderr esimport --from all.cbor.zst --to "$(as_role)"
		# shellcheck disable=SC2154 # bats sets it
		has "$stderr" "permission denied for $1"
	}

	node_make $library
	node_do $library write
	pg_role message_store secret
	esexport --from "$(as_role)" --out all.cbor.zst
	node_make $library
	is_refused 'sequence messages_global_position_seq'
	may 'UPDATE ON SEQUENCE message_store.messages_global_position_seq'
	is_refused 'schema message_store'
	may 'CREATE ON SCHEMA message_store'
	esimport --from all.cbor.zst --to "$(as_role)"
	node_do $library append
	esimport --from all.cbor.zst --to "$(as_role)"
}
