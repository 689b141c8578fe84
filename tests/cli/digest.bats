# shellcheck disable=SC2154 # bats sets stderr
# The digest of what a place holds: the same wherever it is, and as spec/DIGEST.md says.
load helpers
load stores
load postgres
load nats
set -o pipefail

setup_file() {
	postgres_start
	nats_start 'max_payload: 64MB'
	cd "$BATS_FILE_TMPDIR" || return 1
	"$REPO/tests/nasty.py" all.db
	"$REPO/tests/nasty.py" --seed 7 --events 300 random.db
	"$REPO/tests/nasty.py" --set anywhere anywhere.db
}
teardown_file() {
	nats_stop
	postgres_stop
}

setup() {
	made=$BATS_FILE_TMPDIR
}

# digest PLACE [OPTION...]: the digits, events and streams.
digest() {
	esverify --digest --json --progress none "$@" |
		jq -r 'select(.result) | "\(.digest) \(.events) \(.streams)"'
}

# by_page [--by-stream] <LINES: the same, computed from the page alone.
by_page() {
	"$REPO/tests/check_digest.py" "$@" | jq -r 'select(.[0] == null) | "\(.[1]) \(.[2]) \(.[3])"'
}

# Two events that have every field, for changes; $1: a filter of jq over each.
full() {
	printf '%s\n' \
		'{"position":1,"stream":"s","version":0,"id":"a","type":"T","time":"2026-01-01T00:00:00.123456789Z","correlation_id":"c","causation_id":"d","content_type":"x/y+json","tags":["b","a"],"attributes":{"x":1.5,"y":[2]},"metadata":{"m":1},"data":{"d":[1.5,"e"]}}' \
		'{"position":2,"stream":"s","version":1,"id":"b","type":"T","metadata_base64":"AAE=","data_base64":"/w=="}' |
		jq -c "${1:-.}"
}

# with_content ARCHIVE: its end block says another digest of the content, and all else fits.
with_content() {
	python3 - "$1" <<-'END'
		import subprocess, sys
		data = bytearray(open(sys.argv[1], 'rb').read())
		begin = data.rindex(b'ESARE')
		size = int.from_bytes(data[begin - 4:begin], 'little')
		at = data.index(b'\x67content\x50', begin) + 9
		data[at] ^= 1
		done = subprocess.run(['xxhsum', '-H3', '-'], input=bytes(data[begin:begin + size - 8]),
		                      capture_output=True, check=True)
		hashed = bytes.fromhex(done.stdout.decode().split()[-1])
		data[begin + size - 8:begin + size] = hashed[::-1]
		open(sys.argv[1], 'wb').write(data)
	END
}

@test "nasty events: the same digest in SQLite, in archives, in lines, and by the page" {
	for name in all random; do
		esexport --from "sqlite://$made/$name.db" --plain --out $name.jsonl
		esexport --from "sqlite://$made/$name.db" --out $name.jsonl.zst --chunk-size 4KiB
		esexport --from $name.jsonl --plain --out exact.jsonl --exact-text --force
		esexport --from $name.jsonl.zst --codec cbor --out $name.cbor.zst
		want=$(by_page <$name.jsonl)
		[ -n "$want" ]
		same "$(by_page <exact.jsonl)" "$want"
		for place in "sqlite://$made/$name.db" $name.jsonl exact.jsonl $name.jsonl.zst $name.cbor.zst; do
			same "$place $(digest "$place")" "$place $want"
			same "$(digest --workers 1 "$place")" "$want"
		done
		same "$(digest - <$name.cbor.zst)" "$want"
		for archive in $name.jsonl.zst $name.cbor.zst; do
			same "$(esverify --info --json $archive | jq -r .digest)" "${want%% *}"
			esverify --allow-gaps $archive >/dev/null || [ $? = 1 ]
		done
	done
}

