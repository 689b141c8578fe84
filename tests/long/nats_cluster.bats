# A cluster of three servers whose leader is killed, again and again, while the programs work with a
# stream that all three have; leaders that step down, and streams without one.
load ../cli/helpers
load ../cli/stores
load ../cli/nats
load ../faults
load ../jobs

n=${CLUSTER_EVENTS:-80000}

setup_file() {
	nats_cluster_start 3
}
teardown_file() {
	nats_cluster_stop
}

# kill_leaders STREAM PID COUNT: while the process runs, kills the leader of the stream and starts it
# again.  Sets $killed, how many times the process was there before and behind it.
kill_leaders() {
	local leader

	killed=0
	while ((killed < $3)) && kill -0 "$2" 2>/dev/null; do
		leader=$(nats_leader "$1" 2>/dev/null) || continue
		sleep "$(printf '0.%03d' $((RANDOM % 500)))"
		kill -0 "$2" 2>/dev/null || break
		nats_cluster_kill "$leader"
		killed=$((killed + 1))
		nats_cluster_up "$leader" || return 1
	done
	echo "# $killed leaders were killed"
}

has_stream() {
	nats info "$1" 2>/dev/null | jq -e '.state.messages > 0' >/dev/null
}

@test "an import into a replicated stream, and the export of it, go on where leaders are killed" {
	local part feeder leader parts=8

	"$BIN/bench/gen" --events "$n" >a.jsonl
	split -n l/$parts a.jsonl part.
	mkfifo pipe
	exec 8<>pipe
	esimport --plain --to "$(nats_cluster_address three)?replicas=3" --batch-size 200 <pipe 2>said 3>&- 8>&- &
	job=$!
	# A server that is back needs longer to have all than an import of this size takes: the next part
	# comes when it has.
	for part in part.*; do
		cat "$part" >&8 &
		feeder=$!
		until has_stream three; do
			kill -0 $job
		done
		sleep "$(printf '0.%03d' $((RANDOM % 500)))"
		leader=$(nats_leader three)
		nats_cluster_kill "$leader"
		nats_cluster_up "$leader"
		wait $feeder
	done
	exec 8>&-
	ends_well
	[ "$(nats info three | jq -r '.config.num_replicas, .state.messages' | tr '\n' ' ')" = "3 $n " ]
	nats dump three | jq -r '.headers[] | select(.[0] == "Es-Import") | .[1]' | cut -d' ' -f2 >positions
	[ "$(wc -l <positions)" = "$n" ]
	sort -nuc positions
	esverify --positions a.jsonl "$(nats_cluster_address three)"
	run -0 esimport --log-format json --plain --from a.jsonl --to "$(nats_cluster_address three)"
	[[ $output == *'"written":0,"already_there":'$n,* ]]

	start esexport --from "$(nats_cluster_address three)" --level 19 --chunk-size 256KiB --out a.cbor.zst
	kill_leaders three $job 3
	ends_well
	((killed >= 1))
	esverify --positions a.jsonl a.cbor.zst
}

@test "an address that names one server of a cluster finds the others" {
	local leader one

	"$BIN/bench/gen" --events "$n" >a.jsonl
	leader=$(nats_leader three)
	one="nats://127.0.0.1:$(nats_cluster_port "$leader")"
	start esimport --plain --from a.jsonl --to "$one/told?replicas=3" --batch-size 200
	until has_stream told; do
		kill -0 $job
	done
	nats_cluster_kill "$leader"
	ends_well
	esverify --positions a.jsonl "$(nats_cluster_address told)"
}

# held STREAM: an import of a.zst that has brought some of it, and waits for the rest on fd 8.
held() {
	events 60 | jq -c '.data.pad = ("0" * 900)' >a.jsonl
	esexport --from a.jsonl --out a.zst --chunk-size 1KiB
	half=$(($(stat -c %s a.zst) / 2))
	mkfifo pipe
	exec 8<>pipe
	esimport --to "$(nats_cluster_address "$1")?replicas=3" --batch-size 1 --log-format json <pipe \
		2>said 3>&- 8>&- &
	job=$!
	head -c $half a.zst >&8
	until_true has_stream "$1"
}
let_go() {
	tail -c +$((half + 1)) a.zst >&8
	exec 8>&-
}
ends_with_retries() {
	ends_well
	(($(tail -n 1 said | jq .retries) > 0))
	esverify --positions a.jsonl "$(nats_cluster_address "$1")"
}

has_other_leader() { [ "$(nats_leader "$1")" != "$2" ]; }

@test "an import goes on where the leader steps down, and where it is killed" {
	held changes
	leader=$(nats_leader changes)
	nats req '$JS.API.STREAM.LEADER.STEPDOWN.changes' >/dev/null
	until_true has_other_leader changes "$leader"
	leader=$(nats_leader changes)
	nats_cluster_kill "$leader"
	let_go
	ends_with_retries changes
	nats_cluster_up "$leader"
}

@test "a stream without a leader is waited for, and that is counted and limited" {
	held none
	leader=$(nats_leader none)
	others=($((leader % 3 + 1)) $(((leader + 1) % 3 + 1)))
	nats_cluster_kill "${others[0]}"
	nats_cluster_kill "${others[1]}"
	let_go
	until_true grep -q 'trying again for 300 s' said
	run -6 esexport --from "$(nats_cluster_address none)?retry=1&timeout=1" --out b.zst
	has "${lines[-1]}" 'it was tried again for 1 s (retry)'
	run -6 esexport --from "$(nats_cluster_address none)?timeout=1" --retry-max 2 --out b.zst
	has "${lines[-1]}" 'it was tried again 2 times (--retry-max)'
	nats_boot "${others[0]}"
	nats_cluster_up "${others[1]}"
	ends_with_retries none
}
