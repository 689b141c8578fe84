#!/usr/bin/env bats
# Stores of event-sourcing libraries in SQLite: read, copied, and as good as before for the library.
load helpers
load stores
load library

@test "each library's store is copied, and takes its next append" {
	for library in $(libraries sqlite); do
		library_goes_there_and_back "$library"
	done
}

@test "without a step that a library needs the copy is not as good" {
	for library in $(libraries sqlite); do
		library_needs_each_step "$library"
	done
}

@test "an event whose stream is gone is an error, and not left out" {
	for library in eventuous-sqlite sqlstreamstore-sqlite; do
		library_begin "$library"
		case $library in
		eventuous*) sqlite3 "${from#sqlite://}" "DELETE FROM eventuous_streams WHERE stream_name = 'Booking-2'" ;;
		*) sqlite3 "${from#sqlite://}" 'DELETE FROM streams WHERE id_internal = (SELECT max(stream_id_internal) FROM messages)' ;;
		esac
		run -3 --separate-stderr esexport --from "$from" --plain
		# shellcheck disable=SC2154 # bats sets it
		has "$stderr" ': field stream: is absent'
	done
}
