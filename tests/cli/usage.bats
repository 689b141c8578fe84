#!/usr/bin/env bats
# The command line: help, options and their values, operands, exit codes.

load helpers
load stores

# A run with wrong usage: nothing on standard output, one line on standard error.
refuses() {
	run --separate-stderr -2 "$@"
	same "$output" ""
	same "${#stderr_lines[@]}" 1
}

help_fits() {
	run --separate-stderr -0 "$1" --help
	same "$stderr" ""
	[ "${#lines[@]}" -ge 24 ]
	[ "${#lines[@]}" -le 60 ]
	same "${lines[0]%%[*}" "Usage: $1 "
	has "$output" "Examples:"
	has "$output" "
  $1 "
	run -0 awk 'length > 100' <<<"$output"
	same "$output" ""
}

@test "esexport --help fits a screen and has examples" {
	help_fits esexport
}

@test "esimport --help fits a screen and has examples" {
	help_fits esimport
}

@test "esverify --help fits a screen and has examples" {
	help_fits esverify
}

@test "-h is --help, and wins over what is missing" {
	run --separate-stderr -0 esexport -h
	has "$output" "Usage: esexport"
	run --separate-stderr -0 esimport -n --help
	has "$output" "Usage: esimport"
}

@test "--version and -V print the name and a version" {
	local p
	for p in esexport esimport esverify; do
		run --separate-stderr -0 "$p" --version
		[[ $output =~ ^"$p "[0-9a-z][0-9a-z.-]*$ ]]
		same "$stderr" ""
		run --separate-stderr -0 "$p" -V
		[[ $output =~ ^"$p " ]]
	done
}

@test "--list-layouts lists the built-in layouts, with the store each is for" {
	run --separate-stderr -0 esexport --list-layouts
	same "$stderr" ""
	run -0 awk '{ print $1, $2 }' <<<"$output"
	same "$(sort <<<"$output")" "$(jq -r '"\(.name) \(.store)"' "$REPO"/spec/layouts/*.json | sort)"
}

@test "an unknown option is named, and where to look" {
	local p
	for p in esexport esimport esverify; do
		refuses "$p" --nonsense
		same "$stderr" "$p: --nonsense: unknown option; --help lists them"
	done
}

@test "an unknown letter is named" {
	refuses esexport -x
	same "$stderr" "esexport: -x: unknown option; --help lists them"
	refuses esexport -nx
	has "$stderr" "-x: unknown option"
}

@test "an option that could be more than one is refused" {
	refuses esexport --s a
	same "$stderr" "esexport: --s: could be more than one option; --help lists them"
	refuses esimport --p
	has "$stderr" "--p: could be more than one option"
	refuses esverify --=a
	has "$stderr" "could be more than one option"
}

@test "an option may be cut to what only it begins with" {
	store a.db 3
	run --separate-stderr -0 esexport --fr sqlite://a.db --pl --upt 1
	same "${#lines[@]}" 1
}

@test "a whole name is that option, though a longer one begins with it" {
	events 1 >a.jsonl
	run --separate-stderr -0 esverify --layout native a.jsonl a.jsonl
	run --separate-stderr -2 esverify --layou native a.jsonl a.jsonl
	has "$stderr" "--layou: could be more than one option"
}

@test "values come behind = or as the next word, letters may be joined" {
	store a.db 3
	run --separate-stderr -0 esexport --from=sqlite://a.db --plain --after=2
	same "${#lines[@]}" 1
	run --separate-stderr -0 esexport -fsqlite://a.db --plain --after 2
	same "${#lines[@]}" 1
	run --separate-stderr -0 esexport -nf sqlite://a.db
	has "$output" "nothing was written"
}

@test "a value that is missing is said" {
	refuses esexport --from
	same "$stderr" "esexport: --from: STORE is missing behind it"
	refuses esimport -t
	same "$stderr" "esimport: --to: STORE is missing behind it"
	refuses esverify --max-findings
	same "$stderr" "esverify: --max-findings: N is missing behind it"
}

@test "a flag takes no value" {
	refuses esexport --plain=yes
	same "$stderr" "esexport: --plain: takes no value"
}

@test "what must be there is asked for" {
	refuses esexport
	has "$stderr" "--from is missing"
	refuses esimport
	has "$stderr" "--to is missing"
	refuses esverify
	has "$stderr" "name an archive or a store, or two places to compare"
}

