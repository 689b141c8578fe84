#!/usr/bin/env bats
# A million events compared with a million in the memory that 100,000 take.  Needs 8 GB of disk and
# some minutes.

load ../cli/helpers
load ../cli/postgres
load ../cli/nats
load ../sizes

sizes='100000 1000000'

# The same events in a store of each kind and an archive; and in changed.db and changed.zst every
# thousandth of them has other data, and another thousandth is gone.
setup_file() {
	local n

	postgres_start max_wal_size=1GB shared_buffers=128MB
	nats_start
	cd "$BATS_FILE_TMPDIR" || return 1
	for n in $sizes; do
		mkdir $n
		store $n/same.db --events $n --streams 5000
		cp $n/same.db $n/changed.db
		sqlite3 $n/changed.db "UPDATE events SET data = '{}' WHERE position % 1000 = 1" \
			'DELETE FROM events WHERE position % 1000 = 500'
		esexport --from sqlite://$n/same.db --out $n/same.zst
		esexport --from sqlite://$n/changed.db --out $n/changed.zst
		esimport --from $n/same.zst --to "$(pg_db "n$n")"
		esimport --from $n/same.zst --to "$(nats_address "n$n")"
	done
}
teardown_file() {
	nats_stop
	postgres_stop
}

setup() {
	skip_under_sanitizers
	cd "$BATS_FILE_TMPDIR" || return 1
}

# compared WANTED A B: what is found, by its counts, and in $least what that took.  Who is ahead of
# whom differs from run to run: of three the lowest one counts.
compared() {
	least=0
	for _ in 1 2 3; do
		# shellcheck disable=SC2016 # for the other shell: what differs is status 1
		peak bash -c 'esverify --json --max-findings 0 "$@" >said || [ $? = 1 ]' -- "${@:2}"
		[ $least != 0 ] && [ $least -le "$peak" ] || least=$peak
		jq -c '[.equal, .missing, .extra, .different, .out_of_order]' said
		[ "$(jq -c '[.equal, .missing, .extra, .different, .out_of_order]' said)" = "$1" ]
	done
}

# all_equal N, some_changed N: what is to be found.
all_equal() {
	echo "[$1,0,0,0,0]"
}
some_changed() {
	echo "[$(($1 - $1 / 500)),0,$(($1 / 1000)),$(($1 / 1000)),0]"
}

# constant A B CHANGED: of places for each size, as words with SIZE in them.  What CHANGED, in the place
# of A, lacks is extra in B.
constant() {
	local n few_same few_changed

	for n in $sizes; do
		compared "$(all_equal "$n")" "${1//SIZE/$n}" "${2//SIZE/$n}"
		few_same=${few_same:-$least}
		level "$few_same" "$least"
		compared "$(some_changed "$n")" "${3//SIZE/$n}" "${2//SIZE/$n}"
		few_changed=${few_changed:-$least}
		level "$few_changed" "$least"
	done
}

@test "SQLite and PostgreSQL" {
	constant sqlite://SIZE/same.db "$(pg_address nSIZE)" sqlite://SIZE/changed.db
}

@test "SQLite and an archive" {
	constant sqlite://SIZE/same.db SIZE/same.zst sqlite://SIZE/changed.db
}

@test "NATS and an archive" {
	constant SIZE/same.zst "$(nats_address nSIZE)" SIZE/changed.zst
}
