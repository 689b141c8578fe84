# What tests/cli/damage.bats and tests/cli/resume.bats try a sample of, and large archives.
load ../cli/helpers

damage() { python3 "$REPO/tests/damage.py" "$@"; }

# tiny FILE [WORD]: three chunks, with one, one and two events.
tiny() {
	local pad
	pad=$(printf '%0700d' 0)
	rm -f tiny.db
	esimport --plain --to sqlite://tiny.db 2>/dev/null <<-END
		{"position":3,"stream":"a","version":0,"id":"x","type":"A","time":"2026-01-05T09:30:00Z","data":"${2:-one}$pad"}
		{"position":4,"stream":"ü","version":0,"type":"B","tags":["t"],"metadata":{"a":1.50},"data":{"p":"$pad"}}
		{"position":7,"stream":"a","version":1,"type":"A","attributes":{"k":[1]},"data":null}
		{"position":9,"stream":"a","version":2,"type":"C","time":"2026-01-05T09:31:00.5Z","data":{"n":"$pad"}}
	END
	SOURCE_DATE_EPOCH=1 esexport --from sqlite://tiny.db --out $1 --chunk-size 1KiB --force 2>/dev/null
}

# large FILE [OPTIONS]: 200,000 events of 1,000 streams, no two alike.
large() {
	[ -e large.db ] || awk 'BEGIN {
		srand(1)
		for (i = 0; i < 200000; i++)
			printf "{\"stream\":\"s-%d\",\"version\":%d,\"id\":\"e-%d\",\"type\":\"T%d\"," \
				"\"data\":{\"n\":%d,\"x\":%.17g}}\n", i % 1000, int(i / 1000), i, i % 7, i, rand()
	}' | esimport --plain --to sqlite://large.db
	esexport --from sqlite://large.db --out "$@"
}

@test "every inverted bit: esimport writes the chunks before it and no event more" {
	for codec in jsonl cbor; do
		tiny tiny.$codec.zst
		damage flip-all tiny.$codec.zst
	done
}

@test "every length that is too short: the same, and the whole archive finishes the job" {
	for codec in jsonl cbor; do
		tiny tiny.$codec.zst
		damage --finish cut-all tiny.$codec.zst
	done
}

@test "a producer that ends at any byte of a pipe: the second run finishes the job" {
	for codec in jsonl cbor; do
		tiny tiny.$codec.zst
		damage pipe-all tiny.$codec.zst
	done
}

@test "every rearrangement through esimport" {
	for codec in jsonl cbor; do
		tiny other.$codec.zst two
		tiny tiny.$codec.zst
		damage structure tiny.$codec.zst other.$codec.zst
	done
}

@test "10,000 random inverted bits of a large archive are reported" {
	# Random text hardly shrinks: many bytes for each event, so that most of them are payload.
	python3 -c 'if 1:
		import base64, random
		r = random.Random(1)
		for i in range(8000):
			text = base64.b64encode(r.randbytes(r.randrange(1000))).decode()
			print("{\"stream\":\"s\",\"version\":%d,\"type\":\"T\",\"data\":\"%s\"}" % (i, text))' |
		esimport --plain --to sqlite://bulky.db
	esexport --from sqlite://bulky.db --out bulky.cbor.zst --chunk-size 16KiB
	[ "$(stat -c %s bulky.cbor.zst)" -gt 4000000 ]
	damage --workers 2 --import 29 flip-random bulky.cbor.zst 10000 1
}

# Whether the target holds what it says, and nothing twice: events from 1 to where it stands.
sound() {
	[ "$(sqlite3 t.db "SELECT count(*) = max(position) AND min(position) = 1
		AND count(*) = (SELECT position FROM esimport_checkpoint)
		AND count(*) = (SELECT events FROM esimport_checkpoint) FROM events")" = 1 ]
}

# kill_often FILE OPTIONS...: 200 times, at random moments of the whole of an import.
kill_often() {
	local began=$EPOCHREALTIME kills=0 rounds=0 rc ms
	esimport --to sqlite://t.db "$@" </dev/null
	ms=$(((${EPOCHREALTIME/./} - ${began/./}) / 1000))
	rm -f t.db*
	while ((kills < 200)); do
		rc=0
		# Twenty or so until it is complete.
		timeout -s KILL "$(printf '%d.%03d' 0 $((RANDOM % (ms / 10 > 900 ? 900 : ms / 10) + 10)))" \
			esimport --to sqlite://t.db "$@" </dev/null 2>said || rc=$?
		if [ $rc = 0 ]; then
			rounds=$((rounds + 1))
			sound
			rm -f t.db*
		else
			[ $rc = 137 ]
			kills=$((kills + 1))
			((kills % 10)) || [ ! -e t.db ] || ! sqlite3 t.db .schema | grep -q events || sound
		fi
	done
	esimport --to sqlite://t.db "$@" </dev/null
	sound
	echo "# $kills kills, $rounds times complete meanwhile"
}

