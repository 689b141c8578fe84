#!/usr/bin/env bats
# Calls of esverify that fail: what it reads, and the archives that it writes.  spec/FAULTS.md lists them.
load helpers
load stores
load ../faults

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	# Each of them large enough for a chunk of 1 KiB.
	events 6 | sed 's/"data":{/&"pad":"'"$(printf %0900d 0)"'",/' | esimport --to sqlite://a.db
	esexport --from sqlite://a.db --out a.jsonl.zst --chunk-size 1KiB
	esexport --from a.jsonl.zst --out a.cbor.zst --chunk-size 1KiB
	esimport --from a.cbor.zst --to sqlite://a-less.db --upto 3
	cp a.cbor.zst a-bad.cbor.zst
	printf damage | dd of=a-bad.cbor.zst bs=1 seek=$(($(stat -c %s a.cbor.zst) / 2)) conv=notrunc status=none
}

setup() {
	cp "$BATS_FILE_TMPDIR"/a* .
	fault_setup
}

# What it says of places without a fault.
before() { :; }
wanted() {
	"$@" >want || [ $? = "${good:-0}" ]
}

failed_at() {
	[ "$rc" = 7 ] || {
		[ "$rc" = 6 ]
		grep -q 'cannot be opened' said
	}
	grep -qE "$1" said
	# What --info has found before it is no verdict.
	[ ! -s out ] || grep -q '^complete  *no$' out
}

reads=(esverify esverify esverify 'esverify --digest' 'esverify --digest' 'esverify --info' esverify)
places=(a.cbor.zst a.jsonl.zst sqlite://a.db a.cbor.zst sqlite://a.db a.cbor.zst 'sqlite://a.db a.jsonl.zst')

# each_read KIND ERROR: for each thing that it reads.
each_read() {
	local i

	for i in "${!reads[@]}"; do
		# shellcheck disable=SC2086 # lists of words
		wanted ${reads[i]} ${places[i]}
		# shellcheck disable=SC2086
		each_fault "$1" "$2" ${reads[i]} ${places[i]}
	done
}

@test "esverify whose nth read fails has no verdict, and says what it could not read" {
	after() { failed_at 'a\.db|a\.cbor\.zst|a\.jsonl\.zst'; }
	each_read read EIO
	wanted esverify --info a.cbor.zst
	each_fault seek EIO esverify --info a.cbor.zst
	# SQLite can do without some of what it opens, and what was read can be closed in any way.
	after() {
		if [ "$rc" = 0 ]; then
			cmp out want
		else
			failed_at 'a\.db|a\.cbor\.zst|a\.jsonl\.zst'
		fi
	}
	each_read open EIO
	after() {
		[ "$rc" = 0 ]
		cmp out want
	}
	each_read close EIO
}

# Chunks that are larger than what is read at a time; the second of them is damaged, and all come again.
damaged_archive() {
	head -c 6000000 /dev/urandom | base64 -w 1000000 | awk '{
		printf "{\"stream\":\"s\",\"version\":%d,\"type\":\"T\",\"data\":\"%s\"}\n", NR - 1, $0 }' |
		esexport --from - --out "$1" --chunk-size 2MiB --codec cbor
	printf damage | dd of="$1" bs=1 seek=2900000 conv=notrunc status=none
	cp "$1" half
	cat half >>"$1"
}

@test "what is left of an archive is not told where its nth read fails" {
	damaged_archive bad.cbor.zst
	before() { rm -f saved.cbor.zst*; }
	after() {
		[ "$rc" = 7 ]
		grep -q 'read bad\.cbor\.zst: Input/output error' said
		[ ! -e saved.cbor.zst ]
	}
	good=1 least=4 each_fault read EIO esverify --salvage saved.cbor.zst bad.cbor.zst
	[ -e saved.cbor.zst ]
}

salvage=(esverify --salvage new.cbor.zst a-bad.cbor.zst)
missing=(esverify sqlite://a.db sqlite://a-less.db --missing-to new.cbor.zst)

# each_output FUNCTION: for each of the two that write an archive; `want.cbor.zst` and `want` are what
# they make without a fault.
each_output() {
	local run good=1

	for run in salvage missing; do
		run+=[@]
		before
		wanted "${!run}"
		mv new.cbor.zst want.cbor.zst
		"$1" "${!run}"
	done
}

@test "esverify whose nth write, sync, rename, close or truncate fails names no file, and the next one is equal" {
	before() { rm -f new.cbor.zst*; }
	again() {
		rc=0
		"$@" >out || rc=$?
		[ $rc = 1 ]
		cmp new.cbor.zst want.cbor.zst
		cmp out want
	}
	outputs_fail() {
		after() {
			[ "$rc" = 7 ]
			grep -q 'new\.cbor\.zst\.part' said
			[ ! -e new.cbor.zst ]
			again "${run[@]}"
		}
		run=("$@")
		each_fault write ENOSPC "$@"
		each_fault rename EIO "$@"
		each_fault truncate EIO "$@"
		# The last sync is that of the folder, and files that were only read are closed in any way.
		after() {
			if [ -e new.cbor.zst ]; then
				[ "$rc" = 1 ] || grep -q 'the file is whole, but a power cut may take its name away' said
				rm new.cbor.zst
			else
				[ "$rc" = 7 ]
				grep -q 'new\.cbor\.zst\.part' said
				failed=$((failed + 1))
			fi
			again "${run[@]}"
		}
		for kind in sync close; do
			failed=0
			each_fault $kind EIO "$@"
			[ $failed = 1 ]
		done
	}
	each_output outputs_fail
}

@test "short reads and writes, and calls that a signal interrupts, change nothing of what esverify finds" {
	# Every n is for tests/long.
	step=${STEP:-20}
	for error in short short+ EINTR EINTR+; do
		before() { :; }
		after() {
			[ "$rc" = 0 ]
			cmp out want
		}
		good=0 each_read read $error
		before() { rm -f new.cbor.zst*; }
		outputs_go_on() {
			after() {
				[ "$rc" = 1 ]
				cmp new.cbor.zst want.cbor.zst
				cmp out want
			}
			each_fault write $error "$@"
			each_fault read $error "$@"
		}
		each_output outputs_go_on
	done
}
