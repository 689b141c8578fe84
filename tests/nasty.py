#!/usr/bin/env python3
"""Makes event stores that are hard to carry, and compares stores value by value.

    nasty.py --list                         the kinds of nasty events, a line each
    nasty.py [--set SET] [--encoding E] OUT.db
                                            a store of layout `native`, one event a kind
    nasty.py [--set jq] --seed N --events M OUT.db
                                            M random events
    nasty.py --compare A.db B.db TABLE...   every column of every row: type and bytes

Sets: `all`; `jq` is what jq 1.6 can pass on (doubles, 256 levels) when payloads travel as text,
too; `utf16` is what a database of that encoding can hold (no malformed UTF-8); `postgresql` is
what layout `native` there can hold, `not-postgresql` the rest; `nats`, `not-nats` the same of NATS,
and `anywhere` what both can.
"""
import argparse
import json
import pathlib
import random
import sqlite3
import struct
import sys

COLUMNS = ("position", "stream", "version", "id", "type", "time_ns", "correlation_id",
           "causation_id", "content_type", "tags", "attributes", "metadata", "data")
SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "spec" / "layouts" / "native-sqlite.json"
BIG = "9" * 100
UUID = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
KINDS = []


class Malformed(bytes):
    """TEXT whose bytes are not UTF-8."""


def kind(name, description, jq=True, utf16=True, **columns):
    """One kind of event; what is not said is as dull as can be."""
    unknown = set(columns) - set(COLUMNS) - {"gap"}
    assert not unknown, unknown
    assert all(k["name"] != name for k in KINDS), name
    KINDS.append({"name": name, "description": description, "columns": columns,
                  "all": True, "jq": jq, "utf16": utf16})


def nested(depth, inner="1"):
    """Arrays and objects in turn, `depth` of them."""
    half, odd = divmod(depth, 2)
    return '[{"a":' * half + ("[" if odd else "") + inner + ("]" if odd else "") + "}]" * half


