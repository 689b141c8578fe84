#!/usr/bin/env bats
# What tests/cli/faults.bats and its like try a sample of: every call; every allocation of every program,
# also beside PostgreSQL.  Half an hour or so.
load ../cli/helpers
load ../cli/stores
load ../cli/postgres
load ../faults

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}

setup() {
	fault_setup
	[ -n "$memory" ] || skip "a sanitizer has the memory"
	store a.db 6
	esexport --from sqlite://a.db --out a.cbor.zst 2>/dev/null
}

before() { :; }

# Code 9, or what a program can do without; a connection that was lost by it, and is not had again, is 6.
ended() {
	[ "$rc" = 9 ] || [ "$rc" = 0 ] || [ "$rc" = "$1" ] || grep -q 'cannot start a thread' said
	[ "$rc" != 9 ] || grep -q 'out of memory; lower --chunk-size' said
	[ "$rc" = 0 ] || [ -s said ]
}

# exports FROM STEP: to a file, which is whole or not there.
exports() {
	esexport --from "$1" --out want.cbor.zst --force
	before() { rm -f new.cbor.zst*; }
	after() {
		ended 6
		[ "$rc" != 0 ] || [ -e new.cbor.zst ]
		# What says how it went needs memory, too, behind the name.
		[ ! -e new.cbor.zst ] || cmp new.cbor.zst want.cbor.zst
	}
	step=$2 each_fault malloc ENOMEM esexport --from "$1" --out new.cbor.zst --workers 1
}

# verifies STEP PLACES...: the same verdict, or none.
verifies() {
	before() { :; }
	after() {
		ended 6
		[ "$rc" != 0 ] || cmp out want
	}
	esverify "${@:2}" >want
	step=$1 each_fault malloc ENOMEM esverify "${@:2}"
}

@test "every allocation: from and to SQLite, and archives" {
	exports sqlite://a.db 1
	exports a.cbor.zst 1
	before() { rm -f t.db*; }
	after() {
		ended 9
		esimport --from a.cbor.zst --to sqlite://t.db
		esverify --positions sqlite://a.db sqlite://t.db
	}
	each_fault malloc ENOMEM esimport --from a.cbor.zst --to sqlite://t.db --workers 1
	verifies 1 a.cbor.zst
	verifies 1 sqlite://a.db a.cbor.zst
	verifies 1 --digest sqlite://a.db
}

@test "allocations: from and to PostgreSQL" {
	pg_db full >/dev/null
	esimport --from a.cbor.zst --to "$(pg_address full)"
	exports "$(pg_address full)" 7
	verifies 11 "$(pg_address full)" a.cbor.zst
	pg_db t >/dev/null
	before() { pg t 'DROP TABLE IF EXISTS events, esimport_checkpoint CASCADE' >/dev/null; }
	after() {
		ended 6
		esimport --from a.cbor.zst --to "$(pg_address t)"
		esverify --positions a.cbor.zst "$(pg_address t)"
	}
	step=23 each_fault malloc ENOMEM esimport --from a.cbor.zst --to "$(pg_address t)" --workers 1
}
