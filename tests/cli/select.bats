#!/usr/bin/env bats
# What is taken of a source: ranges, times, streams, types; how it is accounted for and remembered.

load helpers
load stores

# 10 events, one a second; streams order-0 to order-4 twice, types Placed Paid Shipped in turn.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	store a.db 10
	esexport --from sqlite://a.db --out all.jsonl.zst 2>/dev/null
}

setup() {
	cp "$BATS_FILE_TMPDIR"/a* .
}

# Positions that these options select; checked for every way in and out.
selects() {
	local want=$1
	shift
	run --separate-stderr -0 esexport --from sqlite://a.db --plain "$@"
	same "$(jq -c .position <<<"$output" | tr '\n' ' ')" "$want"
	run --separate-stderr -0 esexport --from all.jsonl.zst --plain "$@"
	same "$(jq -c .position <<<"$output" | tr '\n' ' ')" "$want"
	rm -f into.db
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://into.db "$@"
	same "$output" ""
	same "$(positions_of sqlite://into.db)" "$want"
	run --separate-stderr -0 esverify "$@" --positions sqlite://a.db all.jsonl.zst
	has "$output" "the same: $(wc -w <<<"$want") event"
}

@test "--after leaves out the position itself" {
	selects "8 9 10 " --after 7
}

@test "--upto takes the position itself" {
	selects "1 2 3 " --upto 3
}

@test "--after and --upto cut a range" {
	selects "4 5 6 " --after 3 --upto 6
}

@test "a range without events is no error" {
	selects "" --after 10
	selects "" --after 5 --upto 5
	selects "" --after 6 --upto 3
	selects "" --upto 0
}

@test "bounds beyond what a store can hold cut nothing off, or all" {
	selects "1 2 3 4 5 6 7 8 9 10 " --upto 18446744073709551614
	selects "" --after 18446744073709551614
	selects "" --after 9223372036854775807
	selects "1 2 3 4 5 6 7 8 9 10 " --after 0 --upto 9223372036854775807
}

@test "--since takes the time itself" {
	selects "8 9 10 " --since 2026-01-01T00:00:08Z
}

@test "--until leaves out the time itself" {
	selects "1 2 3 " --until 2026-01-01T00:00:04Z
}

@test "times are compared to the nanosecond" {
	selects "8 9 10 " --since 2026-01-01T00:00:07.000000001Z
	selects "1 2 3 4 " --until 2026-01-01T00:00:04.000000001Z
	selects "1 2 3 " --until 2026-01-01T00:00:03.999999999Z
}

@test "times have their zone" {
	selects "8 9 10 " --since 2026-01-01T02:00:08+02:00
	selects "1 2 3 " --until 2025-12-31T23:00:04-01:00
}

@test "an event without a time passes neither --since nor --until" {
	{
		events 2
		echo '{"position":3,"stream":"x","version":0,"type":"T"}'
	} >a.jsonl
	run --separate-stderr -0 esexport --from a.jsonl --plain --since 1900-01-01
	same "${#lines[@]}" 2
	run --separate-stderr -0 esexport --from a.jsonl --plain --until 2200-01-01
	same "${#lines[@]}" 2
	run --separate-stderr -0 esexport --from a.jsonl --plain --stream x
	same "${#lines[@]}" 1
}

@test "--stream takes one stream, whole names only" {
	selects "2 7 " --stream order-1
	selects "" --stream order
	selects "" --stream Order-1
}

@test "--stream takes patterns" {
	selects "1 2 3 4 5 6 7 8 9 10 " --stream '*'
	selects "2 3 7 8 " --stream 'order-[12]'
	selects "1 2 3 4 5 6 7 8 9 10 " --stream 'order-?'
	selects "1 4 5 6 9 10 " --stream 'order-[!12]'
	selects "" --stream 'order-\*'
}

@test "several --stream add up" {
	selects "1 2 6 7 " --stream order-0 --stream order-1
	selects "1 2 6 7 " --stream order-1 --stream 'order-[0-1]'
}

@test "--type takes types, and several add up" {
	selects "1 4 7 10 " --type Placed
	selects "1 2 4 5 7 8 10 " --type 'P*'
	selects "2 3 5 6 8 9 " --type Paid --type Ship*
}

@test "an event must pass all kinds of filters" {
	selects "2 " --type Paid --stream order-1
	selects "7 8 " --type 'P*' --stream 'order-[12]' --after 2 --since 2026-01-01T00:00:05Z \
		--until 2026-01-01T00:00:09Z --upto 9 --type Paid
}