def json_payloads():
    """JSON that something on the way may want to tidy up."""
    for name, description, text in (
            ("integer-2^53+1", "an integer that no double holds", '{"n":9007199254740993}'),
            ("integer-2^63", "one more than int64", '{"n":9223372036854775808}'),
            ("integer-100-digits", "an integer of 100 digits", '{"n":' + BIG + '}'),
            ("fraction-100-digits", "a fraction of 100 digits", '{"n":0.' + BIG + '}'),
            ("number-1.10", "a zero at the end that says something", '{"price":1.10}'),
            ("number-1.0", "an integer with a fraction", '[1.0,1,1e0,1E0,1e+0,10e-1]'),
            ("number-1e400", "larger than a double", '{"n":1e400}'),
            ("number--0", "minus zero", '{"n":-0}'),
            ("number--0.0", "minus zero with a fraction", '{"n":-0.0}'),
            ("number-5e-324", "the least double", '{"n":5e-324}'),
            ("number-exponents", "exponents in all spellings", '[1E5,1e5,1e+5,1e05,1E-5,0e0]'),
            ("keys-twice", "one name twice, with other values", '{"a":1,"a":2}'),
            ("keys-twice-escaped", "one name twice, spelt differently", '{"a":1,"\\u0061":2}'),
            ("keys-quotes", "names with quotes and backslashes", '{"\\"":1,"\\\\":2,"\'":3}'),
            ("keys-of-events", "names that events have", '{"position":1,"kind":2,"$data":3}'),
            ("keys-of-wrappings", "looks like a wrapped value", '{"$integer":"1"}'),
            ("escape-nul", "U+0000 as an escape", '{"s":"a\\u0000b"}'),
            ("escape-nul-in-key", "U+0000 in a name", '{"a\\u0000b":1,"a":2}'),
            ("escape-lone-high", "a lone high surrogate", '"\\ud800"'),
            ("escape-lone-low", "a lone low surrogate", '"\\udc00"'),
            ("escape-lone-reversed", "surrogates the wrong way round", '"\\udc00\\ud800"'),
            ("escape-needless", "escapes that need not be", '"\\u0041\\/\\u002f/"'),
            ("escape-all-short", "all the short escapes", '"\\"\\\\\\/\\b\\f\\n\\r\\t"'),
            ("escape-controls", "every control character as an escape",
             '"' + "".join(f"\\u{c:04X}" for c in range(32)) + '\\u007f"'),
            ("delete-and-c1", "DEL and the C1 controls as they are",
             '"' + "".join(map(chr, range(0x7f, 0xa0))) + '"'),
            ("separators", "U+2028, U+2029 and U+0085", '"\u2028\u2029\u0085"'),
            ("bom-inside", "a byte order mark in a string", '"a\ufeffb"'),
            ("noncharacters", "U+FDD0 to U+FDEF and the last two of planes",
             '"' + "".join(map(chr, range(0xFDD0, 0xFDF0))) + '\U0001fffe\U0010ffff"'),
            ("integer-2^64", "one more than uint64", '{"n":18446744073709551616}'),
            ("nested-200", "200 arrays", "[" * 200 + "]" * 200),
            ("nested-120", "120 arrays and objects: jq counts an object twice", nested(120)),
            ("nested-empty", "empty arrays and objects", '[[],{},[[]],{"a":{}}]'),
            ("pretty-lf", "printed pretty with LF", '{\n  "a": 1,\n  "b": [\n    2\n  ]\n}'),
            ("pretty-crlf", "printed pretty with CRLF", '{\r\n  "a": 1\r\n}'),
            ("pretty-cr", "printed pretty with CR", '{\r"a":1\r}'),
            ("pretty-tabs", "printed pretty with tabs", '{\t"a"\t:\t1\t}'),
            ("white-before", "white space before", ' \t{"a":1}'),
            ("white-behind", "white space behind", '{"a":1} \t'),
            ("white-crlf-around", "CRLF on both sides", '\r\n{"a":1}\r\n'),
            ("scalar-string", "a string at the top", '"text"'),
            ("scalar-empty-string", "an empty string at the top", '""'),
            ("scalar-number", "a number at the top, as TEXT", '42'),
            ("scalar-number-1.10", "a number that a type of SQLite would change", '1.10'),
            ("empty-object", "an empty object", '{}'),
            ("empty-array", "an empty array with a space", '[ ]')):
        # jq 1.6 reads no lone high surrogate.
        kind("json-" + name, description, jq="\\ud800" not in text, data=text)
    kind("json-nested-10000", "10000 levels", jq=False, data=nested(10000))
    kind("json-nested-16383", "as deep as a line can hold", jq=False, data=nested(16383))
    kind("json-huge-string", "a string of 3 MiB", data='"' + "\u20ac" * (1 << 20) + '"')
    kind("json-huge-array", "300,000 numbers", data="[" + ",".join(["1.50"] * 300000) + "]")
    kind("json-huge-pretty", "1 MiB of lines",
         data=json.dumps([[i, str(i)] for i in range(30000)], indent=1))
    for plane in range(17):
        chars = range(plane << 16, (plane + 1) << 16)
        text = "".join(chr(c) for c in chars if not 0xD800 <= c < 0xE000)
        kind(f"json-plane-{plane}", f"all characters of plane {plane} of Unicode",
             data=json.dumps(text, ensure_ascii=False))
        if plane in (0, 1):
            kind(f"text-plane-{plane}", f"the same of plane {plane}, and not as JSON", data=text)


