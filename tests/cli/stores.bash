# Stores and lines to try the programs on, and words to look at what they did.

# Lines for $1 events, positions from $2 [1]: five streams, three types, a second between two events.
events() {
	awk -v n="$1" -v first="${2:-1}" 'BEGIN {
		split("Placed Paid Shipped", types)
		for (i = first; i < first + n; i++)
			printf "{\"position\":%d,\"stream\":\"order-%d\",\"version\":%d,\"id\":\"id-%d\"," \
			    "\"type\":\"%s\",\"time\":\"2026-01-01T%02d:%02d:%02dZ\",\"data\":{\"n\":%d}}\n",
			    i, (i - 1) % 5, int((i - 1) / 5), i, types[(i - 1) % 3 + 1],
			    int(i / 3600), int(i / 60) % 60, i % 60, i
	}'
}

# A store $1 with $2 events.
store() {
	events "$2" | esimport --to "sqlite://$1" 2>/dev/null
}

# What a store or an archive holds, as lines on standard output.
lines_of() {
	esexport --from "$1" --plain 2>/dev/null
}

positions_of() {
	lines_of "$1" | jq -c .position | tr '\n' ' '
}

count_in() {
	sqlite3 -readonly "$1" 'SELECT count(*) FROM events'
}

# Names, sizes, modes, times and bytes of all files under $1.
snapshot() {
	find "$1" -printf '%p %s %m %T@\n' | sort
	find "$1" -type f -exec sha256sum {} + | sort
}

has() {
	case $1 in
	*"$2"*) ;;
	*)
		printf 'wanted: %s\nin:     %s\n' "$2" "$1"
		return 1
		;;
	esac
}

lacks() {
	case $1 in
	*"$2"*)
		printf 'unwanted: %s\nin:       %s\n' "$2" "$1"
		return 1
		;;
	esac
}

same() {
	[ "$1" = "$2" ] || {
		printf 'wanted: %s\nis:     %s\n' "$2" "$1"
		return 1
	}
}
