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

# follow USER [PARAMETERS]: with esexport, until all that the writers wrote must be there.
follow() {
	late_follow late "$n" export_more "$(pg_tcp late "$1" secret)${2:-}"
	late_check late "${increments[@]}"
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
	pg_role locker secret late 'SELECT, UPDATE ON events'
	follow locker
	grep -q 'reading events up to position [0-9]* (lock: ' said
}

@test "esexport skips nothing where it may only read" {
	pg_role reader secret late 'SELECT ON events'
	follow reader
	grep -q 'reading events up to position [0-9]* (wait: ' said
}

@test "esexport skips nothing where it waits for all transactions" {
	pg_role reader secret late 'SELECT ON events'
	follow reader '?es_bound=xmin'
	grep -q 'reading events up to position [0-9]* (xmin: ' said
}

@test "with es_bound=none it does skip: the tests above can fail" {
	pg_role reader secret late 'SELECT ON events'
	late_follow late "$n" export_more "$(pg_tcp late reader secret)?es_bound=none"
	run -1 late_check late "${increments[@]}"
	echo "# $output"
	[[ $output != *" 0 missing"* ]]
	[[ $output == *" 0 doubled, 0 foreign, 0 falling" ]]
	grep -q '(none: late commits of others may be missed)' said
}