def other_payloads():
    """What is not JSON, or not TEXT."""
    for name, description, text in (
            ("empty", "empty TEXT", ""), ("blank", "white space only", " \n"),
            ("plain", "words", "plain words"), ("truncated", "JSON cut short", '{"a":[1,2'),
            ("trailing-comma", "a comma too many", '{"a":1,}'),
            ("two-values", "two JSON texts", '{"a":1}\n{"a":2}'), ("nan", "NaN", '{"a":NaN}'),
            ("infinity", "Infinity", '-Infinity'), ("single-quotes", "quotes of another language", "{'a':1}"),
            ("leading-zero", "a number with a leading zero", '{"a":01}'),
            ("raw-control", "a raw line feed in a string", '"a\nb"'),
            ("bom-before", "a byte order mark before the JSON", '\ufeff{"a":1}'),
            ("nul", "TEXT with a NUL inside", 'a\0b'),
            ("nul-behind-json", "JSON with a NUL behind it", '{"a":1}\0'),
            ("nul-only", "TEXT of one NUL", '\0')):
        kind("text-" + name, description, data=text, metadata=text)
    for name, description, raw in (
            ("latin1", "TEXT in Latin-1", b'"caf\xe9"'), ("overlong", "an overlong form", b'"\xc0\xaf"'),
            ("surrogate", "a surrogate as three bytes", b'"\xed\xa0\x80"'),
            ("cut", "a character cut in half", b'"\xe2\x82'),
            ("beyond", "beyond U+10FFFF", b'\xf4\x90\x80\x80'),
            ("ff", "bytes FE and FF with a NUL", b'\xfe\xff\0\xff')):
        kind("malformed-" + name, description, utf16=False, data=Malformed(raw),
             metadata=Malformed(raw))
    every = bytes(range(256))
    for name, description, value in (
            ("null", "NULL", None), ("blob-empty", "an empty BLOB", b""),
            ("blob-zero", "a BLOB of one NUL", b"\0"), ("blob-256", "a BLOB of every byte", every),
            ("blob-json", "a BLOB that holds JSON", b'{"a":1.10}'),
            ("blob-text", "a BLOB that holds words", b"plain words"),
            ("blob-huge", "a BLOB of 2 MiB", random.Random(1).randbytes(2 << 20)),
            ("blob-sqlite", "a BLOB that looks like a database", b"SQLite format 3\0"),
            ("blob-zstd", "a BLOB that looks like a frame", b"\x28\xb5\x2f\xfdESAR"),
            ("integer", "an INTEGER", 42), ("integer-zero", "INTEGER 0", 0),
            ("integer-max", "the largest INTEGER", 2**63 - 1), ("integer-least", "the least INTEGER", -2**63),
            ("real", "a REAL", 0.1), ("real-whole", "a REAL without fraction", 42.0),
            ("real-zero", "REAL 0", 0.0), ("real-minus-zero", "REAL -0", -0.0),
            ("real-2^53", "REAL 2^53", 2.0**53), ("real-2^63", "REAL 2^63", 2.0**63),
            ("real-1e15", "REAL 10^15", 1e15), ("real-1e16", "REAL 10^16", 1e16),
            ("real-1e22", "REAL 10^22", 1e22), ("real-third", "17 digits", 1 / 3),
            ("real-max", "the largest REAL", sys.float_info.max),
            ("real-least", "the least REAL", 5e-324), ("real-infinity", "infinity", float("inf")),
            ("real-minus-infinity", "minus infinity", float("-inf"))):
        kind("value-" + name, description + " in both payloads", data=value, metadata=value)
    for name, description, value, content_type in (
            ("valid", "well-formed CBOR", b"\xa1\x61a\x01", "application/cbor"),
            ("suffix", "well-formed CBOR of a +cbor type", b"\x83\x01\x02\x03", "x/y+cbor"),
            ("undeclared", "CBOR that nothing declares", b"\xa1\x61a\x01", None),
            ("two", "two items", b"\x01\x02", "application/cbor"),
            ("cut", "an item cut short", b"\xa2\x61a", "application/cbor"),
            ("empty", "no item", b"", "application/cbor"),
            ("indefinite", "of indefinite length", b"\x9f\x01\xff", "application/cbor"),
            ("long-heads", "heads longer than needed", b"\x1b" + b"\0" * 8, "application/cbor"),
            ("deep", "10000 levels", b"\x81" * 10000 + b"\0", "application/cbor"),
            ("is-json", "JSON text that says CBOR", '{"a":1}', "application/cbor"),
            ("is-text", "TEXT that happens to be CBOR", '!', "application/cbor"),
            ("is-integer", "an INTEGER that says CBOR", 7, "application/cbor"),
            ("of-metadata", "CBOR in both payloads", b"\xf6", "application/cbor")):
        kind("cbor-" + name, description, data=value, content_type=content_type,
             metadata=b"\xf6" if name == "of-metadata" else None)
    for name, description, content_type in (
            ("json", "application/json, said", "application/json"),
            ("parameters", "with parameters", 'application/json; charset="utf-8"'),
            ("empty", "empty", ""), ("odd", "no type at all", "\n\0\u20ac"),
            ("cbor-parameters", "CBOR with a parameter", "application/cbor;a=b"),
            ("only-suffix", "nothing but the suffix", "+cbor")):
        kind("content-" + name, "content type: " + description, content_type=content_type,
             data=b"\x01")


