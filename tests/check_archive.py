#!/usr/bin/env python3
"""Check archives block by block against spec/FORMAT.md, from which alone this was written.

It wants what a writer must write, which is more than what a reader must accept: maps and heads in
their one encoding, events as they are written.  Python's standard library does all but hashing
(xxhsum) and decompression (zstd).

    check_archive.py ARCHIVE...            list the blocks; exit with 1 where something is wrong
    check_archive.py --events ARCHIVE...   print the events, as codec jsonl has them
    check_archive.py --seek N ARCHIVE...   print the N-th chunk, found by the seek table alone
"""
import argparse
import collections
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from check_events import (  # noqa: E402
    MAX_DEPTH, Cbor, Pairs, Refused, Tag, bare, bytes16, decode_cbor, decode_jsonl, encode,
    fields_of, parse_time, print_time, text, texts, uint, want, write_line)

MAGIC_BLOCK, MAGIC_SEEK, MAGIC_ZSTD, MAGIC_TABLE = 0x184D2A50, 0x184D2A5E, 0xFD2FB528, 0x8F92EAB1
MAX_BLOCK, MAX_RAW, MAX_STORED = 2**28, 2**30, 2**30 + 2**23 + 1024
MAX_EVENTS, MAX_TYPES = 2**24, 1000

Frame = collections.namedtuple('Frame', 'offset magic data')


# Digests and decompression