@test "the same digest in PostgreSQL and NATS" {
	want=$(digest "sqlite://$made/anywhere.db")
	pg_db native >/dev/null
	esexport --from "sqlite://$made/anywhere.db" --out a.jsonl.zst
	esimport --from a.jsonl.zst --to "$(pg_address native)"
	esimport --from a.jsonl.zst --to "$(nats_address native)"
	same "$(digest "$(pg_address native)")" "$want"
	same "$(digest "$(nats_address native)")" "$want"
	esexport --from "$(pg_address native)" --codec cbor --out b.cbor.zst
	esexport --from "$(nats_address native)" --out c.jsonl.zst
	same "$(esverify --info --json b.cbor.zst | jq -r .digest)" "${want%% *}"
	same "$(esverify --info --json c.jsonl.zst | jq -r .digest)" "${want%% *}"
}

@test "the same digest in columns of jsonb, which spells JSON anew" {
	to=$(pg_db own)
	pg own 'CREATE TABLE t (pos bigint PRIMARY KEY, stream text NOT NULL, version bigint NOT NULL,
		type text NOT NULL, at timestamptz, meta jsonb, data jsonb, rest jsonb, UNIQUE (stream, version))'
	jq -n '{layout: 1, name: "own", store: "postgresql", events: {table: "t", columns: {
		pos: {field: "position"}, stream: {field: "stream"}, version: {field: "version"},
		type: {field: "type"}, at: {field: "time"}, meta: {field: "metadata"},
		data: {field: "data"}, rest: {field: "attributes"}}}}' >own.json
	cat >in.jsonl <<-'END'
		{"position":3,"stream":"s","version":0,"type":"T","time":"2026-01-01T00:00:00.123456Z","metadata":{"bb":1,"a":4,"ccc":{"z":[{"y":1,"x":2}],"A":3}},"data":[1e2,1.10,-0,-0.00,1.5e1,1.50e1,12e-3,1E+30]}
		{"position":5,"stream":"s","version":1,"type":"T","attributes":{"z":{"b": 1,"a":"\u0041"},"ab":10},"data":{ "\u00e9" : "\/\ud83d\ude00\u001f" ,"":null}}
		{"position":9,"stream":"u","version":0,"type":"T","data":"x"}
	END
	esimport --from in.jsonl --to "$to" --layout ./own.json
	want=$(by_page <in.jsonl)
	same "$(digest in.jsonl)" "$want"
	same "$(digest "$to" --layout ./own.json)" "$want"
	[ "$(pg own "SELECT data->>1 FROM t WHERE pos = 3")" = 1.10 ]
}

@test "every change of a field is another digest, and so is another order" {
	full >full.jsonl
	want=$(digest full.jsonl)
	same "$(by_page <full.jsonl)" "$want"
	for change in .stream=\"t\" .version+=1 .id=\"c\" .type=\"U\" '.time="2026-01-01T00:00:00.123456788Z"' \
		'del(.time)' .correlation_id=\"d\" .causation_id=\"c\" '.content_type="x/z+json"' \
		'.tags=["a","b"]' '.tags=[]' .attributes.x=2 '.attributes={}' .metadata.m=2 '.data.d[1]="f"' \
		'.data=null' 'del(.data)' '.data_base64="/w=="|del(.data)' 'del(.id)' .id=\"\"; do
		full "if .position == 1 then $change else . end" >changed.jsonl
		[ "$(digest changed.jsonl)" != "$want" ] || { echo "no other digest: $change"; return 1; }
		same "$(digest changed.jsonl)" "$(by_page <changed.jsonl)"
	done
	full 'if .position == 2 then .data_base64="/g==" else . end' >changed.jsonl
	[ "$(digest changed.jsonl)" != "$want" ]
	full '.position = 3 - .position' | tac >changed.jsonl
	[ "$(digest changed.jsonl)" != "$want" ]
	full 'select(.position == 1)' >changed.jsonl
	[ "$(digest changed.jsonl)" != "$want" ]
}

@test "positions, hints, the order of attributes and the spelling of JSON change nothing" {
	full >full.jsonl
	want=$(digest full.jsonl)
	full '.position *= 1000' >changed.jsonl
	same "$(digest changed.jsonl)" "$want"
	full '.attributes["$data"] = "text"' >changed.jsonl
	same "$(digest changed.jsonl)" "$want"
	sed 's/{"x":1.5,"y":\[2\]}/{"y":[2],"x":15e-1}/; s/{"m":1}/{ "m": 7, "\\u006d": 1 }/' full.jsonl >changed.jsonl
	[ "$(cmp full.jsonl changed.jsonl | wc -l)" = 1 ]
	same "$(digest changed.jsonl)" "$want"
	store a.db 5
	events 5 1000 | jq -c '.stream = "new" | .version = .position - 1000' >more.jsonl
	esimport --from more.jsonl --to sqlite://a.db --append
	lines_of sqlite://a.db | jq -c '.position *= 3' >moved.jsonl
	same "$(digest moved.jsonl)" "$(digest sqlite://a.db)"
}

