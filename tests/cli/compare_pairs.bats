#!/usr/bin/env bats
# esverify A B for every pair of stores and codecs: what is equal is equal, and of one thing that is
# changed in one of them exactly that is found.  places.bash has the places and the changes.

load helpers
load stores
load postgres
load nats
load places

setup_file() {
	local variant

	postgres_start
	nats_start
	cd "$BATS_FILE_TMPDIR" || return 1
	for variant in base $changes; do
		places_make "$variant" >"$variant.said" 2>&1 || {
			cat "$variant.said"
			return 1
		}
	done
}
teardown_file() {
	nats_stop
	postgres_stop
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return 1
	said=$BATS_TEST_TMPDIR/said want=$BATS_TEST_TMPDIR/wanted is=$BATS_TEST_TMPDIR/is
}

# compare NAME LAYOUT ADDRESS NAME LAYOUT ADDRESS WANTED: one run.
compare() {
	local rc=0

	echo "{\"pair\":\"$1, $4\"}" >>"$said"
	esverify --json --layout "$2" --layout-b "$5" "$3" "$6" >>"$said" 2>"$said.err" || rc=$?
	[ $rc -le 1 ] || cat "$said.err"
	echo "{\"rc\":$rc}" >>"$said"
	echo "$1, $4: $7" >>"$want"
}

# What all runs found, a line each, is as it was wanted; else those lines are shown that differ.
settle() {
	jq -nr 'foreach inputs as $line ({};
		if $line.pair then {pair: $line.pair, found: []}
		elif $line.finding then .found += [[$line.finding, $line.id, ($line.fields // {} | keys[])] | join(" ")]
		elif $line.result then .equal = $line.equal
		else .rc = $line.rc end;
		select(.rc) | "\(.pair): \(.found + ["\(.equal) equal"] | join("; ")), exit \(.rc)")' "$said" >"$is"
	[ -s "$is" ]
	diff -y -W 180 --suppress-common-lines "$want" "$is" >differ || {
		head -n 20 differ
		return 1
	}
}

@test "equal places of every kind are equal" {
	local a b at_a at_b

	while read -r a at_a; do
		while read -r b at_b; do
			# shellcheck disable=SC2086 # layout and address
			compare "$a" $at_a "$b" $at_b '12 equal, exit 0'
		done <base/places
	done <base/places
	settle
}

# wanted CHANGE PLACE PLACE FOUND
wanted() {
	case " ${change_equal[$1]} " in
	*" $2 "* | *" $3 "*) wanted='12 equal, exit 0' ;;
	*) wanted="$4, exit 1" ;;
	esac
}

# found CHANGE [one-way]: in one place of each kind that can have it, against each kind of place; both
# ways, or with the change in A and in B by turns.
found() {
	local a b at_a at_b wanted turn=$BATS_TEST_NUMBER

	while read -r a at_a; do
		while read -r b at_b; do
			turn=$((turn + 1))
			if [ $# = 1 ] || [ $((turn % 2)) = 0 ]; then
				wanted "$1" "$a" "$b" "${change_found[$1]}"
				# shellcheck disable=SC2086 # layout and address
				compare "$b" $at_b "$a $1" $at_a "$wanted"
			fi
			if [ $# = 1 ] || [ $((turn % 2)) = 1 ]; then
				wanted "$1" "$a" "$b" "${change_found_back[$1]}"
				# shellcheck disable=SC2086
				compare "$a $1" $at_a "$b" $at_b "$wanted"
			fi
		done <base/places
	done <"$1/places"
	settle
}

@test "changed: a byte of the payload" {
	found payload one-way
}

@test "changed: 1.10 to 1.1" {
	found number one-way
}

@test "changed: 1.10 to 1.100000000000000000001" {
	found precision one-way
}

@test "changed: the order of keys" {
	found key_order one-way
}

@test "changed: blanks, an escape, and 1.10 as 110e-2" {
	found spelling one-way
}

@test "changed: a time by a microsecond" {
	found micros one-way
}

@test "changed: a time by a nanosecond" {
	found nanos one-way
}

@test "changed: a type" {
	found type one-way
}

@test "changed: an id" {
	found id one-way
}

@test "changed: metadata" {
	found metadata one-way
}

@test "changed: the order of keys in metadata" {
	found metadata_order one-way
}

@test "changed: a correlation id" {
	found correlation one-way
}

@test "changed: a version" {
	found version one-way
}

@test "the first event is gone" {
	found first_gone
}

@test "one in the middle is gone" {
	found middle_gone
}

@test "the last event is gone" {
	found last_gone
}

@test "one event more" {
	found one_more
}

@test "two events have changed places" {
	found swapped
}
