# From the store of one library into that of another, where one is a server: the same options.
# shellcheck disable=SC2034,SC2154 # variables of bats and of what is loaded
load helpers
load stores
load postgres
load library
load nats

setup_file() {
	postgres_start
	nats_start
}
teardown_file() {
	nats_stop
	postgres_stop
}

# in_store SQL: of the store $to.
in_store() { "$ES_PG_BIN/psql" -XAtq -v ON_ERROR_STOP=1 -d "$to" -c "$1"; }

# Message DB's names of streams, account-1, in the form of Marten's users, account/1.
@test "a store of Message DB goes into one of Marten" {
	library_make message-db-postgresql
	# Marten has no event without data.
	in_store "INSERT INTO message_store.messages (global_position, position, time, stream_name, type, data, metadata, id) VALUES
		(1, 0, '2025-03-01 12:00:00.123456', 'account:command-0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001', 'Deposit', '{\"amount\": 1.10}', '{\"a\": \"x-1\"}', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e101'),
		(2, 0, '2025-03-01 12:00:00.123456', 'account-0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001+2', 'Deposited', '{\"n\": 12}', '{\"a\": \"Zoë\"}', '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e102'),
		(4, 1, '2025-03-01 12:00:01', 'account-0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001+2', 'Closed', '{}', NULL, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e104'),
		(5, 0, '2025-02-28 23:59:59.9', 'plain', 'Noted', '[]', NULL, '0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e105')"
	from=$to
	esexport --from "$from" --out a.cbor.zst
	echo '{"Deposited": "deposited", "Closed": "account_closed", "Deposit": "deposit"}' >types.json
	map=(--stream-template '{category}-{id}={category}/{id}' --stream-template '{name}={name}' --type-map types.json)
	library_make marten-postgresql
	# What the library does not have is listed, and nothing is written.
	esexport --from a.cbor.zst --plain | jq -c '.attributes = {shard: 1} | .tags = ["a"]' >more.jsonl
	run --separate-stderr -3 esimport --from more.jsonl --to "$to" --layout marten "${map[@]}"
	has "$stderr" ': attribute shard: the layout has no place for it; 4 events in all'
	has "$stderr" ': field tags: the layout has no place for it; 4 events in all'
	same "$(in_store 'SELECT count(*) FROM mt_events')" 0
	# This table has no column for headers, which only shows when they are written.
	run --separate-stderr -3 esimport --from a.cbor.zst --to "$to" --layout marten "${map[@]}"
	has "$stderr" "field metadata: the layout's statements make another value of it"
	# Put aside, they are not among those of which something was left out.
	run --separate-stderr -3 esimport --from more.jsonl --to "$to" --layout marten "${map[@]}" --drop-attributes shard --drop-attributes tags \
		--dead-letter d.jsonl.zst
	has "$stderr" 'read 4 = written 2 + already there 0 + filtered 0 + dead-lettered 2 events; something left out of 2 events'
	same "$(zstd -dc d.jsonl.zst | jq -c '[.position, .type, .tags]' | tr '\n' ' ')" '[1,"Deposit",["a"]] [2,"Deposited",["a"]] '
	library_make marten-postgresql
	map+=(--drop-attributes metadata)
	esimport --from a.cbor.zst --to "$to" --layout marten "${map[@]}" --upto 2
	esimport --from a.cbor.zst --to "$to" --layout marten "${map[@]}" --verify
	run -5 esimport --from a.cbor.zst --to "$to" --layout marten
	same "$(in_store "SELECT stream_id, version, type FROM mt_events ORDER BY seq_id" | tr '\n' ' ')" \
		'account:command/0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001|1|deposit account/0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001+2|1|deposited account/0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001+2|2|account_closed plain|1|Noted '
	same "$(in_store "SELECT count(*), max(version) FROM mt_streams")" '3|2'
	esverify --positions --by-value "$from" "$to" --layout message-db --layout-b marten "${map[@]}"
	# What is missing there is brought between the others.
	in_store "DELETE FROM mt_events WHERE seq_id = 2"
	run -1 esverify --by-value a.cbor.zst "$to" --layout-b marten "${map[@]}" --missing-to m.cbor.zst
	run -5 esimport --from m.cbor.zst --to "$to" --layout marten
	esimport --from m.cbor.zst --to "$to" --layout marten "${map[@]}"
	esverify --positions --by-value a.cbor.zst "$to" --layout-b marten "${map[@]}"
}

@test "streams of JetStream are known again by what the map made of their events" {
	events 60 | jq -c '.attributes = {tenant: "x"}' | esexport --from - --out a.jsonl.zst --chunk-size 1KiB
	map=(--stream-template 'order-{id}=o/{id}' --drop-attributes 'ten*')
	to=$(nats_address COPY)
	esimport --from a.jsonl.zst --to "$to" "${map[@]}" --upto 23 --batch-size 5
	run -5 esimport --from a.jsonl.zst --to "$to"
	run -5 esimport --from a.jsonl.zst --to "$to" "${map[@]:0:2}"
	# The input goes on at the last event, which is compared.
	run --separate-stderr -0 esimport --from a.jsonl.zst --to "$to" "${map[@]}" --upto 50
	has "$stderr" 'written 27 + already there 23'
	run -1 esverify a.jsonl.zst "$to" "${map[@]}" --missing-to m.jsonl.zst
	run -5 esimport --from m.jsonl.zst --to "$to"
	run --separate-stderr -0 esimport --from m.jsonl.zst --to "$to" "${map[@]}"
	has "$stderr" 'read 10 = written 10'
	run --separate-stderr -0 esimport --from m.jsonl.zst --to "$to" "${map[@]}"
	has "$stderr" 'read 10 = written 0 + already there 10'
	esimport --from a.jsonl.zst --to "$to" "${map[@]}" --verify
	esverify --positions a.jsonl.zst "$to" "${map[@]}"
	same "$(lines_of "$to" | jq -r .stream | sort -u | tr '\n' ' ')" 'o/0 o/1 o/2 o/3 o/4 '
	# A layout that lacks a place says so before the stream is made.
	jq -nc '{position: 1, stream: "s", version: 0, type: "T", tags: ["x"]}' >b.jsonl
	run --separate-stderr -3 esimport --from b.jsonl --to "$(nats_address ES_new)" --layout rita
	has "$stderr" 'warning: event 1 (stream "s", version 0): field tags: the layout has no place for it; 1 event in all'
}
