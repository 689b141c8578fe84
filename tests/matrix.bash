# The same events in every layout.  Needs cli/library.bash.
# shellcheck disable=SC2154 # library_make sets $to

# Events that every library could have written: names and ids of the usual forms, JSON that jsonb keeps
# but for its spelling.
matrix_events() {
	jq -nc '
		["Order-0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e001", "Cart-0b7c1f0e-5a3b-4d7e-9c61-f2a4b6d8e002"] as $streams |
		range(12) | {position: (. + 1), stream: $streams[. % 2], version: (. / 2 | floor),
			id: ("1c8d2f1f-6b4c-4e8f-8d72-a3b5c7e9f0" + ("\(. + 10)")), type: ["Opened", "ItemAdded", "Closed"][. % 3],
			time: "2026-01-05T09:30:\(. + 10).123Z", metadata: {user: "anna"}, data: {n: ., text: "Zoë"}}'
}

# In the folder of a library there may also be
#
#     refuses      the fields that it has no place for, a line each
#     matrix.jq    makes of the array of these events one that it can hold, where names or the order
#                  of all events are another matter there

# matrix_for LIBRARY FIELD...: the events for a library, without these fields.
matrix_for() {
	local change=.

	[ ! -e "$REPO/tests/stores/$1/matrix.jq" ] || change=$(cat "$REPO/tests/stores/$1/matrix.jq")
	shift
	matrix_events | jq -cs "$change | .[] | del(.[\$ARGS.positional[]])" --args -- "$@"
}

# matrix_put LIBRARY: the events of standard input into an empty store, $to.
matrix_put() {
	library_make "$1"
	esimport --plain --to "$to" --layout "$(library_layout "$1")" 2>said
}

# matrix_takes LIBRARY: it takes the events but for the fields that it has no place for, and those it
# refuses by name.
matrix_takes() {
	local refused field others rc

	echo "# $1"
	mapfile -t refused < <(cat "$REPO/tests/stores/$1/refuses" 2>/dev/null)
	for field in "${refused[@]}"; do
		mapfile -t others < <(printf '%s\n' "${refused[@]}" | grep -vx "$field")
		rc=0
		matrix_for "$1" "${others[@]}" | matrix_put "$1" || rc=$?
		[ $rc = 3 ]
		has "$(cat said)" ': field '"$field: "
	done
	matrix_for "$1" "${refused[@]}" >matrix.jsonl
	matrix_put "$1" <matrix.jsonl || {
		cat said
		return 1
	}
	esverify --by-value --plain --layout-b "$(library_layout "$1")" matrix.jsonl "$to" || return 1
}

# matrix_pair A B: the events of A's own store, which is in $from, go into an empty one of B: equal, or
# refused at a field that the message names.
matrix_pair() {
	local rc=0

	library_make "$2"
	esimport --from "$1.cbor.zst" --to "$to" --layout "$(library_layout "$2")" 2>said || rc=$?
	case $rc in
	0)
		esverify --by-value --layout "$(library_layout "$1")" --layout-b "$(library_layout "$2")" "$from" "$to" >verdict 2>&1 || {
			cat verdict
			return 1
		}
		;;
	3 | 5) # a value or a field that has no place, or ids that are unique there
		grep -qE 'event [0-9]+ \(.*|column' said || {
			cat said
			return 1
		}
		;;
	*)
		cat said
		return 1
		;;
	esac
	echo "$1 $2 $rc $(tail -n 1 said)" >>pairs
}
