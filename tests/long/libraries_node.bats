#!/usr/bin/env bats
# The libraries that run on Node, themselves: they write a store, and go on with a copy of it as with their own.
load ../cli/helpers
load ../cli/stores
load ../cli/postgres
load ../cli/library
load ../node

node_libraries='emmett-sqlite emmett-postgresql message-db-postgresql'

setup_file() {
	postgres_start
	node_install
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

@test "a library goes on with a copy as with the store that it wrote" {
	local library from what

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
		for what in read consumed appended after stale; do
			echo "$what"
			[ -s "own.$what" ]
			diff "own.$what" "copy.$what"
		done
	done
}