def fields():
    """Texts, times, numbers, tags."""
    long = "\u00e4" * 5120
    for name, description, text in (
            ("empty", "empty", ""), ("uuid", "a canonical UUID", UUID),
            ("uuid-upper", "a UUID in upper case", UUID.upper()),
            ("uuid-mixed", "a UUID in both cases", UUID[:-1] + "F"),
            ("uuid-braces", "a UUID in braces", "{" + UUID + "}"),
            ("uuid-urn", "a UUID as a URN", "urn:uuid:" + UUID),
            ("uuid-hex", "a UUID without dashes", UUID.replace("-", "")),
            ("uuid-nil", "the nil UUID", "0" * 8 + "-0000" * 3 + "-" + "0" * 12),
            ("uuid-cut", "a UUID cut short", UUID[:-1]),
            ("uuid-space", "a UUID with a space behind it", UUID + " "),
            ("long", "10 KiB", long), ("number", "digits", "00012345678901234567890"),
            ("unicode", "all sorts of script", "\u00df\u4e2d\U0001f600\u0301\ufeff\u2028"),
            ("nul", "a NUL inside", "a\0b"), ("controls", "control characters", "\x01\x1f\x7f\n\r\t"),
            ("quotes", "quotes and backslashes", "\"'\\`\\n\\u0041"),
            ("blank", "one space", " ")):
        kind("id-" + name, "id: " + description, id=text)
        kind("cause-" + name, "correlation and causation: " + description,
             correlation_id=text, causation_id=text)
    kind("cause-one", "a causation without a correlation", causation_id="c")
    for name, description, text in (
            ("empty", "empty", ""), ("spaces", "spaces", " a  b "), ("newlines", "lines", "a\nb\r\n"),
            ("quotes", "quotes", "\"a\" 'b' \\"), ("nul", "a NUL inside", "a\0b"),
            ("nul-behind", "a NUL at the end", "a\0"), ("a", "the same without it", "a"),
            ("emoji", "emoji", "\U0001f4a9-1"), ("long", "64 KiB", "s" * 65536),
            ("glob", "characters of patterns", "*?[a-z]\\"), ("bom", "a byte order mark", "\ufeffx"),
            ("decomposed", "a decomposed letter", "e\u0301"), ("number", "digits", "42"),
            ("json", "JSON", '{"a":1}')):
        kind("stream-" + name, "stream: " + description, stream=text)
        kind("type-" + name, "type: " + description, type=text)
    for name, description, value in (
            ("zero", "1970", 0), ("minus-1", "a nanosecond before 1970", -1),
            ("1", "a nanosecond after 1970", 1), ("least", "the least that there is", -2**63 + 1),
            ("none", "the INTEGER that is no time", -2**63), ("max", "the last", 2**63 - 1),
            ("seconds", "a whole second", 1767225600 * 10**9),
            ("millis", "milliseconds", 1767225600123 * 10**6), ("nanos", "nanoseconds", 1767225600123456789),
            ("tenths", "a fraction with zeros behind", 1767225600100000000),
            ("second-before", "a second before 1970", -10**9),
            ("fraction-before", "a fraction before 1970", -1500000000),
            ("leap-day", "29 February 2000", 951782400 * 10**9)):
        kind("time-" + name, "time: " + description, time_ns=value)
    for name, description, text in (
            ("none", "an empty list", "[]"), ("one", "one", '["a"]'), ("empty", "empty ones", '["",""]'),
            ("many", "10000 of them", json.dumps([f"t{i}" for i in range(10000)], separators=(",", ":"))),
            ("unicode", "Unicode", '["\u00e9","\U0001f600","\u2028"]'),
            ("nul", "NUL and quotes", '["a\\u0000b","\\"","\\\\"]'),
            ("spaces", "with spaces", '["a", "b"]'), ("white", "white space around", ' ["a"]\n'),
            ("escapes", "needless escapes", '["\\u0041","\\/"]'), ("open", "cut short", '["a"'),
            ("numbers", "numbers among them", '["a",1]'), ("object", "an object", '{"a":1}'),
            ("text-empty", "empty TEXT", ""), ("null", "the text null", "null"),
            ("lone", "a lone surrogate", '["\\ud800"]'), ("raw-nul", "a NUL inside", '["a"]\0')):
        kind("tags-" + name, "tags: " + description, tags=text)
    kind("tags-malformed", "tags: TEXT that is not UTF-8", utf16=False, tags=Malformed(b'["\xff"]'))


