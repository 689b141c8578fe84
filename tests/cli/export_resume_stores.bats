#!/usr/bin/env bats
# Exports of PostgreSQL and NATS to a file, resumed: the bytes of a run that nobody disturbed.

load helpers
load stores
load postgres
load nats
set -o pipefail

setup_file() {
	postgres_start
	nats_start
	cd "$BATS_FILE_TMPDIR" || return
	store a.db 5000
	esexport --from sqlite://a.db --out a.jsonl.zst
	esimport --from a.jsonl.zst --to "$(pg_db a)"
	esimport --from a.jsonl.zst --to "$(nats_address a)"
}
teardown_file() {
	nats_stop
	postgres_stop
}

setup() {
	export SOURCE_DATE_EPOCH=1767225600
}

# export_of ADDRESS FILE [OPTIONS]
export_of() { esexport --from "$1" --out "$2" --chunk-size 2KiB "${@:3}" 2>said; }

@test "wherever it ended, it is resumed to the same bytes" {
	local from bytes size
	for from in "$(pg_address a)" "$(nats_address a)"; do
		for filter in --level=1 --type=Paid; do
			rm -f whole.jsonl.zst
			export_of "$from" whole.jsonl.zst $filter
			size=$(stat -c %s whole.jsonl.zst)
			for bytes in 300 $((size / 3)) $((size - 1)) "$size"; do
				head -c "$bytes" whole.jsonl.zst >b.jsonl.zst.part
				export_of "$from" b.jsonl.zst $filter --resume
				cmp whole.jsonl.zst b.jsonl.zst
				rm b.jsonl.zst
			done
			has "$(cat said)" "going on behind"
		done
	done
}

@test "events that have come in between are in it, as in a run of now" {
	local from to
	for to in "$(pg_db more)" "$(nats_address more)"; do
		esimport --from "$BATS_FILE_TMPDIR/a.jsonl.zst" --to "$to" --upto 3000
		rm -f ./*.zst
		export_of "$to" before.jsonl.zst
		esimport --from "$BATS_FILE_TMPDIR/a.jsonl.zst" --to "$to"
		export_of "$to" now.jsonl.zst
		for bytes in 20000 $(($(stat -c %s before.jsonl.zst) - 1)); do
			head -c "$bytes" before.jsonl.zst >b.jsonl.zst.part
			export_of "$to" b.jsonl.zst --resume
			cmp now.jsonl.zst b.jsonl.zst
			rm b.jsonl.zst
		done
		# With --upto it ends where the first run would have.
		rm -f ./*.zst
		export_of "$to" before.jsonl.zst --upto 3000
		head -c 20000 before.jsonl.zst >b.jsonl.zst.part
		export_of "$to" b.jsonl.zst --upto 3000 --resume
		cmp before.jsonl.zst b.jsonl.zst
	done
}

@test "a store of the other kind with the same events is another source" {
	export_of "$(pg_address a)" whole.jsonl.zst
	head -c 20000 whole.jsonl.zst >b.jsonl.zst.part
	run -5 export_of "$(nats_address a)" b.jsonl.zst --resume
	has "$(cat said)" "was begun with another kind of source"
	same "$(stat -c %s b.jsonl.zst.part)" 20000
}
