# shellcheck disable=SC2034 # what is set here is for the tests
# Faults of the machine by the shim fault.c, one after the other until a run meets none.
#
#     before() { rm -f new.jsonl.zst*; }           # how things stand before each run
#     after() { [ $rc = 7 ]; }                     # what must hold behind it: $rc, $fault, file `said`
#     each_fault write ENOSPC esexport ...         # $met: how many faults were met, $least [1] or more
#     piped=a.jsonl                                # what comes through a pipe as standard input, if any

fault_setup() {
	shim=$BIN/tests/fault.so
	# A sanitizer wants to be the first; memory is its own matter then.
	case ${BIN##*/} in
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
	[ "$rc" = 0 ]
	((met >= ${least:-1}))
}