def attributes():
    """The column of attributes, which hints share."""
    for name, description, text, jq in (
            ("empty", "none", "{}", True), ("one", "one", '{"a":1}', True),
            ("kinds", "every kind of value", '{"a":null,"b":true,"c":"x","d":[1,{"e":[]}],"f":0.5}', True),
            ("spaces", "with spaces", '{ "a" : 1, "b": [1, 2] }', True),
            ("lines", "printed pretty", '{\n\t"a": {\r\n"b": 1}}\n', True),
            ("nested", "120 levels", '{"a":' + nested(120) + '}', True),
            ("nested-deep", "16382 levels", '{"a":' + nested(16381) + '}', False),
            ("big", "numbers that no double holds", '{"a":9007199254740993,"b":' + BIG + ',"c":1.10}', False),
            ("big-spaced", "the same with spaces", '{"a": 9007199254740993, "c": -0.0}', False),
            ("escapes", "needless escapes in a value", '{"a":"\\u0041\\/\\ud800"}', False),
            ("escaped-name", "needless escapes in a name", '{"\\u0061":1}', True),
            ("long", "64 KiB", '{"a":"' + "x" * 65536 + '"}', True),
            ("many", "300 of them", json.dumps({f"a{i}": i for i in range(300)}), True),
            ("unicode", "Unicode", '{"\u00e9\U0001f600":"\u2028","":""}', True),
            ("nul-name", "a NUL in a name", '{"a\\u0000b":1}', True),
            ("fields", "names of fields", '{"data":1,"position":2,"stream":"s"}', True),
            ("hint", "a name of a hint that nobody knows", '{"$mine":1,"a":2}', True),
            ("hint-spaced", "the same with spaces", '{"$mine": 1, "a": 2}', True),
            ("hint-time", "a hint that says a time", '{"$time":"2026-01-01 00:00:00"}', True),
            ("hint-time-own", "a hint of the time that is there", '{"$time":1000000000}', True),
            ("hint-data", "a hint of data that is not so", '{"$data":"text"}', True),
            ("hint-data-integer", "a hint that data is an INTEGER", '{"$data":"integer"}', True),
            ("hint-data-blob", "a hint that data is a BLOB, and more", '{"a":1,"$data":"blob","b":2}', True),
            ("hint-metadata", "a hint of metadata that is not so", '{"$metadata":"real"}', True),
            ("hint-attributes", "a hint of the attributes themselves", '{"$attributes":"{}"}', True),
            ("hint-id", "a hint of the id", '{"$id":5}', True),
            ("hint-null", "hints that are null", '{"$id":null,"$tags":null,"$time":null}', True),
            ("hint-version", "a hint of the version that it has", '{"$version":0}', True),
            ("hint-odd", "wrapped values", '{"$tags":{"$blob":"AA=="},"x":{"$real":"1"}}', True),
            ("twice", "one name twice", '{"a":1,"a":2}', True),
            ("twice-equal", "one name twice, one value", '{"a":1,"a":1}', True),
            ("array", "an array", '["a"]', True), ("scalar", "a number", '7', True),
            ("null", "the text null", 'null', True), ("text-empty", "empty TEXT", '', True),
            ("open", "cut short", '{"a":1', True), ("words", "no JSON", 'a=1', True),
            ("lone-name", "a lone surrogate in a name", '{"\\ud800":1}', True),
            ("raw-nul", "a NUL behind", '{"a":1}\0', True)):
        kind("attributes-" + name, "attributes: " + description, jq=jq, attributes=text)
    kind("attributes-malformed", "attributes: TEXT that is not UTF-8", utf16=False,
         attributes=Malformed(b'{"a":"\xff"}'))
    for value in (b"words", "words", 7, 7.0):
        name = type(value).__name__
        kind(f"attributes-hint-on-{name}", f"every false hint beside a value of type {name}",
             data=value, metadata=value, time_ns=10**9, id=f"hint-{name}",
             attributes='{"$data":"text","$metadata":"blob","$time":1000000000,'
                        f'"$id":"hint-{name}","$stream":"s","$tags":"[]","$type":"Nasty"}}')
    kind("attributes-hints-needed", "hints made for every column at once", tags="[ ]",
         attributes='{ "a":1 }', time_ns=-2**63, data="x", metadata=1.0)


