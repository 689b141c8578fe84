#!/usr/bin/env bats
# Stores of event-sourcing libraries in PostgreSQL: read, copied, and as good as before for the library.
load helpers
load stores
load postgres
load library

setup_file() {
	postgres_start
}
teardown_file() {
	postgres_stop
}

@test "each library's store is copied, and takes its next append" {
	for library in $(libraries postgresql); do
		library_goes_there_and_back "$library"
	done
}

@test "without a step that a library needs the copy is not as good" {
	for library in $(libraries postgresql); do
		library_needs_each_step "$library"
	done
}