@test "a number that is none, or out of its range, is refused with the range" {
	refuses esexport --level 0
	same "$stderr" "esexport: --level 0: it must be a number in 1..19"
	refuses esexport --level 20
	refuses esexport --level -1
	refuses esexport --level 3x
	refuses esexport --level ''
	refuses esexport --level ' 3'
	refuses esexport --workers 65
	has "$stderr" "1..64"
	refuses esimport --batch-size 0
	has "$stderr" "1..1000000"
	refuses esimport --batch-size 1000001
	refuses esverify --max-findings many
	has "$stderr" "--max-findings many: it must be a number"
}

@test "a size that is none, or out of its range, is refused with the range" {
	refuses esexport --chunk-size 1023
	same "$stderr" "esexport: --chunk-size 1023: it must be a size in 1KiB..256MiB"
	refuses esexport --chunk-size 257MiB
	refuses esexport --chunk-size 4MB
	refuses esexport --chunk-size 4.5MiB
	refuses esexport --chunk-size 99999999999999999999GiB
	refuses esexport --chunk-size 18014398509481985KiB
}

@test "sizes are taken in bytes, K, KiB, M, MiB" {
	local size
	store a.db 1
	for size in 2048 2048B 2K 2k 2KiB 1M 1m 1MiB; do
		run --separate-stderr -0 esexport --from sqlite://a.db --chunk-size "$size" --plain
		same "${#lines[@]}" 1
	done
}

@test "a position that is none is refused" {
	refuses esexport --after x
	same "$stderr" "esexport: --after x: it must be a number"
	refuses esexport --upto -1
	refuses esexport --upto 1.5
	refuses esexport --after 18446744073709551616
}

@test "a time that is none is refused with an example of one" {
	local t
	refuses esexport --since "2026-01-31T12:00:00.$(printf %060d 0)Z"
	has "$stderr" "Z: it must be a time like 2026-01-31T12:00:00Z"
	refuses esexport --since yesterday
	same "$stderr" "esexport: --since yesterday: it must be a time like 2026-01-31T12:00:00Z"
	for t in 2026-02-30 2026-13-01 2026-01-01T24:00:00Z 2026-01-01T00:00:60Z 1500-01-01 '' 2026; do
		refuses esexport --until "$t"
		has "$stderr" "it must be a time"
	done
}

@test "times are taken as RFC 3339, as databases write them, and as a date" {
	local t
	store a.db 2
	for t in 2026-01-01T00:00:02Z 2026-01-01T01:00:02+01:00 '2026-01-01 00:00:02' \
		2026-01-01T00:00:01.5Z; do
		run --separate-stderr -0 esexport --from sqlite://a.db --plain --since "$t"
		same "${#lines[@]}" 1
	done
	run --separate-stderr -0 esexport --from sqlite://a.db --plain --since 2026-01-01
	same "${#lines[@]}" 2
	run --separate-stderr -0 esexport --from sqlite://a.db --plain --until 2026-01-01
	same "$output" ""
}

@test "a word that is no choice is refused with the choices" {
	refuses esexport --codec xml
	same "$stderr" "esexport: --codec xml: it must be one of jsonl,cbor"
	refuses esexport --codec json
	refuses esexport --codec ''
	refuses esimport --payload-codec xml
	has "$stderr" "keep,json,cbor"
	refuses esverify --progress loud
	has "$stderr" "auto,bar,json,none"
	refuses esverify --log-format xml
	has "$stderr" "text,json"
}

@test "an empty address is refused" {
	refuses esexport --from ''
	has "$stderr" "an address is empty"
	refuses esimport --to ''
	refuses esverify ''
	refuses esexport --from sqlite://
	has "$stderr" "there is no path in it"
	refuses esexport --from sqlite://%zz
	has "$stderr" "hexadecimal"
}

@test "a kind of store that is unknown is refused by its name" {
	refuses esexport --from mysql://h/db
	same "$stderr" "esexport: address mysql://...: unknown kind of store"
	refuses esimport --to MYSQL://h/db
	has "$stderr" "MYSQL://...: unknown kind of store"
	refuses esverify oracle://h/db
}

@test "an address is no name for --out" {
	local scheme
	events 2 >a.jsonl
	for scheme in nats NATS tls; do
		refuses esexport --from a.jsonl --out "$scheme://u:secret@h/S"
		has "$stderr" "--out $scheme:...: is an address"
		lacks "$stderr" secret
	done
}

