# The store of every library into that of every other: what its own events have, not only what all of
# them can hold.
load ../cli/helpers
load ../cli/stores
load ../cli/postgres
load ../cli/library
load ../matrix

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}

# pairs_of LIBRARY...: each of them into all.
pairs_of() {
	local a b

	: >pairs
	for a in "$@"; do
		library_begin "$a"
		esexport --from "$from" --layout "$(library_layout "$a")" --out "$a.cbor.zst" 2>/dev/null
		for b in $(libraries sqlite) $(libraries postgresql); do
			matrix_pair "$a" "$b" || {
				echo "$a -> $b"
				return 1
			}
		done
	done
	echo "# $(grep -c ' 0 ' pairs) pairs equal, $(grep -c ' 3 ' pairs) refused"
}

@test "every library in SQLite into every other" {
	# shellcheck disable=SC2046 # a list of words
	pairs_of $(libraries sqlite)
}

@test "every library in PostgreSQL into every other" {
	# shellcheck disable=SC2046 # a list of words
	pairs_of $(libraries postgresql)
}
