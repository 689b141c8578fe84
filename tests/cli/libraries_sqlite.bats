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
