#!/usr/bin/env bats
# Stores of event-sourcing libraries in PostgreSQL: read, copied, and as good as before for the library.
load helpers
load stores
load postgres
load library

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}

@test "each library's store is copied, and takes its next append" {
	for library in $(libraries postgresql); do
		library_goes_there_and_back "$library"
	done
}

@test "without a step that a library needs the copy is not as good" {
	for library in $(libraries postgresql); do
		library_needs_each_step "$library"
	done
}

# in_store SQL: of the store $to.
in_store() { "$ES_PG_BIN/psql" -XAtq -v ON_ERROR_STOP=1 -d "$to" -c "$1"; }

@test "one tenant of a Marten store is copied by itself, also under another name" {
	library_make marten_tenants-postgresql
	library_run marten_tenants-postgresql/rows.sql
	from=$to
	esexport --from "$from" --layout marten:tenant=paris --out paris.jsonl.zst
	library_make marten_tenants-postgresql
	esimport --from paris.jsonl.zst --to "$to" --layout marten:tenant=lyon
	same "$(in_store 'SELECT tenant_id, seq_id FROM mt_events ORDER BY 2' | tr '\n' ' ')" 'lyon|3 lyon|4 '
	esverify --positions --layout marten:tenant=paris --layout-b marten:tenant=lyon "$from" "$to"
	to=$from
	esimport --from paris.jsonl.zst --to "$to" --layout marten:tenant=lyon --append
	same "$(in_store "SELECT seq_id FROM mt_events WHERE tenant_id = 'lyon' ORDER BY 1" | tr '\n' ' ')" '9 10 '
	same "$(in_store 'SELECT last_seq_id FROM mt_event_progression')" 10
}

@test "one partition of an Emmett store is copied by itself" {
	library_make emmett-postgresql
	library_run emmett-postgresql/rows.sql
	esexport --from "$to" --layout emmett:partition=shop__berlin --out berlin.jsonl.zst
	library_make emmett-postgresql
	esimport --from berlin.jsonl.zst --to "$to" --layout emmett:partition=shop__berlin
	same "$(in_store 'SELECT partition, global_position FROM emt_messages')" 'shop__berlin|12'
	library_make emmett-postgresql
	in_store "INSERT INTO emt_messages SELECT 1, 20, '5', now(), false, 'E', 'a', 'emt:default', '1', 'x', 'T', '{}', '{}'"
	esimport --from berlin.jsonl.zst --to "$to" --layout emmett:partition=shop__berlin --append
	same "$(in_store "SELECT partition, global_position FROM emt_messages ORDER BY 2" | tr '\n' ' ')" 'emt:default|20 shop__berlin|21 '
}

@test "consumers of an Emmett store are given events of a repair archive in their place" {
	local in_order='SELECT global_position FROM emt_messages ORDER BY'

	library_begin emmett-postgresql
	library_make emmett-postgresql
	esexport --from "$from" --plain | jq -c 'select(.position | IN(2, 5, 14) | not)' |
		esimport --plain --to "$to" --batch-size 2
	run -1 esverify "$from" "$to" --missing-to missing.cbor.zst
	esimport --from missing.cbor.zst --to "$to" --batch-size 2
	esverify --positions "$from" "$to"
	same "$(in_store "$in_order transaction_id, global_position")" "$(in_store "$in_order global_position")"
	library_is_whole emmett-postgresql
}