def digests(algorithm, inputs):
    """XXH3 of every input as hexadecimal digits: few processes, however many inputs there are."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for begin in range(0, len(inputs), 1000):
            names = []
            for number, data in enumerate(inputs[begin:begin + 1000]):
                names.append(f'f{number}')
                with open(os.path.join(folder, names[-1]), 'wb') as file:
                    file.write(data)
            done = subprocess.run(['xxhsum', algorithm, *names], cwd=folder, check=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            found += re.findall(r'\b(?:[0-9a-f]{32}|[0-9a-f]{16})\b', done.stdout.decode())
    want(len(found) == len(inputs), 'xxhsum did not print all digests')
    return found


def x64(inputs):
    return [int(digits, 16) for digits in digests('-H3', inputs)]


def x128(inputs):
    return [bytes.fromhex(digits) for digits in digests('-H2', inputs)]


def decompress(frame):
    done = subprocess.run(['zstd', '-dcq', '--memory=2048MB'], input=frame,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    want(done.returncode == 0, 'zstd: ' + done.stderr.decode().strip())
    return done.stdout


# Types of the keys of blocks

def time(value):
    return type(value) is int and abs(value) < 2**63


def times(value):
    return (type(value) is list and len(value) == 2 and all(map(time, value))
            and value[0] <= value[1])


def patterns(value):
    return texts(value) and value and value == sorted(set(value), key=str.encode)


def uuid8(value):
    return (isinstance(value, Tag) and value.number == 37 and bytes16(value.content)
            and value.content[6] >> 4 == 8 and value.content[8] >> 6 == 2)


def when(value):
    return (isinstance(value, Tag) and value.number == 0 and text(value.content)
            and print_time(parse_time(value.content)) == value.content)


def codec(value):
    return value in ('jsonl', 'cbor')


def a_map(value):
    return isinstance(value, Pairs)


def rows(value):
    return type(value) is list and all(type(row) is list and len(row) == 8 for row in value)


def lost(value):
    return type(value) is list and all(
        type(row) is list and len(row) == 3 and uint(row[0]) and
        all(n is None or uint(n) for n in row[1:]) for row in value)


def filters(value):
    return a_map(value) and bool(value)


def boolean(value):
    return type(value) is bool


def true(value):
    return value is True


# What a writer writes: True where the key must be there.
KEYS = {
    'H': {'id': (uuid8, True), 'fill': (true, False), 'lost': (lost, False), 'tool': (text, True),
          'codec': (codec, True),
          'range': (a_map, True), 'origin': (bytes16, False), 'source': (a_map, True),
          'created': (when, True), 'filters': (a_map, True), 'packing': (a_map, False),
          'requires': (texts, True)},
    'C': {'raw': (uint, True), 'seq': (uint, True), 'last': (uint, True), 'chain': (bytes16, True),
          'check': (uint, True), 'first': (uint, True), 'times': (times, False),
          'digest': (bytes16, True), 'events': (uint, True), 'stored': (uint, True),
          'filtered': (uint, False)},
    'I': {'chunks': (rows, True)},
    'E': {'raw': (uint, True), 'last': (uint, False), 'read': (uint, True),
          'chain': (bytes16, True), 'first': (uint, False), 'times': (times, False),
          'types': (a_map, True), 'chunks': (uint, True), 'events': (uint, True),
          'header': (uint, True), 'stored': (uint, True), 'streams': (uint, True),
          'content': (bytes16, False), 'reached': (uint, False), 'complete': (true, True), 'filtered': (uint, True),
          'types_more': (uint, True)},
    'packing': {'level': (uint, True), 'chunk_size': (uint, True), 'exact_text': (boolean, True)},
    'range': {'upto': (uint, False), 'after': (uint, False)},
    'source': {'kind': (text, False), 'layout': (text, False), 'address': (text, False)},
    'filters': {'since': (time, False), 'types': (patterns, False), 'until': (time, False),
                'within': (filters, False), 'streams': (patterns, False)},
}


def check_keys(name, pairs):
    found = fields_of(pairs, name)
    for key, (of_type, required) in KEYS[name].items():
        want(key in found or not required, f'{name}: {key} is missing')
        want(key not in found or of_type(found[key]), f'{name}: {key} has another type or value')
    for key in found:
        want(key in KEYS[name], f'{name}: {key} is not a key of version 1')
    return found


# Filters

def glob(pattern):
    """The regular expression of a pattern, over bytes."""
    part = re.compile(rb'(\*)|(\?)|\[([!^]?)(\]?[^\]]*)\]|(\[)|\\?(.)', re.S)
    done = b''
    for star, one, no, members_, unclosed, byte in part.findall(pattern.encode()):
        if star:
            done += b'.*'
        elif one:
            done += rb'.[\x80-\xbf]{0,3}(?![\x80-\xbf])'
        elif unclosed:
            done += b'(?!)'
        elif members_:
            ranges = re.findall(rb'(.)-(.)|(.)', members_, re.S)
            choice = b'|'.join(b'[%b-%b]' % (re.escape(a), re.escape(b)) if a <= b else b'(?!)'
                               for a, b in ((a or c, b or c) for a, b, c in ranges))
            done += b'(?!%b).' % choice if no else b'(?:%b)' % choice
        else:
            done += re.escape(byte)
    return re.compile(done, re.S)


def check_filters(pairs):
    found = check_keys('filters', pairs)
    if 'within' in found:
        found['within'] = check_filters(found['within'])
    return found


def in_range(header):
    """A function that says what is wrong with the position of an event in this archive."""
    after_, upto = header['range'].get('after', -1), header['range'].get('upto', 2**64)

    def check(event):
        want(after_ < event['position'] <= upto, 'outside of the range')
    return check


def passes(filters):
    """The same for what the filters ask for, and those that `within` says were there before."""
    before = passes(filters['within']) if 'within' in filters else lambda event: None
    globs = [(key, [glob(pattern) for pattern in filters[name]])
             for key, name in (('type', 'types'), ('stream', 'streams')) if name in filters]

    def check(event):
        before(event)
        at = event.get('time')
        want(at is not None or not filters.keys() & {'since', 'until'}, 'it has no time')
        want(at is None or filters.get('since', at) <= at < filters.get('until', at + 1),
             'outside of since and until')
        for key, choice in globs:
            want(any(one.fullmatch(event[key].encode()) for one in choice),
                 f'no pattern fits its {key}')
    return check


# Frames

def zstd_frame(data, begin):
    """Content size and end of the zstd frame at `begin`: RFC 8878 section 3.1.1."""
    def number(size):
        nonlocal at
        want(len(data) - at >= size, 'the zstd frame is cut short')
        at += size
        return int.from_bytes(data[at - size:at], 'little')

    at = begin + 4
    descriptor = number(1)
    single, size_flag = descriptor >> 5 & 1, descriptor >> 6
    want(not descriptor & 3, 'the zstd frame has a dictionary')
    want(not descriptor & 8, 'the zstd frame has a reserved bit')
    want(descriptor & 4, 'the zstd frame has no checksum')
    want(single or size_flag, 'the zstd frame has no content size')
    number(0 if single else 1)
    size = number(1 << size_flag) + (256 if size_flag == 1 else 0)
    last = False
    while not last:
        block = number(3)
        last, kind, length = block & 1, block >> 1 & 3, block >> 3
        want(kind != 3, 'the zstd frame has a reserved block')
        number(1 if kind == 1 else length)
    number(4)
    return size, at


def split(data):
    """The frames, and what is wrong behind the last of them."""
    frames, at = [], 0
    try:
        while at < len(data):
            want(len(data) - at >= 8, 'cut short in the head of a frame')
            magic, size = struct.unpack_from('<II', data, at)
            if magic == MAGIC_ZSTD:
                end = zstd_frame(data, at)[1]
            else:
                want(magic in (MAGIC_BLOCK, MAGIC_SEEK), f'a frame with the magic {magic:#x}')
                want(size <= MAX_BLOCK, f'a frame of {size} bytes')
                end = at + 8 + size
            want(end <= len(data), 'cut short in a frame')
            frames.append(Frame(at, magic, data[at:end]))
            at = end
    except Refused as error:
        return frames, f'at byte {at}: {error}'
    return frames, None


def open_block(frame, hashed):
    """Kind and map of a block."""
    data = frame.data
    want(len(data) >= 8 + 17 and data[8:12] == b'ESAR', 'not a block')
    want(struct.unpack('<Q', data[-8:])[0] == hashed, 'the hash of the block is wrong')
    kind, major, reserved = chr(data[12]), data[13], data[14:16]
    want(major == 1, f'major version {major}')
    want(reserved == b'\0\0', 'reserved bytes are not zero')
    want(kind in 'HCIE', f'unknown kind of block {kind!r}')
    decoder = Cbor(data[16:-8], strict=True)
    pairs = decoder.item()
    want(decoder.at == len(data) - 24, 'bytes behind the map')
    return kind, check_keys(kind, pairs)


def check_seek_table(table, frames):
    data = table.data
    count, descriptor, magic = struct.unpack('<IBI', data[-9:]) if len(data) >= 17 else (0, 0, 0)
    want(magic == MAGIC_TABLE and len(data) == 17 + 8 * count, 'not a seek table')
    want(descriptor == 0, 'the descriptor of the seek table is not zero')
    entries = [(len(frame.data), zstd_frame(frame.data, 0)[0] if frame.magic == MAGIC_ZSTD else 0)
               for frame in frames]
    want(list(struct.iter_unpack('<II', data[8:-9])) == entries, 'the seek table has other sizes')
    return f'{count} entries'


# Archives

def least_and_greatest(values):
    values = [value for value in values if value is not None]
    return [min(values), max(values)] if values else None


def total(chunks, key):
    return sum(chunk[key] for chunk in chunks)


class Archive:
    """One archive: its blocks as they come, `before` it the archives that it goes on from."""

    NEXT = {('START', 'H'): 'CHUNKS', ('CHUNKS', 'C'): 'PAYLOAD', ('PAYLOAD', 'P'): 'CHUNKS',
            ('CHUNKS', 'I'): 'INDEXED', ('CHUNKS', 'E'): 'ENDED', ('INDEXED', 'E'): 'ENDED',
            ('ENDED', 'S'): 'DONE'}

    def __init__(self, before):
        self.state, self.before = 'START', before
        self.frames, self.chunks, self.offsets, self.events = [], [], [], []
        self.last = before[-1].last if before else -1
        self.last_place = None      # of a repair archive: the last event, as $follows has it
        self.reach = before[-1].reach if before else -1     # -1: nothing is known to be there
        self.x128 = []      # (input, digest, what): checked together at the end

    def take(self, frame, hashed, of_frame):
        """Check one frame, and return what there is to say about it."""
        if frame.magic == MAGIC_BLOCK:
            kind, found = open_block(frame, hashed)
        else:
            kind, found = 'P' if frame.magic == MAGIC_ZSTD else 'S', of_frame
        want((self.state, kind) in self.NEXT, f'{kind} has no place in the state {self.state}')
        self.state = self.NEXT[self.state, kind]
        if kind == 'S':
            said = check_seek_table(frame, self.frames)
            self.check_digests()
        else:
            said = getattr(self, 'take_' + kind)(found, frame, of_frame)
        self.frames.append(frame)
        return kind, said or ', '.join(f'{key}={show(value)}' for key, value in found.items())

    def take_H(self, header, frame, of_frame):
        want(header['requires'] == ['fill'] * ('fill' in header) + ['salvaged'] * ('lost' in header),
             f'requires {header["requires"]}')
        want('origin' in header or 'fill' not in header, 'fill without origin')
        for name in ('range', 'source', 'packing'):
            if name in header:
                header[name] = check_keys(name, header[name])
        header['filters'] = check_filters(header['filters'])
        self.header, self.header_x64 = header, of_frame
        self.checks = in_range(header), passes(header['filters'])
        want(not self.before or not {'fill', 'lost'} & {*header, *self.before[-1].header},
             'a repair archive, or a salvaged one, beside another one')
        if self.before and (self.reach >= 0 or 'after' in header['range']):
            self.check_follows(self.before, header)
        zeroed = frame.data[16:-8].replace(header['id'].content, bytes(16), 1)
        found = bytearray(x128([zeroed])[0])
        found[6], found[8] = found[6] & 15 | 0x80, found[8] & 63 | 0x80
        note = 'reproducible' if found == header['id'].content else 'random'
        return f'{note} ' + ', '.join(f'{key}={show(value)}' for key, value in header.items())

    @staticmethod
    def check_follows(before, header):
        origins = {old.header['origin'] for old in before if 'origin' in old.header}
        want(origins <= {header.get('origin')}, 'archives of different origin')
        want(before[-1].header['filters'] == header['filters'], 'archives with different filters')
        want(header['range'].get('after', 2**64) <= before[-1].reach, 'a gap between archives')

    def take_C(self, chunk, frame, _):
        want(chunk['seq'] == len(self.chunks), f'chunk {chunk["seq"]} is not the next one')
        want(chunk['raw'] <= MAX_RAW and chunk['stored'] <= MAX_STORED, 'the chunk is too large')
        want(1 <= chunk['events'] <= MAX_EVENTS, 'number of events')
        want(chunk['last'] - chunk['first'] >= chunk['events'] - 1, 'no room for all the events')
        want(self.last < chunk['first'], 'positions do not rise')
        chain = self.chunks[-1]['chain'] if self.chunks else bytes(16)
        self.x128.append((chain + chunk['digest'], chunk['chain'],
                          f'chain of chunk {chunk["seq"]}'))
        self.offsets.append(frame.offset - (self.frames[0].offset if self.frames else 0))
        self.chunks.append(chunk)

    def take_P(self, _, frame, of_frame):
        chunk = self.chunks[-1]
        want(len(frame.data) == chunk['stored'], 'the payload is not as long as stored')
        want(of_frame == chunk['check'], 'the hash of the payload is wrong')
        want(zstd_frame(frame.data, 0)[0] == chunk['raw'], 'the content size is not raw')
        raw = decompress(frame.data)
        want(len(raw) == chunk['raw'], 'the payload is not raw bytes long')
        self.x128.append((raw, chunk['digest'], f'digest of chunk {chunk["seq"]}'))
        events = list({'jsonl': decode_jsonl, 'cbor': decode_cbor}[self.header['codec']](raw))
        for event in events:
            want(event['position'] > self.last, f'position {event["position"]} does not rise')
            try:
                for check_event in self.checks:
                    check_event(event)
                if 'fill' in self.header:
                    self.check_follows_hint(event)
            except Refused as error:
                raise Refused(f'event {event["position"]}: {error}') from None
            self.last = event['position']
            self.last_place = {key: event[key] for key in ('position', 'stream', 'version')}
        want(len(events) == chunk['events'], f'{len(events)} events')
        want((events[0]['position'], self.last) == (chunk['first'], chunk['last']), 'first or last')
        want(least_and_greatest(e.get('time') for e in events) == chunk.get('times'), 'times')
        self.events += events
        return f'{len(events)} events in {len(raw)} bytes'

    def check_follows_hint(self, event):
        """Which event is before it: the last one of the archive, or one behind that."""
        hints = event.get('attributes', {})
        want('$follows' in hints or '$refused' in hints, 'no $follows')
        if '$follows' not in hints:
            return
        before = json.loads(hints['$follows'])
        if before is None:
            want(not self.last_place, '$follows is null, and it is not the first')
            return
        want(list(before) in (['position'], ['position', 'stream', 'version']), '$follows has other keys')
        want(uint(before['position']) and before['position'] < event['position'], '$follows is not before it')
        if 'stream' in before:
            want(text(before['stream']) and uint(before['version']), '$follows has other types')
            want(before['position'] >= self.last, '$follows is before the last event')
            want(before['position'] > self.last or before == self.last_place, '$follows is another event')
        else:
            want(not self.last_place, '$follows names no event, and it is not the first')

    def take_I(self, index, *_):
        expected = [[offset, chunk['first'], chunk['last'], chunk['events'],
                     *chunk.get('times', [None, None]), chunk['raw'], chunk['stored']]
                    for offset, chunk in zip(self.offsets, self.chunks)]
        want(index['chunks'] == expected, 'the index differs from the chunks')

    def take_E(self, end, *_):
        types = collections.Counter(event['type'] for event in self.events)
        listed = sorted(list(types)[:MAX_TYPES], key=encode)
        bounds = [value for chunk in self.chunks for value in chunk.get('times', [])]
        expected = {
            'chunks': len(self.chunks), 'events': total(self.chunks, 'events'),
            'raw': total(self.chunks, 'raw'), 'stored': total(self.chunks, 'stored'),
            'first': self.chunks[0]['first'] if self.chunks else None,
            'last': self.chunks[-1]['last'] if self.chunks else None,
            'chain': self.chunks[-1]['chain'] if self.chunks else bytes(16),
            'times': least_and_greatest(bounds), 'header': self.header_x64,
            'streams': sum(event['version'] == 0 for event in self.events),
            'types': Pairs((type_, types[type_]) for type_ in listed),
            'types_more': len(self.events) - sum(types[type_] for type_ in listed)}
        for key, value in expected.items():
            want(end.get(key) == value, f'{key} is not that of the archive: {show(value)}')
        want(end['read'] == end['events'] + end['filtered'], 'read is not events + filtered')
        want(sum(chunk.get('filtered', 0) for chunk in self.chunks) <= end['filtered'],
             'more is filtered in the chunks than in all')
        want(end['filtered'] == 0 or self.header['filters'], 'filtered, but there are no filters')
        self.check_reached(end)

    def check_reached(self, end):
        copied = self.header['source'].get('kind') == 'archive'
        after_, upto = (self.header['range'].get(key, -1) for key in ('after', 'upto'))
        last, reached = end.get('last', -1), end.get('reached', -1)
        want(reached >= last, 'reached is before the last event')
        want(upto < 0 or reached <= upto, 'reached is outside of the range')
        if not copied:      # an archive may reach further than its own events
            want((reached >= 0) == (end['read'] > 0), 'reached and read do not go together')
            want(reached < 0 or reached > after_, 'reached is outside of the range')
            want(end['filtered'] or reached == last, 'reached is not the last event')
        self.reach = max(self.reach, reached if reached >= 0 else after_)

    def check_digests(self):
        header = self.header
        want(not self.events or 'origin' in header or 'lost' in header, 'origin is missing')
        whole = not ('after' in header['range'] or header['filters'] or {'fill', 'lost'} & {*header})
        if whole and self.events and header['source'].get('kind') != 'archive':
            self.x128.append((bare(self.events[0]), header['origin'], 'origin'))
        found = x128([data for data, _, _ in self.x128])
        for digest, (_, expected, what) in zip(found, self.x128):
            want(digest == expected, f'{what} is wrong')


def show(value):
    if isinstance(value, Tag):
        return f'{value.number}({show(value.content)})'
    return value.hex() if isinstance(value, bytes) else repr(value)


def check(data, listing):
    """The archives in `data`."""
    frames, fault = split(data)
    hashes = x64([frame.data[8:-8] for frame in frames] + [frame.data for frame in frames])
    blocks, whole = hashes[:len(frames)], hashes[len(frames):]
    archives = []
    for number, frame in enumerate(frames):
        if not archives or archives[-1].state == 'DONE':
            archives.append(Archive(list(archives)))
        try:
            kind, said = archives[-1].take(frame, blocks[number], whole[number])
        except Refused as error:
            raise Refused(f'frame {number} at byte {frame.offset}: {error}') from None
        listing(f'{frame.offset:>9} {kind} {len(frame.data):>8}  {said}')
    want(fault is None, fault)
    want(archives and archives[-1].state == 'DONE', 'cut short')
    return archives


def seek(path, number):
    """The decompressed bytes of chunk `number`, counted from 1, by the seek table alone."""
    with open(path, 'rb') as file:
        end = file.seek(-9, os.SEEK_END) + 9
        count, _, magic = struct.unpack('<IBI', file.read(9))
        want(magic == MAGIC_TABLE, 'there is no seek table')
        begin = file.seek(end - 9 - 8 * count)
        entries = list(struct.iter_unpack('<II', file.read(8 * count)))
        want(sum(entry[0] for entry in entries) == begin - 8, 'more than one archive')
        offset = 0
        for stored, raw in entries:
            number -= raw > 0
            if number == 0:
                file.seek(offset)
                return decompress(file.read(stored))
            offset += stored
    raise Refused('there are not so many chunks')


def do_archive(path, args, listing):
    if args.seek is not None:
        sys.stdout.buffer.write(seek(path, args.seek))
        return
    with open(path, 'rb') as file:
        archives = check(file.read(), listing)
    for archive in archives if args.events else ():
        for event in archive.events:
            sys.stdout.buffer.write(write_line(event).encode() + b'\n')
    listing(f'{path}: {sum(len(one.events) for one in archives)} events, all is well')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--events', action='store_true', help='print the events, no listing')
    parser.add_argument('--seek', type=int, metavar='N', help='print chunk N, from 1, and no more')
    parser.add_argument('archives', metavar='ARCHIVE', nargs='+')
    args, status = parser.parse_args(), 0
    listing = (lambda line: None) if args.events else print
    for path in args.archives:
        try:
            do_archive(path, args, listing)
        except (Refused, OSError) as error:
            sys.stdout.flush()
            print(f'{path}: {error}', file=sys.stderr, flush=True)
            status = 1
    sys.exit(status)


if __name__ == '__main__':
    sys.setrecursionlimit(6 * MAX_DEPTH)
    main()