def numbers():
    """Positions and versions; the greatest positions come last."""
    kind("version-5", "a stream that begins at version 5", stream="gaps", version=5)
    kind("version-7", "and has a gap", stream="gaps", version=7)
    kind("version-0-late", "and version 0 behind them", stream="gaps", version=0)
    kind("version-max", "the greatest version", jq=False, version=2**63 - 1)
    kind("version-2^53", "the greatest that a double holds", version=2**53)
    kind("gap-1", "position: a gap of one", gap=2)
    kind("gap-5", "position: a gap of five", gap=6)
    kind("gap-1000000", "position: a gap of a million", gap=1000001)
    kind("position-2^53-1", "position: the last safe double", position=2**53 - 1)
    kind("position-2^53", "position: right behind it", position=2**53)
    kind("position-2^53+1", "position: one that no double holds", jq=False, position=2**53 + 1)
    kind("position-2^63-1", "position: the greatest", jq=False, position=2**63 - 1)


def fits_postgresql(columns):
    """Text without NUL characters, and JSON that does not nest deeper than the server's stack."""
    texts = [columns.get(c) for c in ("stream", "id", "type", "correlation_id", "causation_id",
                                      "content_type")]
    return (not any("\0" in t for t in texts if isinstance(t, str))
            and not any(nests(columns.get(c)) > 1000 for c in ("data", "metadata", "tags", "attributes")))


def spelt(text):
    """How many bytes a text has as the value of a header."""
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else bytes(text)
    return len(data) + 2 * sum(b < 0x20 or b in (0x7f, 0x25) for b in data)


def fits_nats(columns):
    """The headers of a message are 65535 bytes at most: all but the data."""
    stream = columns.get("stream", "")
    size = 700 + (0 if len(stream) < 200 and stream.isascii() and stream.isalnum() else spelt(stream))
    for name in ("id", "type", "correlation_id", "causation_id", "content_type", "tags", "attributes"):
        size += spelt(columns.get(name) or "")
    metadata = columns.get("metadata")
    if isinstance(metadata, bytes):
        size += len(metadata) * 4 // 3
    elif isinstance(metadata, str):
        size += spelt(metadata)
    return size <= 65535


def fits_anywhere(columns):
    """In every store."""
    return fits_postgresql(columns) and fits_nats(columns)


FITS = {"postgresql": fits_postgresql, "nats": fits_nats, "anywhere": fits_anywhere}


def nests(payload):
    """How deep a payload is, or deeper: brackets in strings count."""
    depth = most = 0
    for c in payload if isinstance(payload, str) else "":
        depth += (c in "[{") - (c in "]}")
        most = max(most, depth)
    return most


def rows_of_kinds(chosen):
    """The rows of a set; position 0 is the first."""
    last = -1
    for k in KINDS:
        for name, fits in FITS.items():
            k[name] = fits(k["columns"])
            k["not-" + name] = not k[name]
        if k[chosen]:
            row = {"stream": "nasty-" + k["name"], "version": 0, "type": "Nasty",
                   "data": '{"plain":true}'}
            row.update(k["columns"])
            row["position"] = last = row.get("position", last + row.pop("gap", 1))
            yield row


