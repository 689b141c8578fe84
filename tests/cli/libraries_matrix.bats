#!/usr/bin/env bats
# The same events in the store of each library: what arrives is equal, or refused with the reason.
load helpers
load stores
load postgres
load library
load ../matrix

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}

@test "events of our own are equal in each library's store, or a field is refused by name" {
	for library in $(libraries sqlite) $(libraries postgresql); do
		matrix_takes "$library"
	done
}
