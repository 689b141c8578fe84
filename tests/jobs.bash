# Programs in the background, for tests that disturb them.

# start COMMAND...: in the background, as $job; what it says is in the file said.
start() {
	"$@" 2>said 3>&- &
	job=$!
}

# ends_well: what was started, with 0.
ends_well() {
	local rc=0

	wait "$job" || rc=$?
	[ $rc = 0 ] || {
		cat said
		return 1
	}
}

# Until COMMAND... ends well, as a user would: it fails with 6 or not at all.  How often it was
# started is in the file tries.
again() {
	local rc=1 tries=0

	while [ $rc != 0 ]; do
		rc=0
		"$@" || rc=$?
		tries=$((tries + 1))
		echo $tries >tries
		[ $rc = 0 ] || [ $rc = 6 ] || return $rc
	done
}