def random_text(rng, most=20):
    """Any characters, the odd ones more often than they come."""
    pools = (range(0x20, 0x7f), range(0x20), range(0x80, 0x800), range(0xE000, 0x10000),
             range(0x10000, 0x110000))
    return "".join(chr(rng.choice(rng.choice(pools))) for _ in range(rng.randrange(most)))


def random_number(rng, exact):
    """A number; `exact`: one that keeps its text in doubles."""
    if exact:
        return str(rng.randrange(-2**31, 2**31))
    digits = "".join(rng.choice("0123456789") for _ in range(rng.choice((1, 3, 17, 25, 60))))
    text = rng.choice(("", "-")) + (digits.lstrip("0") or "0")
    if rng.random() < 0.4:
        text += "." + str(rng.randrange(1000)) + rng.choice(("", "0", "00"))
    if rng.random() < 0.3:
        text += rng.choice("eE") + rng.choice(("", "+", "-")) + str(rng.randrange(500))
    return text


def random_json(rng, depth=0, exact=False, space=None):
    """One JSON text, with random white space unless `exact`."""
    if space is None:
        space = ("",) if exact else rng.choice((("",), ("", " "), ("", " ", "\n", "\r\n\t")))
    choice = rng.randrange(6 if depth < 6 else 4)
    if choice == 0:
        return random_number(rng, exact)
    if choice == 1:
        return json.dumps(random_text(rng), ensure_ascii=exact is False and rng.random() < 0.5)
    if choice < 4:
        return rng.choice(("null", "true", "false", '""', "{}", "[]"))
    items = [random_json(rng, depth + 1, exact, space) for _ in range(rng.randrange(5))]
    if choice == 5:
        names = [random_text(rng, 8) + (str(i) if exact else "") for i in range(len(items))]
        items = [json.dumps(name, ensure_ascii=not exact) + rng.choice(space) + ":" + item
                 for name, item in zip(names, items)]
    sides = "[]" if choice == 4 else "{}"
    return sides[0] + ",".join(rng.choice(space) + i + rng.choice(space) for i in items) + sides[1]


def random_payload(rng):
    """Any storage class, JSON most often."""
    choice = rng.randrange(12)
    if choice < 5:
        text = random_json(rng)
        return text if choice else text[:rng.randrange(len(text) + 1)]
    return (random_text(rng, 200), rng.randbytes(rng.randrange(300)),
            Malformed(rng.randbytes(rng.randrange(30))), rng.randrange(-2**63, 2**63),
            struct.unpack("d", rng.randbytes(8))[0], float(rng.randrange(-10**17, 10**17)),
            None)[choice - 5]


def random_attributes(rng, exact):
    """An object, now and then spelt oddly or with hints; or no object."""
    if rng.random() < 0.1:
        return random_text(rng)
    names = ["$data", "$metadata", "$time", "$id", "$attributes", "$position", "$", "a", "b", "data"]
    hints = ['"text"', '"blob"', '"integer"', '"real"', "null", "1", '"{}"']
    sep = rng.choice(((",", ":"), (", ", ": ")))
    return "{" + sep[0].join(
        json.dumps(name) + sep[1] + (rng.choice(hints) if name[0] == "$" else
                                     random_json(rng, 3, exact).replace("\x7f", ""))
        for name in rng.sample(names, rng.randrange(5))) + "}"


def random_rows(seed, events, chosen):
    """Events by seed."""
    rng = random.Random(seed)
    position, versions = -1, {}
    for i in range(events):
        def maybe(value):
            return value if rng.random() < 0.6 else None
        position += rng.choice((1, 1, 1, 2, 1000))
        stream = random_text(rng, 3) if rng.random() < 0.5 else f"order-{rng.randrange(50)}"
        versions[stream] = versions.get(stream, -1) + rng.choice((1, 1, 1, 2))
        row = {
            "position": position, "stream": stream, "version": versions[stream],
            "id": maybe(rng.choice((f"{i}-" + random_text(rng),
                                    f"{rng.randrange(16**8):08x}-0000-4000-8000-{i:012x}"))),
            "type": random_text(rng, 8), "time_ns": maybe(rng.randrange(-2**63, 2**63)),
            "correlation_id": maybe(random_text(rng)), "causation_id": maybe(random_text(rng)),
            "content_type": maybe(rng.choice(("application/cbor", "application/json", "a+cbor"))),
            "tags": maybe(rng.choice((json.dumps([random_text(rng) for _ in range(3)]),
                                      '["a","b"]', random_text(rng)))),
            "attributes": maybe(random_attributes(rng, chosen == "jq")),
            "metadata": random_payload(rng), "data": random_payload(rng)}
        if chosen not in FITS or FITS[chosen](row):
            yield row