@test "esexport accounts for what it filtered, and not for what is out of the range" {
	run --separate-stderr -0 esexport --from sqlite://a.db --out b.jsonl.zst --after 2 --type Paid
	has "$stderr" "read 8 = written 2 + filtered 6 events;"
	run --separate-stderr -0 esexport --log-format json --from sqlite://a.db --out c.jsonl.zst \
		--after 2 --type Paid
	same "$(jq -c '[.read, .written, .filtered, .first_position, .last_position]' <<<"$stderr")" \
		"[8,2,6,5,8]"
}

@test "esimport accounts for what it filtered, and not for what is out of the range" {
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db --after 2 --type Paid
	has "$stderr" "read 8 = written 2 + already there 0 + filtered 6 events;"
	run --separate-stderr -0 esimport --log-format json --from all.jsonl.zst --to sqlite://b.db \
		--after 2 --type Paid
	same "$(jq -c '[.read, .written, .already_there, .filtered]' <<<"$stderr")" "[8,0,2,6]"
}

@test "the header of an archive says range and filters" {
	run --separate-stderr -0 esexport --from sqlite://a.db --out b.jsonl.zst --after 2 --upto 9 \
		--type Shipped --type 'P*' --stream 'order-[!3]' \
		--since 2026-01-01T00:00:03Z --until 2026-01-01T00:00:09.5Z
	run --separate-stderr -0 esverify --info --json b.jsonl.zst
	same "$(jq -c '[.after, .upto]' <<<"$output")" "[2,9]"
	same "$(jq -cS .filters <<<"$output")" \
		'{"since":"2026-01-01T00:00:03Z","streams":["order-[!3]"],"types":["P*","Shipped"],"until":"2026-01-01T00:00:09.5Z"}'
	run --separate-stderr -0 esverify --info b.jsonl.zst
	has "$output" '"types":["P*","Shipped"]'
}

@test "the header of an archive without filters says so" {
	run --separate-stderr -0 esverify --info --json all.jsonl.zst
	same "$(jq -c '[.filters, .after, .upto]' <<<"$output")" "[{},null,null]"
	run --separate-stderr -0 esverify --info all.jsonl.zst
	lacks "$output" filters
}

@test "esverify finds the events that the filters left out" {
	esexport --from sqlite://a.db --out b.jsonl.zst --type Paid 2>/dev/null
	run --separate-stderr -1 esverify sqlite://a.db b.jsonl.zst
	has "$output" "equal                                      3"
	has "$output" "missing in the second                      7"
	has "$output" "extra in the second                        0"
	run --separate-stderr -0 esverify --type Paid sqlite://a.db b.jsonl.zst
	has "$output" "the same: 3 events"
}

@test "the same filters in another order are the same import" {
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db \
		--stream order-1 --type Paid --stream order-2 --type Shipped
	has "$stderr" "written 3 + already there 0 + filtered 7"
	sha256sum b.db >before
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db \
		--type Shipped --type Paid --type Paid --stream order-2 --stream order-1
	has "$stderr" "written 0 + already there 3 + filtered 7"
	run -0 sha256sum -c before
}

@test "the same filters of the export in another order are the same import" {
	esexport --from sqlite://a.db --out b.jsonl.zst --type Paid --type Shipped 2>/dev/null
	esexport --from sqlite://a.db --out c.cbor.zst --type Shipped --type Paid 2>/dev/null
	run --separate-stderr -0 esimport --from b.jsonl.zst --to sqlite://b.db
	has "$stderr" "written 6 "
	run --separate-stderr -0 esimport --from c.cbor.zst --to sqlite://b.db
	has "$stderr" "written 0 + already there 6"
}

@test "other filters are another import, and refused by a store with events" {
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db --type Paid
	run --separate-stderr -5 esimport --from all.jsonl.zst --to sqlite://b.db --type Shipped
	same "$output" ""
	has "$stderr" "the target holds events, and no import of this source wrote them"
	has "$stderr" "--append"
	run --separate-stderr -5 esimport --from all.jsonl.zst --to sqlite://b.db
	esexport --from sqlite://a.db --out c.jsonl.zst --type Shipped 2>/dev/null
	run --separate-stderr -5 esimport --from c.jsonl.zst --to sqlite://b.db
	same "$(positions_of sqlite://b.db)" "2 5 8 "
}

@test "filters at the export and at the import are one selection" {
	esexport --from sqlite://a.db --out c.jsonl.zst --type Paid 2>/dev/null
	run --separate-stderr -0 esimport --from c.jsonl.zst --to sqlite://b.db
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db --type Paid
	has "$stderr" "written 0 + already there 3 + filtered 7"
	run --separate-stderr -0 esexport --from all.jsonl.zst --out d.jsonl.zst --type Paid
	run --separate-stderr -0 esimport --from d.jsonl.zst --to sqlite://b.db
	has "$stderr" "written 0 + already there 3 + filtered 0"
}

