#!/usr/bin/python3
"""What is usually written to move events: read 1,000, insert 1,000, commit.

    usual.py sqlite:whole/events.db sqlite:out.db
    usual.py sqlite:whole/events.db postgres:target      # and with postgres:whole as the source

It is run by the Python of the system, for which packages are.  Code 127, as of a shell, where a
library is not installed.
"""
import json
import sqlite3
import sys

PAGE = 1000
COLUMNS = "position, stream, version, id, type, metadata, data"
TABLE = """CREATE TABLE events (position bigint PRIMARY KEY, stream text NOT NULL,
    version bigint NOT NULL, id text UNIQUE, type text NOT NULL, metadata {json}, data {json},
    UNIQUE (stream, version))"""


def psycopg2():
    try:
        import psycopg2.extras
    except ImportError:
        sys.exit(127)
    return psycopg2


def connect(place):
    """A connection, and how a value is written in its SQL."""
    kind, name = place.split(":")
    if kind == "sqlite":
        return sqlite3.connect(name), "?"
    return psycopg2().connect(dbname=name), "%s"


def read_page(cursor, mark, last):
    cursor.execute(f"SELECT {COLUMNS} FROM events WHERE position > {mark} "
                   f"ORDER BY position LIMIT {PAGE}", (last,))
    return cursor.fetchall()


def insert_page(cursor, mark, rows):
    if mark == "?":
        cursor.executemany(f"INSERT INTO events ({COLUMNS}) VALUES (?,?,?,?,?,?,?)", rows)
    else:
        psycopg2().extras.execute_values(
            cursor, f"INSERT INTO events ({COLUMNS}) VALUES %s", rows, page_size=PAGE)


def as_text(row):
    """JSON comes as values from PostgreSQL, and is wanted as text."""
    return row if isinstance(row[-1], str) else row[:-2] + tuple(map(to_json, row[-2:]))


def to_json(value):
    return json.dumps(value, ensure_ascii=False)


def main(source, target):
    reader, read_mark = connect(source)
    writer, mark = connect(target)
    out = writer.cursor()
    out.execute(TABLE.format(json="text" if mark == "?" else "json"))
    rows = read_page(reader.cursor(), read_mark, 0)
    while rows:
        insert_page(out, mark, [as_text(row) for row in rows])
        writer.commit()
        rows = read_page(reader.cursor(), read_mark, rows[-1][0])


if __name__ == "__main__":
    main(*sys.argv[1:])
