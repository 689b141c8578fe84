#!/usr/bin/env bats
# Each place of each example of a layout changed in several ways: thousands of files, which the
# JSON Schema must refuse where the programs do.
load ../cli/helpers
load ../cli/stores

@test "the JSON Schema and the programs agree on every change of an example" {
	python3 "$REPO/tests/tutorial.py" --json "$REPO/spec/LAYOUTS.md" | jq -c 'select(.layout)' |
		split -d -l 1 - whole
	/usr/bin/python3 "$REPO/tests/check_layout_schema.py" 1 whole*
}
