#!/usr/bin/env bats
# Calls to a server that fail, of libpq and libnats: what is sent, received, waited for and connected to.
load helpers
load stores
load nats
load postgres
load ../faults

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	postgres_start
	nats_start
	events 6 >a.jsonl
	esexport --from a.jsonl --out a.cbor.zst
}
teardown_file() {
	nats_stop
	postgres_stop
}

setup() {
	cp "$BATS_FILE_TMPDIR"/a.cbor.zst .
	fault_setup
}

# It was tried again, or ended with a word; the next run has every event, and each of them once.
ended() {
	[ "$rc" = 0 ] || {
		[ "$rc" = 6 ]
		[ -s said ]
	}
}

# each_call COMMAND...: for what a server has a part in; $some: how far from one n to the next.
each_call() {
	local step=${STEP:-$some}

	for error in ECONNRESET EPIPE EINTR short+; do
		each_fault send $error "$@"
	done
	for error in ECONNRESET EINTR short; do
		each_fault recv $error "$@"
	done
	each_fault poll EINTR "$@"
	step=1
	each_fault connect ECONNREFUSED "$@"
}

# imports_into ADDRESS: emptied before each run.
imports_into() {
	local import=(esimport --from a.cbor.zst --to "$1" --batch-size 2)

	before() { empty; }
	after() {
		ended
		"${import[@]}" 2>again
		esverify a.cbor.zst "${import[4]}" >verdict
	}
	each_call "${import[@]}"
}

# exports_from ADDRESS
exports_from() {
	local export=(esexport --from "$1" --out new.cbor.zst)

	esimport --from a.cbor.zst --to "$1"
	before() { rm -f new.cbor.zst*; }
	after() {
		ended
		[ "$rc" = 0 ] || {
			[ ! -e new.cbor.zst ]
			"${export[@]}" 2>again
		}
		esverify a.cbor.zst new.cbor.zst >verdict
	}
	each_call "${export[@]}"
}

@test "PostgreSQL: an import whose nth send, receive, poll or connect fails has every event once" {
	some=41
	address=$(pg_db t)
	empty() { pg t 'DROP TABLE IF EXISTS events, esimport_checkpoint CASCADE' >/dev/null; }
	imports_into "$address"
}

@test "PostgreSQL: an export whose nth send, receive, poll or connect fails has every event once" {
	some=41
	exports_from "$(pg_db s)"
}

@test "NATS: an import whose nth send, receive, poll or connect fails has every event once" {
	some=13
	empty() {
		! nats info T >/dev/null 2>&1 || nats rm T
		nats make T
	}
	imports_into "$(nats_address T)"
}

@test "NATS: an export whose nth send, receive, poll or connect fails has every event once" {
	some=13
	nats make S
	exports_from "$(nats_address S)"
}
