# shellcheck disable=SC2034 # what is set here is for the tests
# Faults of the machine by the shim fault.c, one after the other until a run meets none.
#
#     before() { rm -f new.jsonl.zst*; }           # how things stand before each run
#     after() { [ $rc = 7 ]; }                     # what must hold behind it: $rc, $fault, file `said`
#     each_fault write ENOSPC esexport ...         # $met: how many faults were met, $least [1] or more
#     piped=a.jsonl                                # what comes through a pipe as standard input, if any
#     good=3                                       # the code of a run without a fault [0]
#     export FAULT_WITHIN=d/                       # files whose path has this in it only

fault_setup() {
	shim=$BIN/tests/fault.so
	# A sanitizer wants to be the first; memory is its own matter then.
	case ${BIN##*/} in
	*-cov) memory=yes ;;
	*-*)
		shim=$(ldd "$BIN/esexport" | awk '$1 ~ /^lib[at]san/ { print $3; exit }'):$shim
		memory=
		;;
	*) memory=yes ;;
	esac
	export SOURCE_DATE_EPOCH=1700000000
}

# with_fault FAULT COMMAND...: sets $rc; what it says is in `said`.  False where the fault was not met.
with_fault() {
	fault=$1
	rm -f hit
	rc=0
	# What waits for ever is a failure, too.
	set -- timeout -s KILL 300 env LD_PRELOAD="$shim" FAULT="$fault" FAULT_HIT="$PWD/hit" "${@:2}"
	if [ -n "${piped:-}" ]; then
		"$@" < <(cat "$piped") >out 2>said || rc=$?
	else
		"$@" </dev/null >out 2>said || rc=$?
	fi
	[ -e hit ]
}

# each_fault KIND ERROR COMMAND...: the nth call of the kind fails, for n = 1, 1 + $step, ...; an error with
# a + at its end is there to stay.
each_fault() {
	local kind=$1 error=$2 n plus=
	[[ $error != *+ ]] || plus=+ error=${error%+}
	met=0
	for ((n = ${first:-1}; ; n += ${step:-1})); do
		before
		with_fault "$kind:$n$plus:$error" "${@:3}" || break
		met=$((met + 1))
		echo "$fault: code $rc: $(tail -n 1 said)"
		after
	done
	[ "$rc" = "${good:-0}" ]
	((met >= ${least:-1}))
}

# nothing_unsynced FILE.part: a sync that failed leaves nothing behind what was synced before, though it
# could be read.
nothing_unsynced() {
	[ ! -e "$1" ] || [ ! -s hit ] || [ "$(stat -c %s "$1")" -le "$(cat hit)" ]
}

# small_disk FUNCTION [FUNCTION...]: runs the first one where it can mount file systems that nobody
# else sees; it may use the others.
small_disk() {
	local how

	for how in -m -rm; do
		if unshare $how bash -c 'mkdir -p small && mount -t tmpfs none small' 2>/dev/null; then
			# shellcheck disable=SC2163 # they are names
			export -f "$@" disk room has lacks same
			unshare $how bash -euc "$1"
			return
		fi
	done
	skip "no file systems can be mounted here"
}

# disk KIB: a new file system at small; room: more of it.
disk() {
	! mountpoint -q small || umount small
	mount -t tmpfs -o "size=${1}k" none small
}
room() { mount -o remount,size=8m small; }

# Random bytes do not get smaller.
random_store() {
	head -c 200000 /dev/urandom | base64 -w 1000 | awk '{
		printf "{\"stream\":\"s-%d\",\"version\":%d,\"id\":\"e-%d\",\"type\":\"T\",\"data\":\"%s\"}\n",
		    NR % 3, int((NR - 1) / 3), NR, $0 }' >random.jsonl
	esimport --from random.jsonl --to sqlite://random.db
	esexport --from sqlite://random.db --out random.cbor.zst --chunk-size 4KiB
}

# until_true COMMAND...: waits for it, a minute at most.
until_true() {
	local end=$((SECONDS + 60))
	until "$@" 2>/dev/null; do
		((SECONDS < end)) || return 1
	done
}
