# shellcheck shell=bash
# The server of the rows of NATS, for run.sh: a stream to read, and one to write to.

# With the stream, and events.messages: the messages of the other one, for natsloop to publish.
jetstream_start() {
	nats_start
	export nats_url=nats://127.0.0.1:$ES_NATS_PORT
	esimport --from events.jsonl.zst --to "$nats_url/target" 2>/dev/null
	natsloop dump "$nats_url" target events.messages
	nats rm target >/dev/null
	esimport --from events.jsonl.zst --to "$nats_url/source" 2>/dev/null
}

# What is dirty from before must not be written while a row runs.
nats_rest() {
	sync
}

# An empty stream.
nats_fresh() {
	nats rm target >/dev/null 2>&1 || true
	nats make target >/dev/null
	sync
}

# CPU time of the server until now.
jetstream_ticks() {
	awk '{ print $14 + $15 }' "/proc/$(nats_processes server)/stat"
}
