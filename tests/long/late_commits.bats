# Events get their position before they are committed, and become visible in another order.  Who
# reads "what is behind the last position" while others write must not skip any.
load ../cli/helpers
load ../cli/postgres
load ../late

n=${LATE_EVENTS:-200000}

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}

setup() {
	pg_db late >/dev/null
	late_table late
	increments=() # late_follow sets it
}

# Ways to read what is behind position $2 of address $1, to file $3.
naive() {
	pg "$1" "COPY (SELECT json_build_object('position', position) FROM events
		WHERE position > $2 ORDER BY position) TO STDOUT" >"$3"
}
# Who has this lock has no writer beside him, so all positions below the highest are decided.
locked() {
	pg "$1" "BEGIN; LOCK TABLE events IN SHARE MODE; COPY (SELECT json_build_object('position', position)
		FROM events WHERE position > $2 ORDER BY position) TO STDOUT; COMMIT" >"$3"
}
export_more() {
	esexport --from "$1" --after "$2" --plain --out "$3" 2>said || {
		cat said
		return 1
	}
}

# Until esexport reads PostgreSQL, there is nothing to try.
needs_esexport() {
	local rc=0

	esexport --from "$(pg_address late)" --plain --out empty.jsonl 2>said || rc=$?
	[ $rc != 2 ] || skip 'this esexport does not read PostgreSQL'
	rm -f empty.jsonl
}

@test "the check finds what a naive reader skips" {
	late_follow late $((n / 5)) naive "$(pg_address late)"
	run -1 late_check late "${increments[@]}"
	echo "# $output"
	[[ $output != *" 0 missing"* ]]
	[[ $output == *" 0 doubled, 0 foreign, 0 falling" ]]
	# Once more what was read before, and what is in no table.
	tail -n 1 "${increments[0]}" >again.jsonl
	echo '{"position":999999999}' >>again.jsonl
	run -1 late_check late "${increments[@]}" again.jsonl
	[[ $output == *" 1 doubled, 1 foreign, 1 falling" ]]
}

@test "the check is content with a reader that locks" {
	late_follow late $((n / 5)) locked "$(pg_address late)"
	late_check late "${increments[@]}"
}

@test "esexport skips nothing where it may lock" {
	needs_esexport
	pg_role locker secret late 'SELECT, UPDATE ON events'
	late_follow late "$n" export_more "$(pg_tcp late locker secret)"
	late_check late "${increments[@]}"
}

@test "esexport skips nothing where it may only read" {
	needs_esexport
	pg_role reader secret late 'SELECT ON events'
	late_follow late "$n" export_more "$(pg_tcp late reader secret)"
	late_check late "${increments[@]}"
}

@test "with es_bound=none it does skip: the tests above can fail" {
	needs_esexport
	late_follow late "$n" export_more "$(pg_tcp late reader secret)?es_bound=none"
	run -1 late_check late "${increments[@]}"
	echo "# $output"
	[[ $output != *" 0 missing"* ]]
}