@test "killed 200 times at random, an import of 200,000 events ends with every event once" {
	large large.jsonl.zst --chunk-size 256KiB
	kill_often --from large.jsonl.zst --batch-size 500
	esverify --positions large.jsonl.zst sqlite://t.db
	run -0 --separate-stderr esimport --from large.jsonl.zst --to sqlite://t.db
	[[ $stderr == *"read 200,000 = written 0 + already there 200,000 + filtered 0 events"* ]]
}

@test "killed 100 times at random, an import that appends ends with every event once" {
	large large.cbor.zst --chunk-size 64KiB
	kills=0
	made=0
	while ((kills < 100)); do
		if ((!made)); then
			rm -f t.db*
			echo '{"stream":"mine","version":0,"id":"mine","type":"T"}' |
				esimport --plain --to sqlite://t.db 2>/dev/null
			made=1
		fi
		rc=0
		timeout -s KILL "0.$(printf %03d $((RANDOM % 250 + 10)))" esimport --append \
			--from large.cbor.zst --to sqlite://t.db --batch-size 300 2>said || rc=$?
		[ $rc = 0 ] || [ $rc = 137 ]
		kills=$((kills + (rc == 137)))
		((rc)) || made=0
	done
	esimport --append --from large.cbor.zst --to sqlite://t.db
	[ "$(sqlite3 t.db "SELECT count(*), count(DISTINCT id), max(position),
		(SELECT id FROM events WHERE position = 1) FROM events")" = '200001|200001|200001|mine' ]
	esverify --stream 's-*' large.cbor.zst sqlite://t.db
}

@test "killed at every write and sync of SQLite, an import goes on and every event is there once" {
	strace -qq -o trace true || skip "no strace here"
	export ASAN_OPTIONS=detect_leaks=0
	tiny tiny.cbor.zst
	kills=0
	for call in openat pwrite64 fdatasync unlink; do
		for ((n = 1; n < 500; n++)); do
			rm -f t.db*
			rc=0
			strace -f -qq -o trace -e trace=$call -e inject=$call:signal=KILL:when=$n \
				esimport --from tiny.cbor.zst --to sqlite://t.db --batch-size 1 2>said || rc=$?
			[ $rc != 0 ] || break
			[ $rc = 137 ]
			kills=$((kills + 1))
			esimport --from tiny.cbor.zst --to sqlite://t.db 2>said
			esverify --positions sqlite://tiny.db sqlite://t.db >said
		done
	done
	echo "# $kills kills"
	((kills > 60))
}

@test "a target that an import has locked for ten seconds refuses the other one" {
	large large.cbor.zst
	rm -f pipe t.db
	mkfifo pipe
	esimport --to sqlite://t.db --batch-size 1000000 <pipe 2>said 3>&- &
	pid=$!
	exec 8>pipe
	head -c -1000 large.cbor.zst >&8
	until [ -s t.db-journal ]; do :; done
	run -6 esimport --from large.cbor.zst --to sqlite://t.db
	[[ $output == *"another program has locked the database"*"start again when it has finished" ]]
	tail -c 1000 large.cbor.zst >&8
	exec 8>&-
	wait $pid
	esverify --positions large.cbor.zst sqlite://t.db
}

@test "20 seeds of damages to archives of 40 chunks, one and two, cost what was hit and no more" {
	awk 'BEGIN { for (i = 1; i <= 400; i++)
		printf "{\"position\":%d,\"stream\":\"s-%d\",\"version\":%d,\"type\":\"T\",\"data\":{\"pad\":\"%0200d\"}}\n",
			3 * i, i % 4, int((i - 1) / 4), i }' >all.jsonl
	head -n 200 all.jsonl | esimport --to sqlite://a.db
	esexport --from sqlite://a.db --out one.jsonl.zst --chunk-size 4KiB
	rm a.db
	esimport --from all.jsonl --to sqlite://a.db
	esexport --from sqlite://a.db --out two.jsonl.zst --chunk-size 4KiB --after 600
	esexport --from sqlite://a.db --out whole.cbor.zst --chunk-size 4KiB
	cat one.jsonl.zst two.jsonl.zst >both.jsonl.zst
	for seed in 1 2 3 4 5 6 7 8 9 10; do
		python3 "$REPO/tests/salvage.py" --seed $seed whole.cbor.zst
		python3 "$REPO/tests/salvage.py" --seed $seed --pipe both.jsonl.zst
	done
}
