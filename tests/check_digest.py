#!/usr/bin/env python3
"""The digest of JSON Lines on standard input, by spec/DIGEST.md alone, and with no code of ours.

    check_digest.py [--by-stream] <events.jsonl

Prints arrays: stream (null for all), digest, events, and of all how many streams begin.
Hashes are made by xxhsum, one process for each link of the chain: it is for some thousand events
at most.
"""
import argparse
import base64
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import threading

from check_events import Cbor, Pairs, Tag

INT64 = range(-2**63, 2**63)


class Number(str):
    """A JSON number as it is written."""


class Refused(Exception):
    """CBOR that has no exact JSON."""


# Canonical JSON

def number(text):
    sign, whole, fraction, exponent = re.fullmatch(
        r'(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?', text).groups(default='')
    written = int(exponent or 0)
    digits, power = (whole + fraction).lstrip('0'), written - len(fraction)
    if power >= 0:
        stripped = digits.rstrip('0')
        power = power + len(digits) - len(stripped) if digits else 0
        digits = stripped
    if written not in INT64 or written - len(fraction) not in INT64 or power not in INT64:
        return sign + whole + ('.' + fraction if fraction else '') + f'e{written}'
    return (sign + digits if digits else '0') + (f'e{power}' if power else '')


def string(text):
    return '"' + ''.join(
        '\\' + c if c in '"\\' else
        f'\\u{ord(c):04x}' if ord(c) < 0x20 or 0xd800 <= ord(c) < 0xe000 else c
        for c in text) + '"'


def canonical(value):
    """Without recursion: payloads are as deep as they like."""
    parts, todo = [], [value]
    while todo:
        item = todo.pop()
        if isinstance(item, bytes):             # to be printed as it is
            parts.append(item.decode())
        elif item is None or isinstance(item, bool):
            parts.append({None: 'null', True: 'true', False: 'false'}[item])
        elif isinstance(item, Number):
            parts.append(number(item))
        elif isinstance(item, str):
            parts.append(string(item))
        elif isinstance(item, list):
            rest = [x for element in item for x in (b',', element)][1:]
            todo += [b']', *reversed(rest), b'[']
        else:
            rest = [x for key in sorted(item) for x in (b',', key, b':', item[key])][1:]
            todo += [b'}', *reversed(rest), b'{']
    return ''.join(parts)


def parse(text):
    return json.loads(text, parse_int=Number, parse_float=Number)


# CBOR as JSON: spec/FORMAT.md, "Payload conversion"

def json_of(item):
    if item is None or isinstance(item, (bool, str)):
        return item
    if isinstance(item, int):
        return Number(item)
    if isinstance(item, float) and item - item == 0:
        return Number(repr(item))
    if isinstance(item, Pairs):
        keys = [key for key, _ in item]
        if all(isinstance(key, str) for key in keys) and len(set(keys)) == len(keys):
            return {key: json_of(value) for key, value in item}
    elif isinstance(item, list):
        return [json_of(element) for element in item]
    elif isinstance(item, Tag) and item.number in (2, 3) and isinstance(item.content, bytes):
        n = int.from_bytes(item.content, 'big')
        return Number(n if item.number == 2 else -1 - n)
    elif isinstance(item, Tag) and item.number == 4 and len(item.content) == 2:
        exponent, mantissa = map(json_of, item.content)
        if int(exponent) in INT64:
            return Number(f'{mantissa}e{exponent}')
    raise Refused


def converted(event):
    """Data that is CBOR, and converts, becomes JSON, with its content type."""
    type_ = event.get('content_type', '')
    if 'data_base64' not in event or not (
            type_ == 'application/cbor' or type_.endswith('+cbor') and len(type_) > 5):
        return
    data = base64.b64decode(event['data_base64'])
    try:
        cbor = Cbor(data)
        value = json_of(cbor.item())
        if cbor.at != len(data):
            return
    except Exception:       # what is wrong with it does not matter
        return
    del event['data_base64'], event['content_type']
    event['data'] = value
    if type_ != 'application/cbor':
        event['content_type'] = type_[:-4] + 'json'


def content(event):
    del event['position']
    for name in 'data', 'metadata':
        if name + '_text' in event:
            event[name] = parse(event.pop(name + '_text'))
    attributes = {name: value for name, value in event.pop('attributes', {}).items()
                  if not name.startswith('$')}
    if attributes:
        event['attributes'] = attributes
    if 'time' in event:     # in UTC, as esexport writes it
        event['time'] = re.sub(r'\.?0*Z$', 'Z', event['time']) if '.' in event['time'] \
            else event['time']
    converted(event)
    return canonical(event).encode()


# Digests

def xxh128(inputs):
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for begin in range(0, len(inputs), 500):
            names = [os.path.join(folder, f'{n:03}') for n in range(len(inputs[begin:begin + 500]))]
            for name, data in zip(names, inputs[begin:begin + 500]):
                with open(name, 'wb') as file:
                    file.write(data)
            done = subprocess.run(['xxhsum', '-H2', *names], check=True, capture_output=True)
            found += [bytes.fromhex(line.split()[0]) for line in done.stdout.decode().splitlines()]
    return found


def chain(digests):
    so_far = bytes(16)
    for one in digests:
        done = subprocess.run(['xxhsum', '-H2', '-'], check=True, input=so_far + one,
                              capture_output=True)
        so_far = bytes.fromhex(done.stdout.split()[0].decode())
    return so_far.hex()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--by-stream', action='store_true')
    args = parser.parse_args()
    events = [parse(line) for line in sys.stdin.buffer.read().split(b'\n') if line]
    facts = [(event['stream'], event['version'] == '0') for event in events]
    digests = xxh128([content(event) for event in events])
    streams = collections.defaultdict(list)
    for (stream, _), digest in zip(facts, digests):
        streams[stream].append(digest)
    for stream in sorted(streams) if args.by_stream else ():
        print(json.dumps([stream, chain(streams[stream]), len(streams[stream])]))
    print(json.dumps([None, chain(digests), len(events), sum(begin for _, begin in facts)]))


if __name__ == '__main__':
    sys.setrecursionlimit(1 << 20)
    sys.set_int_max_str_digits(0)
    threading.stack_size(512 << 20)
    thread = threading.Thread(target=main)
    thread.start()
    thread.join()
