# Connections that are cut and a server that is killed, again and again, while the programs work:
# they go on by themselves, and every event is there once, in its order.
load ../cli/helpers
load ../cli/nats
load ../jobs

n=${KILL_EVENTS:-300000}

setup_file() {
	nats_start
	nats_proxy_start
}
teardown_file() {
	nats_stop
}

# disturb sets them.
cut=0 killed=0

# By way of what can be cut.  In a cluster of one server that is always at home.
through_proxy() {
	echo "nats://127.0.0.1:$ES_NATS_PROXY_PORT/$1"
}

# disturb PID COUNT [MS]: while process PID runs, and until COUNT times are reached, alternately cuts
# its connections and kills the server, at random moments at most MS [300] after the last time.
# Sets $cut and $killed, how many times each has met a connection.
disturb() {
	local pid=$1 count=$2 ms=${3:-300} met

	cut=0 killed=0
	while ((cut + killed < count)); do
		sleep "$(printf '0.%03d' $((RANDOM % ms)))"
		kill -0 "$pid" 2>/dev/null || return 0
		if ((cut <= killed)); then
			met=$(nats_cut) || met=0
			cut=$((cut + (met > 0)))
		else
			# Who is between two connections is not met by that.
			until nats_connected; do
				kill -0 "$pid" 2>/dev/null || return 0
			done
			nats_restart || return 1
			killed=$((killed + 1))
		fi
	done
}

# Whether the proxy has a connection to the server.
nats_connected() {
	grep -qi ":$(printf %04X "$ES_NATS_PORT") 01 " <(awk '{ print $3, $4, "" }' /proc/net/tcp)
}

enough() {
	echo "# $cut times connections were cut, $killed times the server was killed"
	((cut >= $1 && killed >= $1))
}

pipe() {
	set -o pipefail
	esexport --from "$1" --level 9 --chunk-size 256KiB | esimport --to "$2" --batch-size 200
}

# ordered STREAM: each event is there once, in its order, by a client that shares no code.
ordered() {
	nats dump "$1" | jq -r '.headers[] | select(.[0] == "Es-Import") | .[1]' | cut -d' ' -f2 >positions
	[ "$(wc -l <positions)" = "$2" ]
	sort -nuc positions
}

@test "an import goes on where connections are cut and the server is killed" {
	"$BIN/bench/gen" --events "$n" >a.jsonl
	start esimport --plain --from a.jsonl --to "$(through_proxy target)" --batch-size 200
	disturb $job 32
	ends_well
	enough 14
	ordered target "$n"
	esverify --positions a.jsonl "$(nats_address target)"
	run -0 esimport --log-format json --plain --from a.jsonl --to "$(nats_address target)"
	[[ $output == *'"written":0,"already_there":'$n,* ]]
}

@test "an import that gives up goes on when it is started again" {
	"$BIN/bench/gen" --events "$n" >a.jsonl
	start again esimport --plain --from a.jsonl --to "$(through_proxy again)?retry=0&timeout=2" --batch-size 500
	disturb $job 20
	ends_well
	enough 9
	echo "# started $(cat tries) times"
	(($(cat tries) > 12))
	ordered again "$n"
	esverify --positions a.jsonl "$(nats_address again)"
}

@test "an export goes on where connections are cut and the server is killed" {
	"$BIN/bench/gen" --events "$n" >a.jsonl
	esimport --plain --from a.jsonl --to "$(nats_address source)"
	esexport --from "$(nats_address source)" --out quiet.cbor.zst
	start esexport --from "$(through_proxy source)" --level 15 --chunk-size 256KiB --out a.cbor.zst
	disturb $job 30
	ends_well
	enough 13
	esverify a.cbor.zst
	esverify --positions quiet.cbor.zst a.cbor.zst
	cmp <(esexport --from quiet.cbor.zst --plain) <(esexport --from a.cbor.zst --plain)
}

@test "an export that gives up leaves nothing that passes for one, and is made again" {
	"$BIN/bench/gen" --events $((n / 3)) | esimport --plain --to "$(nats_address anew)"
	esexport --from "$(nats_address anew)" --out quiet.cbor.zst
	start again esexport --from "$(through_proxy anew)?retry=0&timeout=2" --level 15 --chunk-size 256KiB \
		--out a.cbor.zst
	disturb $job 8
	[ ! -e a.cbor.zst ]
	ends_well
	enough 4
	(($(cat tries) > 4))
	esverify --positions quiet.cbor.zst a.cbor.zst
}

@test "a pipe from one stream into another goes on" {
	"$BIN/bench/gen" --events "$n" | esimport --plain --to "$(nats_address piped_from)"
	start pipe "$(through_proxy piped_from)" "$(through_proxy piped_to)"
	disturb $job 24
	ends_well
	enough 10
	ordered piped_to "$n"
	esverify --positions "$(nats_address piped_from)" "$(nats_address piped_to)"
}
