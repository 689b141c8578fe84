#!/usr/bin/python3
"""Compare spec/layout.schema.json with what the programs take for a layout.

    check_layout_schema.py EVERY LAYOUT...

Each file is changed in every place in several ways: both must take or refuse the same.  Of the
changed files each EVERY-th one is tried, and the file as it is, which both must take.  `esexport` is in PATH; files are
written into the current folder.
"""
import copy
import itertools
import json
import os
import re
import sqlite3
import subprocess
import sys

import jsonschema

SCHEMA = os.path.join(os.path.dirname(__file__), '..', 'spec', 'layout.schema.json')
OTHERS = [1, -1.5, '', 'x', 'type', [], ['x'], [1], {}, {'x': 1}, {'field': 'id'}, {'attribute': 'x'}, True, None]
# What no schema can say, as that says in its description.
BEYOND = re.compile('has a column already|is not for this kind of store|needs a column of microseconds'
                    '|lacks that of the events|two keys become'
                    # Of NATS: what the subject says, and what its headers need besides.
                    r'|events: "subject": |events\.headers: no column has the field'
                    r'|events\.headers\.\S+: "as": "\S+" does not fit this field')


def places(value, path=()):
    """The paths to all values in it."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from places(member, (*path, key))


def changed(layout, path, change):
    out = copy.deepcopy(layout)
    at = out
    for key in path[:-1]:
        at = at[key]
    change(at, path[-1])
    return out


def replace(other):
    return lambda at, key: at.__setitem__(key, other)


def rename(at, key):
    if isinstance(at, dict):
        at[f'{key}_x'] = at.pop(key)


def changes(layout):
    yield layout
    for path in places(layout):
        yield changed(layout, path, lambda at, key: at.pop(key))
        yield changed(layout, path, rename)
        for other in OTHERS:
            yield changed(layout, path, replace(other))


def fault(layout, database):
    """What the programs have against it, or nothing; that it fits no table is no fault of its."""
    with open('changed.json', 'w', encoding='utf-8') as out:
        json.dump(layout, out)
    done = subprocess.run(['esexport', '--from', database, '--layout', './changed.json', '--dry-run'],
                          capture_output=True, encoding='utf-8', check=False)
    found = re.match(r'esexport: layout ./changed\.json(:.*|: is for .*)', done.stderr)
    return found.group(1) if found and not found.group(1).startswith(': is for') else ''


def main():
    with open(SCHEMA, encoding='utf-8') as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    sqlite3.connect('empty.db').execute('PRAGMA user_version = 1')
    tried = differ = 0
    for name in sys.argv[2:]:
        with open(name, encoding='utf-8') as file:
            original = json.load(file)
        for layout in itertools.islice(changes(original), 0, None, int(sys.argv[1])):
            tried += 1
            why = fault(layout, 'sqlite://empty.db')
            if layout is not original and BEYOND.search(why):
                continue
            if validator.is_valid(layout) == (not why) and not (why and layout is original):
                continue
            differ += 1
            print(f'{name}: the schema {"takes" if validator.is_valid(layout) else "refuses"} it,',
                  f'the programs: {why or "take it"}')
            print(json.dumps(layout))
    print(f'{tried} layouts, {differ} differ')
    return 1 if differ or not tried else 0


sys.exit(main())
