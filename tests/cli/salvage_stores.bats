# What is left of a damaged archive, into PostgreSQL and JetStream.
# shellcheck disable=SC2034,SC2154 # variables of bats and of what is loaded
load helpers
load stores
load nats
load postgres

setup_file() {
	nats_start
	postgres_start
}
teardown_file() {
	nats_stop
	postgres_stop
}

# Two copies with ten events in each chunk: one lacks 31 to 40, the other 61 to 70.
setup() {
	store a.db 100
	for n in 10 20 30 40 50 60 70 80 90 100; do
		[ $n = 10 ] && range=(--upto 10) || range=(--after $((n - 10)) --upto $n)
		esexport --from sqlite://a.db "${range[@]}" --out $n.zst 2>/dev/null
	done
	esexport --from sqlite://a.db --out a.jsonl.zst 2>/dev/null
	for lost in 40 70; do
		for n in 10 20 30 40 50 60 70 80 90 100; do
			if [ $n = $lost ]; then
				# From the middle of its chunk to its end.
				head -c 450 $n.zst
				head -c 100 /dev/zero
			else
				cat $n.zst
			fi
		done >bad$lost
	done
}

# skip CODE FILE TO: the account is in $account.
skip_damaged() {
	run --separate-stderr "-$1" esimport --skip-damaged --log-format json --from "$2" --to "$3" --batch-size 7
	account=$(grep summary <<<"$stderr" | jq -c '[.written, .already_there, .lost[0].first, .lost[0].last]')
}

@test "PostgreSQL: what is whole goes in, from two copies all, and no other import goes on from it" {
	to=$(pg_db salvage)
	skip_damaged 4 bad40 "$to"
	same "$account" '[90,0,31,40]'
	skip_damaged 4 bad40 "$to"
	same "$account" '[0,90,31,40]'
	run --separate-stderr -5 esimport --from a.jsonl.zst --to "$to"
	has "$stderr" 'holds what was left of a damaged archive'
	skip_damaged 4 bad70 "$to"
	same "$account" '[10,80,61,70]'
	esverify --positions sqlite://a.db "$to"
}

@test "PostgreSQL: a good copy fills what is lost" {
	to=$(pg_db fill)
	skip_damaged 4 bad40 "$to"
	run -1 esverify a.jsonl.zst "$to" --missing-to lost.zst
	esimport --from lost.zst --to "$to"
	esverify --positions sqlite://a.db "$to"
}

@test "JetStream: what is whole goes in, and nothing between what is there" {
	to=$(nats_address SALVAGE)
	skip_damaged 4 bad40 "$to"
	same "$account" '[90,0,31,40]'
	skip_damaged 4 bad40 "$to"
	same "$account" '[0,90,31,40]'
	run --separate-stderr -5 esimport --from a.jsonl.zst --to "$to"
	has "$stderr" 'holds what was left of a damaged archive'
	skip_damaged 5 bad70 "$to"
	run -1 esverify --json sqlite://a.db "$to"
	same "$(tail -n 1 <<<"$output" | jq -c '[.missing, .extra, .different]')" '[10,0,0]'
}