@test "a parameter of a NATS address that nobody knows is named" {
	refuses esimport --to 'nats://h/S?colour=red'
	has "$stderr" "colour: unknown parameter"
}

@test "a password that has :// in it is not shown where there is no use for the word" {
	refuses esexport 'postgres:host=h password=secret://x'
	has "$stderr" "postgres:...: there is no use for this word"
	lacks "$stderr" secret
	refuses esexport --since 'postgres:host=h password=secret://x'
	lacks "$stderr" secret
}

@test "the password of an address is never shown" {
	local a
	for a in nats://u:secret/1@h/S TLS://u:secret@h mysql://u:secret@h/db \
		postgres://u:secret/1@h/db 'postgres:host=h password=secret x'; do
		refuses esexport --from "$a"
		lacks "$stderr" secret
		refuses esimport --to "$a"
		lacks "$stderr" secret
		refuses esimport --to sqlite://x.db --from "$a"
		lacks "$stderr" secret
		refuses esverify "$a"
		lacks "$stderr" secret
		refuses esverify a.jsonl.zst "$a"
		lacks "$stderr" secret
		refuses esexport --log-format json --from "$a"
		lacks "$stderr" secret
		refuses esexport "$a"
		has "$stderr" "there is no use for this word"
		lacks "$stderr" secret
		refuses esverify a b "$a"
		lacks "$stderr" secret
		refuses esexport --from x.jsonl --out "$a"
		lacks "$stderr" secret
	done
	run -0 find . -name '*.part' -o -name x.db
	same "$output" ""
}

@test "the password of a server that cannot be reached is never shown" {
	local a
	events 2 >a.jsonl
	for a in postgres://u:secret@127.0.0.1:1/db postgresql://u:secret@127.0.0.1:1/db?es_retry=0 \
		'postgres:host=127.0.0.1 port=1 password=secret'; do
		run --separate-stderr ! esexport --from "$a"
		lacks "$stderr" secret
		run --separate-stderr ! esimport --to "$a" --from a.jsonl
		lacks "$stderr" secret
		run --separate-stderr ! esverify a.jsonl "$a"
		lacks "$stderr" secret
		refuses esimport --to sqlite://x.db --from "$a"
		lacks "$stderr" secret
		run --separate-stderr -6 esverify "$a"
		lacks "$stderr" secret
		refuses esexport --from a.jsonl --out "$a"
		has "$stderr" "is an address"
		lacks "$stderr" secret
		refuses esexport --from a.jsonl --level "$a"
		lacks "$stderr" secret
	done
}

@test "ps shows no password" {
	mkfifo pipe
	esverify --plain pipe postgres://u:secret@127.0.0.1:1/db?es_retry=0 2>err &
	local pid=$!
	exec 7>pipe # goes on when the program has opened it
	run -0 tr '\0' ' ' <"/proc/$pid/cmdline"
	has "$output" 'pipe postgres://*****'
	lacks "$output" secret
	exec 7>&-
	wait $pid || true
	lacks "$(cat err)" secret
}

@test "an operand too many is refused" {
	refuses esexport --from a b
	same "$stderr" "esexport: b: there is no use for this word"
	refuses esimport --to sqlite://a.db b
	has "$stderr" "b: there is no use for this word"
	refuses esverify a b c
	has "$stderr" "c: there is no use for this word"
}

@test "behind -- every word is an operand" {
	events 2 >-x.jsonl
	run --separate-stderr -0 esverify -- -x.jsonl -x.jsonl
	has "$output" "the same: 2 events"
	refuses esexport -- --help
	has "$stderr" "--help: there is no use for this word"
}

@test "an output is a file, not a store" {
	store a.db 1
	refuses esexport --from sqlite://a.db --out sqlite://b.db
	has "$stderr" "--out"
	has "$stderr" "esimport"
	refuses esexport --from sqlite://a.db --out ''
	has "$stderr" "--out"
	run -0 find . -name '*.part'
	same "$output" ""
}

@test "esimport takes no store as its source, and says how to pipe it" {
	store a.db 1
	refuses esimport --from sqlite://a.db --to sqlite://b.db
	has "$stderr" "esexport --from sqlite://a.db | esimport --to sqlite://b.db"
	[ ! -e b.db ]
}

@test "esimport writes into stores only" {
	events 1 >a.jsonl
	run --separate-stderr -2 esimport --from a.jsonl --to b.jsonl.zst
	has "$stderr" "b.jsonl.zst: is not a store"
	[ ! -e b.jsonl.zst ]
}

