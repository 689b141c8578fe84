# What the tests with a cluster of NATS servers stand on: that of nats.bash.  Elections take seconds.
load ../cli/helpers
load ../cli/stores
load ../cli/nats

setup_file() {
	nats_cluster_start
}
teardown_file() {
	nats_cluster_stop
}

publish() {
	awk -v n="$1" 'BEGIN {
		for (i = 1; i <= n; i++)
			printf "{\"subject\":\"R3.%d\",\"data\":\"%d\"}\n", i % 5, i
	}' | nats pubs
}

# held_by I: how many messages of the stream that server has, by its own word.
held_by() {
	nats_cluster_monitor "$1" '/jsz?accounts=1&streams=1' |
		jq '.account_details[].stream_detail[] | select(.name == "R3").state.messages'
}

@test "a stream of three replicas outlives each of its servers" {
	nats make R3 '{"num_replicas":3}'
	[[ $(nats_cluster_address R3) =~ ^nats://127.0.0.1:[0-9]+,127.0.0.1:[0-9]+,127.0.0.1:[0-9]+/R3$ ]]
	[ "$(publish 1000)" = 1000 ]
	count=1000
	for _ in 1 2 3; do
		leader=$(nats_leader R3)
		nats_cluster_kill "$leader"
		[ -z "$(nats_processes "$leader")" ]
		# The first server of the list may be the dead one.
		new=$(nats_leader R3)
		[ "$new" != "$leader" ]
		publish 1000
		count=$((count + 1000))
		[ "$(nats dump R3 | wc -l)" = $count ]
		nats_cluster_up "$leader"
		same "$(held_by "$leader")" $count
	done
}

@test "without two of three there is no leader, and with them there is again" {
	leader=$(nats_leader R3)
	nats_cluster_kill $((leader % 3 + 1))
	nats_cluster_kill $(((leader + 1) % 3 + 1))
	run -1 nats --timeout 2 pub R3.1 x
	nats_boot $((leader % 3 + 1))
	nats_cluster_up $(((leader + 1) % 3 + 1))
	nats_leader R3
	publish 10
}

@test "the end of a cluster leaves nothing" {
	dir=$ES_NATS_DIR
	nats_cluster_stop
	[ ! -e "$dir" ]
	[ -z "$(nats_processes)" ]
}