@test "payloads that were converted to CBOR have the same digest" {
	events 20 | jq -c 'if .position % 2 == 0 then .content_type = "application/x+json" else . end |
		.data.big = 12345678901234567890 | .data.list = [1.5, -1, "é\n"]' >a.jsonl
	sed -i 's/"data":{/&"odd":1.10,"exp":1e2,"nil":-0.0,/' a.jsonl
	esimport --from a.jsonl --to sqlite://a.db
	esimport --from a.jsonl --to sqlite://cbor.db --payload-codec cbor
	esexport --from sqlite://cbor.db --plain --out cbor.jsonl
	[ "$(jq -s 'map(has("data_base64")) | all' cbor.jsonl)" = true ]
	want=$(digest sqlite://a.db)
	same "$(digest sqlite://cbor.db)" "$want"
	same "$(by_page <cbor.jsonl)" "$want"
	same "$(digest a.jsonl)" "$want"
}

@test "the digest of a stream is that of its events alone" {
	store a.db 57
	run -0 --separate-stderr esverify --digest --by-stream --json sqlite://a.db
	same "${#lines[@]}" 6
	for n in 0 1 2 3 4; do
		same "$(jq -r .stream <<<"${lines[n]}")" "order-$n"
		want=$(digest sqlite://a.db --stream "order-$n")
		same "$(jq -r '"\(.digest) \(.events) 1"' <<<"${lines[n]}")" "$want"
	done
	lines_of sqlite://a.db >a.jsonl
	same "$(jq -r 'select(.stream) | [.stream, .digest, .events] | @json' <<<"$output")" \
		"$("$REPO/tests/check_digest.py" --by-stream <a.jsonl | sed '$d' | jq -c .)"
	run -0 --separate-stderr esverify --digest --by-stream sqlite://a.db
	[[ ${lines[0]} =~ ^([0-9a-f]{4}\ ){8}\ +12\ \ \"order-0\"$ ]]
	[[ ${lines[5]} =~ ^([0-9a-f]{4}\ ){8}\ 57\ events,\ 5\ streams\ begin\ in\ it$ ]]
}

@test "thousands of streams, each found again" {
	"${BIN:?}/bench/gen" --events 20000 --streams 9000 >a.jsonl
	esverify --digest --by-stream --json a.jsonl >out.jsonl
	jq -r .stream a.jsonl | sort | uniq -c | awk '{ print $2, $1 }' >want.txt
	jq -r 'select(.stream) | "\(.stream) \(.events)"' out.jsonl | sort >got.txt
	cmp <(sort want.txt) got.txt
	jq -r 'select(.stream) | .stream' out.jsonl | LC_ALL=C sort -C
}

@test "nothing has the digest of zeros" {
	esexport --from sqlite://"$made/all.db" --stream nobody --out none.zst
	same "$(digest none.zst)" "00000000000000000000000000000000 0 0"
	same "$(esverify --info --json none.zst | jq .digest)" null
	esverify none.zst
}

@test "an end block that says another digest than the events have is refused" {
	store a.db 10
	esexport --from sqlite://a.db --out a.zst
	esverify a.zst
	with_content a.zst
	run -4 --separate-stderr esverify a.zst
	has "$stderr" "a.zst: the end block says another digest of the content than it has"
}

@test "archives one behind the other: known after reading, not before" {
	store a.db 20
	esexport --from sqlite://a.db --upto 10 --out 1.zst
	esexport --from sqlite://a.db --after 10 --out 2.zst
	cat 1.zst 2.zst >both.zst
	esverify both.zst
	same "$(esverify --info --json both.zst | jq .digest)" null
	same "$(digest both.zst)" "$(digest sqlite://a.db)"
	run -0 --separate-stderr esverify --fast both.zst sqlite://a.db
	has "$stderr" "--fast: neither is an archive whose end block says the digest; comparing event by event"
	has "$output" "compared: "
}

@test "--fast: the same by the digest, with no chunk of the archive read" {
	store a.db 100
	esexport --from sqlite://a.db --codec cbor --out a.cbor.zst
	esexport --from sqlite://a.db --out a.jsonl.zst
	for sides in "a.cbor.zst sqlite://a.db" "sqlite://a.db a.cbor.zst" "a.cbor.zst a.jsonl.zst"; do
		# shellcheck disable=SC2086 # two words
		run -0 --separate-stderr esverify --fast $sides
		has "$output" "the same: 100 events, in the same order, by their digest "
		has "$output" "JSON by its value"
		has "$output" "not read: the chunks of a.cbor.zst"
		lacks "$stderr" "--fast"
	done
	has "$output" "not read: the chunks of a.jsonl.zst"
	run -0 --separate-stderr esverify --fast --json sqlite://a.db a.cbor.zst
	same "$(jq -c '[.result, .equal, .digest, .read_a, .read_b]' <<<"$output")" \
		"[\"same\",100,\"$(digest sqlite://a.db | cut -d' ' -f1)\",true,false]"
	# A damaged payload is not seen, as it is not read.
	python3 -c 'import sys; d = bytearray(open(sys.argv[1], "rb").read()); at = d.index(b"\x28\xb5\x2f\xfd")
d[at + 20] ^= 1; open(sys.argv[1], "wb").write(d)' a.cbor.zst
	run -4 esverify a.cbor.zst
	esverify --fast a.cbor.zst sqlite://a.db
}

@test "--fast compares event by event where the digest does not answer, and says why" {
	store a.db 30
	esexport --from sqlite://a.db --out a.zst
	sqlite3 a.db 'UPDATE events SET type = '\''Other'\'' WHERE position = 7'
	run -1 --separate-stderr esverify --fast a.zst sqlite://a.db
	has "$stderr" "--fast: the digests differ: "
	has "$output" "differs in type"
	run -1 --separate-stderr esverify --fast a.zst sqlite://a.db --positions
	has "$stderr" "--fast: the digest does not say positions;"
	run -0 --separate-stderr esverify --fast a.zst sqlite://a.db --stream order-0
	has "$stderr" "--fast: the digest of an archive is of all that it holds;"
	has "$output" "the same: 6 events"
	run -1 --separate-stderr esverify --fast - sqlite://a.db <a.zst
	has "$stderr" "--fast: what comes from a pipe can be read only once;"
	cp "$REPO/tests/golden/v1-basic.cbor.zst" old.zst
	run -0 --separate-stderr esverify --fast old.zst "$REPO/tests/golden/v1-basic.events.jsonl"
	has "$stderr" "--fast: neither is an archive whose end block says the digest;"
	head -c -9 a.zst >cut.zst
	run -4 --separate-stderr esverify --fast cut.zst sqlite://a.db
}

@test "what --digest and --fast are not for is refused" {
	store a.db 3
	esexport --from sqlite://a.db --out a.zst
	run -2 --separate-stderr esverify --digest a.zst sqlite://a.db
	has "$stderr" "--digest: is for one place"
	run -2 --separate-stderr esverify --fast a.zst
	has "$stderr" "--fast: is for two places to compare"
	run -2 --separate-stderr esverify --by-stream a.zst
	has "$stderr" "--by-stream: is for --digest"
	run -2 --separate-stderr esverify --digest --info a.zst
	has "$stderr" "--digest: does not go with --info"
	run -4 --separate-stderr esverify --digest <(head -c -100 a.zst)
	same "$output" ""
}

@test "the worked example of the digest's page" {
	sed -n '/^Two events, as JSON Lines/,/^Their contents/s/^    //p' "$REPO/spec/DIGEST.md" >in.jsonl
	want=$(sed -n 's/^    \([0-9a-f]\{32\}\) .*/\1/p' "$REPO/spec/DIGEST.md" | tail -n 1)
	same "$(digest in.jsonl)" "$want 2 1"
	same "$(by_page <in.jsonl)" "$want 2 1"
}