@test "esverify compares no archive with standard input twice, and tells nothing of stores" {
	store a.db 1
	refuses esverify - -
	has "$stderr" "only one side can come from standard input"
	refuses esverify --info a b
	has "$stderr" "--info: is for one archive"
	refuses esverify --info sqlite://a.db
	has "$stderr" "is a store, not an archive"
}

@test "esverify of one archive takes no filters: all of it is checked" {
	events 4 >a.jsonl
	refuses esverify a.jsonl --stream 'order-1'
	has "$stderr" "--stream"
	refuses esverify a.jsonl --after 2
	refuses esverify a.jsonl --until 2026-01-01
	refuses esverify --info a.jsonl --type Paid
}

@test "an archive is not written to a terminal" {
	store a.db 3
	run -2 script -qec "esexport --from sqlite://a.db" /dev/null </dev/null
	has "$output" "esexport: an archive is no text for a terminal; name a file with --out"
	lacks "$output" ESAR
	run -2 script -qec "esexport --from sqlite://a.db --out -" /dev/null </dev/null
	has "$output" "an archive is no text for a terminal"
	run -2 script -qec "esexport --from sqlite://a.db --codec cbor" /dev/null </dev/null
	has "$output" "an archive is no text for a terminal"
}

@test "bare lines and plans are shown on a terminal" {
	store a.db 3
	run -0 script -qec "esexport --from sqlite://a.db --plain --progress none" /dev/null </dev/null
	has "${lines[0]}" '{"position":1,'
	run -0 script -qec "esexport --from sqlite://a.db --dry-run" /dev/null </dev/null
	has "$output" "nothing was written"
}

@test "messages are JSON wherever --log-format json stands" {
	run --separate-stderr -2 esexport --nonsense --log-format json
	same "$(jq -r .kind <<<"$stderr")" usage
	run --separate-stderr -2 esexport --nonsense --log-format=json
	same "$(jq -r .kind <<<"$stderr")" usage
}

@test "exit codes are those of the table" {
	local pid code=0
	store a.db 3
	store b.db 4
	events 3 >a.jsonl
	# 0 done, 1 differs, 2 usage and layout
	run -0 esverify sqlite://a.db a.jsonl
	run -1 esverify sqlite://a.db sqlite://b.db
	run -2 esverify --nonsense
	run -2 esexport --from sqlite://a.db --layout nowhere
	# 3 an event that the other side cannot hold
	echo '{"position":9223372036854775808,"stream":"s","version":0,"type":"T"}' >big.jsonl
	run -3 esimport --from big.jsonl --to sqlite://c.db
	# 4 damaged
	esexport --from sqlite://a.db --out a.jsonl.zst 2>/dev/null
	head -c -1 a.jsonl.zst >cut.jsonl.zst
	run -4 esverify cut.jsonl.zst
	run -4 esimport --from cut.jsonl.zst --to sqlite://d.db
	# 5 conflict, 6 store, 7 local I/O
	events 3 7 >other.jsonl
	run -5 esimport --from other.jsonl --to sqlite://a.db
	run -6 esexport --from sqlite://nowhere.db
	run -7 esexport --from nowhere.jsonl.zst --plain
	# 8 stopped by a signal
	mkfifo pipe
	esimport --from pipe --to sqlite://e.db 2>stopped &
	pid=$!
	exec 4>pipe
	kill -TERM "$pid"
	wait "$pid" || code=$?
	exec 4>&-
	same "$code" 8
	has "$(cat stopped)" "stopped"
}

@test "esimport does not wait for somebody to type an archive" {
	run -2 script -qec "esimport --to sqlite://b.db" /dev/null
	has "$output" "--from is missing, and standard input is a terminal"
}

@test "an option of esverify that would not be used is refused" {
	events 3 >a.jsonl
	esexport --from a.jsonl --out one.jsonl.zst 2>/dev/null
	refuses esverify --seed 3 a.jsonl a.jsonl
	has "$stderr" "--seed: is for --sample"
	refuses esverify --digest --clock-tolerance 5s one.jsonl.zst
	has "$stderr" "--digest: does not go with --clock-tolerance"
	refuses esverify --info --clock-tolerance 5s one.jsonl.zst
	has "$stderr" "--info: does not go with --clock-tolerance"
	run --separate-stderr -0 esverify --sample 3 --seed 18446744073709551615 a.jsonl a.jsonl
}