@test "an archive of an archive keeps its range and its filters" {
	esexport --from sqlite://a.db --out c.jsonl.zst --after 2 --type Paid 2>/dev/null
	esexport --from c.jsonl.zst --out d.cbor.zst --upto 9 --stream 'o*' 2>/dev/null
	run --separate-stderr -0 esverify --info --json d.cbor.zst
	same "$(jq -c '[.after, .upto, .filters.streams, .filters.within.types]' <<<"$output")" \
		'[2,9,["o*"],["Paid"]]'
	# What follows the one follows the other.
	esexport --from sqlite://a.db --out e.jsonl.zst --after 10 --type Paid 2>/dev/null
	esexport --from c.jsonl.zst --out f.jsonl.zst 2>/dev/null
	cat f.jsonl.zst e.jsonl.zst >g.jsonl.zst
	run -0 esverify g.jsonl.zst
}

@test "an increment behind a gap is refused, and so is what lies before the first import" {
	esexport --from sqlite://a.db --out first.jsonl.zst --upto 3 2>/dev/null
	esexport --from sqlite://a.db --out second.jsonl.zst --after 3 --upto 6 2>/dev/null
	esexport --from sqlite://a.db --out third.jsonl.zst --after 6 2>/dev/null
	run --separate-stderr -0 esimport --from second.jsonl.zst --to sqlite://b.db
	run --separate-stderr -5 esimport --from first.jsonl.zst --to sqlite://b.db
	has "$stderr" "began behind position 3"
	run --separate-stderr -5 esimport --from all.jsonl.zst --to sqlite://b.db
	same "$(positions_of sqlite://b.db)" "4 5 6 "
	run --separate-stderr -0 esimport --from first.jsonl.zst --to sqlite://c.db
	run --separate-stderr -5 esimport --from third.jsonl.zst --to sqlite://c.db
	has "$stderr" "begins behind position 6, and the target has everything up to 3"
	run --separate-stderr -0 esimport --from second.jsonl.zst --to sqlite://c.db
	run --separate-stderr -0 esimport --from third.jsonl.zst --to sqlite://c.db
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://c.db
	has "$stderr" "written 0 + already there 10"
}

@test "an increment joins behind events that filters left out" {
	esexport --from sqlite://a.db --out c.jsonl.zst --type Placed 2>/dev/null
	run -0 esverify --info --json c.jsonl.zst
	esexport --from sqlite://a.db --out d.jsonl.zst --after 10 --type Placed 2>/dev/null
	run --separate-stderr -0 esimport --from c.jsonl.zst --to sqlite://b.db
	run --separate-stderr -0 esimport --from d.jsonl.zst --to sqlite://b.db
	cat c.jsonl.zst d.jsonl.zst >e.jsonl.zst
	run -0 esverify e.jsonl.zst
}

@test "the range is no part of the selection: what follows goes on behind it" {
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db --upto 4
	has "$stderr" "read 4 = written 4 + already there 0 + filtered 0"
	run --separate-stderr -0 esimport --from all.jsonl.zst --to sqlite://b.db
	has "$stderr" "read 10 = written 6 + already there 4 + filtered 0"
	same "$(positions_of sqlite://b.db)" "1 2 3 4 5 6 7 8 9 10 "
}

@test "an archive of what came later goes on behind the one before" {
	esexport --from sqlite://a.db --out first.jsonl.zst --upto 4 2>/dev/null
	esexport --from sqlite://a.db --out next.cbor.zst --after 4 2>/dev/null
	run --separate-stderr -0 esimport --from first.jsonl.zst --to sqlite://b.db
	run --separate-stderr -0 esimport --from next.cbor.zst --to sqlite://b.db
	has "$stderr" "read 6 = written 6 "
	run --separate-stderr -0 esverify --positions sqlite://a.db sqlite://b.db
}

@test "archives one behind the other are filtered as one" {
	esexport --from sqlite://a.db --out first.jsonl.zst --upto 4 2>/dev/null
	esexport --from sqlite://a.db --out next.cbor.zst --after 4 2>/dev/null
	cat first.jsonl.zst next.cbor.zst >both.zst
	run --separate-stderr -0 esexport --from both.zst --plain --type Paid
	same "$(jq -c .position <<<"$output" | tr '\n' ' ')" "2 5 8 "
}
