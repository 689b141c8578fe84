#!/usr/bin/env bats
# Servers that do not keep to their own protocol: real ones, and between them and the programs somebody
# who changes what they say.  Each answer that is none is an error, at once, and nothing is read of it.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # variables of bats and of what is loaded
load helpers
load stores
load postgres
load nats
load ../sessions

# Three events in each of them.
setup_file() {
	local n

	postgres_start
	nats_start 'max_payload: 64MB'
	events 3 | esimport --to "$(pg_db shop)" 2>/dev/null
	pg_role reader secret shop 'SELECT ON events'
	nats make S '{"subjects":["S.*"]}' >/dev/null
	for n in 1 2 3; do
		nats pub S.a -H 'Es-Type: T' "{\"n\":$n}" >/dev/null
	done
}
teardown_file() {
	postgres_stop
	nats_stop
}
teardown() {
	[ -z "${proxy:-}" ] || kill "$proxy"
	nats_show_log
	postgres_show_log
}

# changes PORT [FROM TO]...: from now on who is at $port says TO where the server at PORT says FROM, both
# as in a bytes literal of Python.
changes() {
	local pairs=() at

	for ((at = 2; at < $#; at += 2)); do
		pairs+=(--change "${@:at:2}")
	done
	[ -z "${proxy:-}" ] || kill "$proxy"
	rm -f port
	"$REPO/tests/tcp_proxy.py" --until $$ "${pairs[@]}" 0 "$1" >port 3>&- &
	proxy=$!
	eventually [ -s port ]
	port=$(<port)
	pg="postgres://reader:secret@127.0.0.1:$port/shop"
	nats="nats://127.0.0.1:$port/${stream:-S}${query:-}"
}

# Not a byte passes any more.
freeze() {
	kill -HUP "$proxy"
	eventually grep -qx frozen port
}

# nats_says CODE TEXT FROM TO...: what an export says of the stream, whose server does.
nats_says() {
	changes "$ES_NATS_PORT" "${@:3}"
	run --separate-stderr "-$1" esexport --plain --retry-max 0 --layout native --from "$nats"
	has "$stderr" "$2"
}

# The same of PostgreSQL.
pg_says() {
	changes "$ES_PG_PORT" "${@:3}"
	run --separate-stderr "-$1" esexport --plain --from "$pg?es_retry=0"
	same "$output" ''
	has "$stderr" "$2"
}

# What is in the background has a connection, or waits for a lock of the store, or is over.
is_connected() {
	find "/proc/$job/fd" -lname 'socket:*' | grep -q .
}
waits_for_a_lock() {
	[ "$(pg shop "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND wait_event_type = 'Lock'")" = 1 ]
}
has_ended() {
	! kill -0 "$job" 2>/dev/null
}

@test "where nothing is changed all is well" {
	changes "$ES_NATS_PORT" 'not said' heard
	run --separate-stderr -0 esexport --plain --from "$nats"
	same "${#lines[@]}" 3
	changes "$ES_PG_PORT" 'not said' heard
	run --separate-stderr -0 esexport --plain --from "$pg"
	same "${#lines[@]}" 3
}

@test "NATS: answers that are none are errors" {
	nats_says 6 'INFO: the answer is no JSON object' '{"type":"io.nats.jetstream.api.v1.account' '["type":"io.nats.jetstream.api.v1.account'
	nats_says 6 'STREAM.INFO.S: the answer is none' '"config":{"name"' '"konfig":{"name"'
	nats_says 6 'STREAM.INFO.S: the answer is none' '"first_seq":1' '"first_seq":0'
	nats_says 6 'STREAM.INFO.S: the answer is none' '"last_seq":3' '"last_seq":0'
	nats_says 6 'STREAM.MSG.GET.S: the answer is no message' '"time":"2' '"time":"x'
	nats_says 6 'STREAM.MSG.GET.S: the answer is no message' '"data":"ey' '"data":"!!'
	nats_says 6 'STREAM.MSG.GET.S: the answer is no message' '"hdrs":"TkFUU' '"hdrs":"TkFUV'
}

@test "NATS: an error that the server does not explain is one all the same" {
	nats_says 6 'STREAM.INFO.S: failed' '"total":0,' '"error":1,'
	nats_says 6 'STREAM.INFO.S: failed' '"offset":0,"limit":0,' '"error":{"code":503},'
	nats_says 6 'STREAM.MSG.GET.S: failed' '"message":{"subject"' '"error"  :{"subject"'
}

@test "NATS: an answer to another question is none" {
	query='?timeout=1'
	nats_says 6 'INFO: Timeout' 'MSG _INBOX' 'MSG _INBOY'
}

@test "NATS: a stream that changes subjects, as newer servers can, takes no import" {
	changes "$ES_NATS_PORT" '"mirror_direct":false' '"subject_transform":1'
	run --separate-stderr -6 esimport --append --from <(events 1) --to "$nats"
	has "$stderr" 'it changes subjects (subject_transform)'
	same "$(nats info S | jq .state.messages)" 3
}

@test "NATS: messages that are none of what was asked for are errors" {
	nats_says 6 'a message came that is none of its consumer' .ACK.S. .NAK.S.
	nats_says 6 'a message came that is none of its consumer' .ACK.S. .ACK.S.T.
	nats_says 6 'a message came that is none of its consumer' '.1.1.1.' '.1.x.1.'
	nats_says 6 'a message came that is none of its consumer' '.1.1.1.' '.1.99999999999999999999.1.'
	nats_says 6 'a message did not come' '.1.1.1.' '.1.1.2.'
	nats_says 6 'its consumer has passed over messages' '.1.1.1.' '.1.2.1.' '.2 24 31' '.0 24 31'
}

@test "NATS: a request that ends in another way than it may is an error" {
	stream=large
	nats make large '{"subjects":["large.*"]}' >/dev/null
	printf '"%05000000d"' 7 >big
	nats pub large.a -H 'Es-Type: T' '"small"' >/dev/null
	nats pub large.a -H 'Es-Type: T' --data-file big >/dev/null
	nats_says 6 'stream large: Message Size Exceeds MaxBites' MaxBytes MaxBites
	nats_says 6 'stream large: its consumer is gone' ' Message Size Exceeds MaxBytes' '                              '
	nats_says 6 'JetStream does not answer' 'NATS/1.0 409' 'NATS/1.0 503'
}

@test "NATS: a message that is another one when it is asked for again is an error" {
	stream=bare
	nats make bare '{"subjects":["bare.*"]}' >/dev/null
	nats pub bare.a -H 'Es-Type: T' -H 'Empty:' '' >/dev/null
	changes "$ES_NATS_PORT" 'not said' heard
	run --separate-stderr -0 esexport --plain --from "$nats"
	nats_says 6 'stream bare: a message was deleted while it was read' '"subject":"bare.a","seq":1' '"subject":"bare.a","seq":2'
}

@test "PostgreSQL: a version that is too old is refused" {
	local version

	version=$(pg shop 'SHOW server_version_num')
	version=${version%????}
	pg_says 6 'is version 12 of PostgreSQL, and 13 is the oldest that will do' \
		"server_version\\x00$version" 'server_version\x0012'
}

@test "PostgreSQL: rows that are none are errors" {
	local row='d\x00\x00\x00v' data='{"n":2}\xff\xff\xff\xff'

	pg_says 6 'max(' '\x00\x00\x00\x013C' '\x00\x00\x00\x01xC'
	pg_says 2 'table events: lacks the column data' '\x00\x05\x00\x00\x00\x04data' '\x00\x05\x00\x00\x00\x04dato'
	pg_says 6 'read events: the server sends another form of COPY' 'PGCOPY\n' 'PGCOPX\n'
	pg_says 6 'a row came with another number of columns' "$row\\x00\\x10" "$row\\x00\\x0f"
	pg_says 6 'column position came in a form' "$row\\x00\\x10\\x00\\x00\\x00\\x08" "$row\\x00\\x10\\x00\\x00\\x00\\x7f"
	pg_says 6 'column data_bytes came in a form' "$row" 'd\x00\x00\x00r' "$data" '{"n":2}'
	pg_says 6 'a row came with bytes behind it' "$row" 'd\x00\x00\x00w' "$data" "${data}x"
}

@test "PostgreSQL: a message of no known kind is an error, wherever it comes" {
	# Of the answers to: which layout fits, where its table is, which types that has, its events.
	pg_says 6 'RESET search_path: unexpected response from server' 'C\x00\x00\x00\x0aRESET' '?\x00\x00\x00\x0aRESET'
	pg_says 6 'SELECT coalesce((SELECT ' '\x00\x00\x00!\x00\x01coalesce' '\x00\x00\x00!\x00\x7fcoalesce'
	pg_says 6 'WITH RECURSIVE c(attname' '\x00\x00\x00\x88\x00\x05attname' '\x00\x00\x00\x88\x00\x7fattname'
	pg_says 6 'read events: the server answers something else than was asked for' 'H\x00\x00\x00\x27' '?\x00\x00\x00\x27'
}

@test "PostgreSQL: a COPY that does not end as it should is an error" {
	local end='d\x00\x00\x00\x06\xff\xff'

	pg_says 6 'read events: rows behind the end' "$end" "$end$end"
	pg_says 6 'read events: the server ended without an end' "$end" ''
	pg_says 6 'read events: the server answers something else than was asked for' \
		'C\x00\x00\x00\x0bCOPY 3\x00' 'I\x00\x00\x00\x04'
	pg_says 6 'read events: broken' 'C\x00\x00\x00\x0bCOPY 3\x00' 'E\x00\x00\x00\x1bSERROR\x00CXX000\x00Mbroken\x00\x00'
}

@test "PostgreSQL: a server that is silent is given up after its time, or at a stop" {
	changes "$ES_PG_PORT"
	freeze
	run --separate-stderr -6 esexport --plain --from "$pg?connect_timeout=2"
	has "$stderr" "no answer within 2 s"
	background esexport --plain --from "$pg?connect_timeout=0"
	eventually is_connected
	kill -TERM "$job"
	ends 8
	has "$(cat said)" "stopped by a signal"
}

@test "PostgreSQL: a stop waits for no server that does not answer to it" {
	changes "$ES_PG_PORT"
	session owner shop
	tell owner 'BEGIN; LOCK TABLE events'
	background esexport --plain --from "$pg"
	eventually waits_for_a_lock
	freeze
	kill -TERM "$job"
	eventually has_ended
	ends 8
	has "$(cat said)" "stopped by a signal"
	leave owner
}

@test "NATS: a server that is silent is given up after its time, or at a stop" {
	changes "$ES_NATS_PORT"
	freeze
	run --separate-stderr -6 esexport --plain --retry-max 0 --from "$nats?timeout=1"
	has "$stderr" Timeout
	background esexport --plain --from "$nats?timeout=1"
	eventually is_connected
	kill -TERM "$job"
	ends 8
	has "$(cat said)" "stopped by a signal"
}

asks_for_messages() {
	[ "$(nats consumers S)" = 1 ]
}

@test "NATS: a stop does not wait for messages that do not come" {
	# Nobody asked for number 9, so that the library drops what is for it.
	changes "$ES_NATS_PORT" 'HMSG S.a 2 ' 'HMSG S.a 9 '
	background esexport --plain --from "$nats"
	eventually asks_for_messages
	kill -TERM "$job"
	ends 8
	has "$(cat said)" "stopped by a signal"
}