def write_store(path, rows, encoding):
    """A store of layout native with these rows."""
    db = sqlite3.connect(path)
    db.execute(f'PRAGMA encoding = "{encoding}"')
    db.execute("PRAGMA synchronous = OFF")
    for statement in json.loads(SCHEMA.read_text(encoding="utf-8"))["schema"]:
        db.execute(statement)
    for row in rows:
        values = [row.get(column) for column in COLUMNS]
        marks = ["CAST(? AS TEXT)" if isinstance(v, Malformed) else "?" for v in values]
        db.execute(f"INSERT INTO events ({','.join(COLUMNS)}) VALUES ({','.join(marks)})",
                   [bytes(v) if isinstance(v, Malformed) else v for v in values])
    db.commit()
    db.close()


def read_table(path, table):
    """Rows as pairs of type and bytes, in the order of the primary key, and the columns."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.text_factory = bytes
    info = list(db.execute("SELECT name, pk FROM pragma_table_info(?)", (table,)))
    if not info:
        sys.exit(f"{path}: no table {table}")
    table = table.replace('"', '""')
    names = [name.decode() for name, _ in info]
    quoted = ['"' + n.replace('"', '""') + '"' for n in names]
    order = [q for q, (_, pk) in zip(quoted, info) if pk] or quoted
    types = [f"typeof({q})" for q in quoted]
    rows = []
    for row in db.execute(f'SELECT {",".join(quoted + types)} FROM "{table}" ORDER BY {",".join(order)}'):
        values = [struct.pack(">d", v) if isinstance(v, float) else v for v in row[:len(names)]]
        rows.append(list(zip((t.decode() for t in row[len(names):]), values)))
    db.close()
    return names, rows


def shown(value):
    """A value for a message."""
    text = f"{value[0]} {value[1]!r}"
    return text if len(text) < 160 else f"{text[:150]}... ({len(value[1])} bytes)"


def compare(a, b, tables):
    """The first differences, as lines."""
    found = []
    for table in tables:
        (names, left), (other, right) = read_table(a, table), read_table(b, table)
        if names != other:
            found.append(f"{table}: columns {names} and {other}")
        if len(left) != len(right):
            found.append(f"{table}: {len(left)} and {len(right)} rows")
        elif not left:
            found.append(f"{table}: no rows to compare")
        found += [f"{table}, row {shown(x[0])} {shown(x[1])}: {name}: {shown(v)}, then {shown(w)}"
                  for x, y in zip(left, right) for name, v, w in zip(names, x, y) if v != w]
    return found


def main():
    """See the top."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--set", default="all",
                        choices=("all", "jq", "utf16", "postgresql", "not-postgresql", "nats", "not-nats",
                                 "anywhere"))
    parser.add_argument("--encoding", default="UTF-8")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--compare", nargs="+", metavar="DB")
    parser.add_argument("out", nargs="?")
    args = parser.parse_args()
    if args.compare:
        if len(args.compare) < 3:
            parser.error("--compare needs two databases and a table")
        found = compare(args.compare[0], args.compare[1], args.compare[2:])
        print("\n".join(found[:10] + [f"and {len(found) - 10} more"][:len(found) > 10]))
        sys.exit(1 if found else 0)
    for make in (json_payloads, other_payloads, fields, attributes, numbers):
        make()
    if args.list:
        for k in KINDS:
            print(f"{k['name']:32} {k['description']}")
    elif not args.out:
        parser.error("OUT.db is missing")
    else:
        rows = (rows_of_kinds(args.set) if args.seed is None else
                random_rows(args.seed, args.events, args.set))
        write_store(args.out, rows, args.encoding)


if __name__ == "__main__":
    main()
