"""Events of an archive, decoded and encoded as spec/FORMAT.md says: for check_archive.py.

`decode_jsonl` and `decode_cbor` read by the rules for readers, encode again, and compare: so an
event is accepted only as a writer writes it.  An event is a dict of the fields that are there;
`time` is an int, `attributes` a dict of JSON texts, payloads are `Payload`.
"""
import base64
import collections
import datetime
import json
import re
import struct
import sys

MAX_DEPTH = 16384

Tag = collections.namedtuple('Tag', 'number content')
Payload = collections.namedtuple('Payload', 'kind data')


class Refused(Exception):
    """What is wrong with the archive."""


def want(condition, message):
    if not condition:
        raise Refused(message)


# CBOR

class Pairs(list):
    """A CBOR map: its keys and values, in order."""


class Cbor:
    """Decode items; `strict` asks for the deterministic encoding of RFC 8949 section 4.2.1."""

    BREAK = object()

    def __init__(self, data, strict=False, begin=0):
        self.data, self.strict, self.at = data, strict, begin

    def take(self, count):
        want(len(self.data) - self.at >= count, f'CBOR ends early, at byte {self.at}')
        self.at += count
        return self.data[self.at - count:self.at]

    def head(self):
        """Major type, additional information, and argument (None: indefinite length)."""
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if info < 24:
            return major, info, info
        if info == 31:
            want(major in (2, 3, 4, 5, 7), f'CBOR head {first:#x} is not well-formed')
            want(not self.strict, 'CBOR of indefinite length')
            return major, info, None
        want(info < 28, f'CBOR head {first:#x} is reserved')
        value = int.from_bytes(self.take(1 << (info - 24)), 'big')
        least = 32 if major == 7 else {24: 24, 25: 2**8, 26: 2**16, 27: 2**32}[info]
        want(major == 7 and info > 24 or value >= least or not (self.strict or major == 7),
             f'CBOR head is longer than needed, before byte {self.at}')
        return major, info, value

    def item(self, depth=0, in_indefinite=False):
        major, info, value = self.head()
        want(depth < MAX_DEPTH or major not in (4, 5, 6), 'CBOR is nested too deep')
        if major == 0:
            return value
        if major == 1:
            return -1 - value
        if major in (2, 3):
            return self.string(major, value)
        if major == 4:
            return self.array(value, depth)
        if major == 5:
            return self.map(value, depth)
        if major == 6:
            return Tag(value, self.item(depth + 1))
        if value is None:
            want(in_indefinite, 'CBOR break out of place')
            return self.BREAK
        if info > 24:
            form = '>' + ' efd'[info - 24]
            return struct.unpack(form, value.to_bytes(struct.calcsize(form), 'big'))[0]
        return {20: False, 21: True, 22: None}.get(value, Tag('simple', value))

    def string(self, major, length):
        parts = []
        while length is None:
            begin = self.at
            if self.take(1) == b'\xff':
                return (str if major == 3 else bytes)().join(parts)
            self.at = begin
            part = self.head()
            want(part[0] == major and part[2] is not None, 'CBOR string with a wrong part')
            parts.append(self.string(major, part[2]))
        data = self.take(length)
        return utf8(data) if major == 3 else data

    def array(self, count, depth):
        items = []
        while count is None or len(items) < count:
            item = self.item(depth + 1, count is None)
            if item is self.BREAK:
                break
            items.append(item)
        return items

    def map(self, count, depth):
        pairs, last = Pairs(), b''
        while count is None or len(pairs) < count:
            begin = self.at
            key = self.item(depth + 1, count is None)
            if key is self.BREAK:
                break
            encoded = self.data[begin:self.at]
            want(not self.strict or encoded > last, f'map key {key!r} is out of order')
            last = encoded
            pairs.append((key, self.item(depth + 1)))
        return pairs


def fields_of(pairs, what):
    """The dict of a map with text keys, none of which comes twice."""
    want(isinstance(pairs, Pairs), f'{what} is no map')
    for key, _ in pairs:
        want(isinstance(key, str), f'{what} has a key that is no text')
    found = dict(pairs)
    want(len(found) == len(pairs), f'{what} has a key twice')
    return found


def is_cbor(data):
    decoder = Cbor(data)
    try:
        decoder.item()
    except Refused:
        return False
    return decoder.at == len(data)


def encode_head(major, value):
    if value < 24:
        return bytes([major << 5 | value])
    info = 24 + sum(value >= limit for limit in (2**8, 2**16, 2**32))
    return bytes([major << 5 | info]) + value.to_bytes(1 << (info - 24), 'big')


def encode(value):
    if isinstance(value, int):
        return encode_head(0, value)
    if isinstance(value, Tag):
        return encode_head(6, value.number) + encode(value.content)
    if isinstance(value, bytes):
        return encode_head(2, len(value)) + value
    if isinstance(value, str):
        return encode_head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return encode_head(4, len(value)) + b''.join(map(encode, value))
    return encode_head(5, len(value)) + b''.join(encode(k) + encode(v) for k, v in value.items())


# Types of values

def uint(value):
    return type(value) is int and 0 <= value < 2**64


def text(value):
    return type(value) is str


def texts(value):
    return type(value) is list and all(map(text, value))


def bytes16(value):
    return type(value) is bytes and len(value) == 16



# JSON

TOKEN = re.compile(r'[ \t\n\r]+|(?P<sign>[][{}:,])|(?P<value>'
                   r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*"'
                   r'|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null)')


def utf8(data):
    try:
        return data.decode('utf-8')
    except UnicodeDecodeError as error:
        raise Refused(f'text is not UTF-8: {error}') from None


def tokens(text, depth=MAX_DEPTH):
    """The tokens of one JSON text; refused where it is not JSON."""
    found, stack, expected, at = [], [], 'v', 0
    while at < len(text):
        match = TOKEN.match(text, at)
        want(match, f'not JSON at character {at}: {text[at:at + 20]!r}')
        at = match.end()
        token = match['sign'] or match['value']
        if token is None:
            continue
        expected = after(token, expected, stack)
        want(expected, f'not JSON: {token[:20]} before character {at}')
        want(len(stack) <= depth, 'JSON is nested too deep')
        found.append(token)
    want(expected == 'e' and not stack, 'not JSON: it ends early')
    return found


def after(token, expected, stack):
    """What may follow: v value, V value or ], k key, K key or }, c colon, e end or comma."""
    if token in '[{' and expected in 'vV':
        stack.append(token)
        return 'V' if token == '[' else 'K'
    if token in ']}' and expected in ('e', 'V' if token == ']' else 'K'):
        return 'e' if stack and stack.pop() + token in ('[]', '{}') else None
    if token == ':':
        return 'v' if expected == 'c' else None
    if token == ',':
        return ('v' if stack[-1] == '[' else 'k') if expected == 'e' and stack else None
    if expected in 'kK':
        return 'c' if token[0] == '"' else None
    return 'e' if expected in 'vV' and token not in '[]{}' else None


def compact(text):
    return ''.join(tokens(text))


def members(text, depth=MAX_DEPTH):
    """Names and texts of the values of an object, in order."""
    tokens(text, depth)
    found, level, key, begin = [], 0, None, 0
    for match in TOKEN.finditer(text):
        token = match.group()
        if level == 1 and token in (',', '}') and key is not None:
            found.append((key, text[begin:match.start()].strip(' \t\n\r')))
            key = None
        if level == 1 and key is None and token[0] == '"':
            key = json.loads(token)
        elif level == 1 and token == ':':
            begin = match.end()
        level += (token in '[{') - (token in ']}') if len(token) == 1 else 0
    want(text.strip(' \t\n\r')[0] == '{', 'not an object')
    want(len({name for name, _ in found}) == len(found), 'a key comes twice')
    return found


def string(text, what):
    want(text[0] == '"', f'{what} is no string')
    value = json.loads(text)
    want(not re.search('[\ud800-\udfff]', value), f'{what} holds a lone surrogate')
    return value


def quoted(text):
    short = {'"': '\\"', '\\': '\\\\', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r',
             '\t': '\\t'}
    return '"' + re.sub(r'[\x00-\x1f"\\]',
                        lambda m: short.get(m[0], f'\\u{ord(m[0]):04x}'), text) + '"'


LONE = re.compile(r'(\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\[^u])|\\u[dD][89a-fA-F]..')


def readable(text):
    """What stands beside the exact text of each payload: compact, with U+FFFD for surrogates."""
    return LONE.sub(lambda match: match[1] or '\\ufffd', compact(text))


def meaning(text):
    """A text that is the same for JSON texts that mean the same."""
    stack = [[]]
    for token in tokens(text):
        if token in ('[', '{'):
            stack.append([])
        elif token == ']':
            items = stack.pop()
            stack[-1].append('[' + ','.join(items) + ']')
        elif token == '}':
            items = stack.pop()
            last = dict(zip(items[::2], items[1::2]))
            stack[-1].append('{' + ','.join(k + ':' + last[k] for k in sorted(last)) + '}')
        elif token[0] == '"':
            stack[-1].append(quoted(re.sub('[\ud800-\udfff]', '\ufffd', json.loads(token))))
        elif token[0] in '-0123456789':
            largest = sys.float_info.max
            stack[-1].append(repr(min(max(float(token), -largest), largest) + 0.0))
        elif token not in (':', ','):
            stack[-1].append(token)
    return stack[0][0]


# Times

TIME = re.compile(r'(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?'
                  r'([Zz]|([-+])(\d\d):(\d\d))?', re.ASCII)
EPOCH = datetime.date(1970, 1, 1).toordinal()


def parse_time(text):
    match = TIME.fullmatch(text)
    want(match, f'not a time: {text}')
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    fraction = (match[7] or '').ljust(9, '0')
    hours, minutes = int(match[10] or 0), int(match[11] or 0)
    try:
        days = datetime.date(year, month, day).toordinal() - EPOCH
    except ValueError:
        raise Refused(f'no such day: {text}') from None
    want(max(hour, hours) < 24 and max(minute, minutes, second) < 60, f'no such time: {text}')
    want(not fraction[9:].strip('0'), f'finer than nanoseconds: {text}')
    offset = (hours * 60 + minutes) * (-1 if match[9] == '-' else 1)
    seconds = days * 86400 + (hour * 60 + minute - offset) * 60 + second
    time = seconds * 10**9 + int(fraction[:9])
    want(abs(time) < 2**63, f'time outside the range: {text}')
    return time


def print_time(time):
    seconds, nanoseconds = divmod(time, 10**9)
    days, seconds = divmod(seconds, 86400)
    fraction = f'.{nanoseconds:09}'.rstrip('0').rstrip('.')
    return (f'{datetime.date.fromordinal(EPOCH + days)}T{seconds // 3600:02}:'
            f'{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}Z')


# Events

FIELDS = ('position', 'stream', 'version', 'id', 'type', 'time', 'correlation_id', 'causation_id',
          'content_type', 'tags', 'attributes', 'metadata', 'data')
NUMBERS, PAYLOADS = ('position', 'version'), ('metadata', 'data')
IDS = ('id', 'correlation_id', 'causation_id')
UUID = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')


def finish_event(event):
    """What both codecs ask for, and the kind of bytes."""
    for key in ('position', 'stream', 'version', 'type'):
        want(key in event, f'{key} is missing')
    for key in NUMBERS:
        want(event[key] <= 2**64 - 2, f'{key} is too large')
    if not event.get('attributes', True):
        del event['attributes']
    if 'data' in event and event['data'].kind != 'JSON':
        content_type, data = event.get('content_type', ''), event['data'].data
        named = content_type == 'application/cbor' or re.fullmatch('.+[+]cbor', content_type, re.S)
        event['data'] = Payload('CBOR' if named and is_cbor(data) else 'bytes', data)
    return {key: event[key] for key in FIELDS if key in event}


def read_base64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused('wrong base64') from None
    want(base64.b64encode(data).decode() == text, 'base64 is not in its one form')
    return data


def read_payload(found, key):
    """The payload X of the keys X, X_base64 and X_text."""
    value, coded, exact = (found.pop(key + end, None) for end in ('', '_base64', '_text'))
    if coded is not None:
        want(value is None and exact is None, f'{key} is there in two ways')
        return Payload('bytes', read_base64(string(coded, key)))
    if exact is not None:
        exact = string(exact, key)
        tokens(exact)
        want(value is None or meaning(value) == meaning(exact), f'{key}_text means something else')
        value = exact
    return value and Payload('JSON', value.encode())


def read_line(line):
    found = dict(members(line, MAX_DEPTH + 1))
    want('kind' not in found, 'object of an unknown kind')
    event = {key: read_payload(found, key) for key in PAYLOADS}
    event = {key: value for key, value in event.items() if value is not None}
    for key, text in found.items():
        want(key in FIELDS, f'unknown key {key}')
        if key in NUMBERS:
            want(re.fullmatch('0|[1-9][0-9]{0,19}', text), f'{key} is no number: {text[:30]}')
            event[key] = int(text)
        elif key == 'tags':
            parts = tokens(text)
            want(parts[0] == '[', 'tags is no array')
            event[key] = [string(part, 'tag') for part in parts[1:-1] if part != ',']
        elif key == 'attributes':
            pairs = members(text)
            event[key] = {string(quoted(k), 'name'): compact(v) for k, v in pairs}
        else:
            event[key] = string(text, key)
            if key == 'time':
                event[key] = parse_time(event[key])
    return finish_event(event)


def write_line(event, all_exact=False):
    parts = []
    for key, value in event.items():
        if key in NUMBERS:
            parts.append(f'"{key}":{value}')
        elif key == 'tags':
            parts.append('"tags":[' + ','.join(map(quoted, value)) + ']')
        elif key == 'attributes':
            pairs = (quoted(name) + ':' + value[name] for name in value)
            parts.append('"attributes":{' + ','.join(pairs) + '}')
        elif key not in PAYLOADS:
            parts.append(f'"{key}":' + quoted(print_time(value) if key == 'time' else value))
        elif value.kind != 'JSON':
            parts.append(f'"{key}_base64":"{base64.b64encode(value.data).decode()}"')
        else:
            text = value.data.decode()
            held = not re.search('[\n\r]', text) and text == text.strip(' \t')
            value = readable(text) if all_exact else text if held else compact(text)
            parts.append(f'"{key}":' + value)
            if all_exact or not held:
                parts.append(f'"{key}_text":' + quoted(text))
    return '{' + ','.join(parts) + '}'


def decode_jsonl(raw):
    want(raw.endswith(b'\n'), 'the last line has no end')
    for number, line in enumerate(utf8(raw)[:-1].split('\n'), 1):
        try:
            want(line, 'empty line')
            event = read_line(line)
            want(line in (write_line(event), write_line(event, True)), 'not as a writer writes it')
        except Refused as error:
            raise Refused(f'line {number}: {error}') from None
        yield event


def read_json(value, what, depth=MAX_DEPTH):
    want(isinstance(value, Tag) and value.number == 262 and type(value.content) is bytes,
         f'{what} is not JSON in tag 262')
    tokens(utf8(value.content), depth)
    return value.content


def read_item(key, value):
    tag, content = value if isinstance(value, Tag) else (None, value)
    if key in PAYLOADS:
        if tag is None and type(value) is bytes:
            return Payload('bytes', value)
        if tag == 24 and key == 'data' and type(content) is bytes:
            want(is_cbor(content), 'data is not CBOR behind tag 24')
            return Payload('bytes', content)
        return Payload('JSON', read_json(value, key))
    if key in NUMBERS:
        want(uint(value), f'{key} is no uint')
    elif key == 'tags':
        want(texts(value), 'tags is no array of text')
    elif key == 'attributes':
        found = fields_of(value, 'attributes')
        return {name: read_json(found[name], name, MAX_DEPTH - 1).decode() for name in found}
    elif key == 'time':
        want(tag == 0 and type(content) is str, 'time is not text in tag 0')
        return parse_time(content)
    elif key in IDS and tag == 37:
        want(bytes16(content), f'{key} is no UUID')
        return re.sub('(.{8})(.{4})(.{4})(.{4})', r'\1-\2-\3-\4-', content.hex())
    else:
        want(type(value) is str, f'{key} is no text')
    return value


def write_item(event):
    found = {}
    for key, value in event.items():
        if key in IDS and UUID.fullmatch(value):
            value = Tag(37, bytes.fromhex(value.replace('-', '')))
        elif key == 'time':
            value = Tag(0, print_time(value))
        elif key == 'attributes':
            value = {name: Tag(262, text.encode()) for name, text in value.items()}
        elif key in PAYLOADS:
            tag = {'JSON': 262, 'CBOR': 24}.get(value.kind)
            value = Tag(tag, value.data) if tag else value.data
        found[key] = value
    return encode(found)


def bare(event):
    """What the digest of an event is made of: without hints, attributes by name."""
    kept = {name: text for name, text in event.get('attributes', {}).items() if name[:1] != '$'}
    fields = {key: value for key, value in event.items() if key != 'attributes'}
    if kept:
        fields['attributes'] = {name: kept[name] for name in sorted(kept, key=str.encode)}
    return write_item({key: fields[key] for key in FIELDS if key in fields})


def decode_cbor(raw):
    decoder, number = Cbor(raw), 0
    while decoder.at < len(raw):
        number, begin = number + 1, decoder.at
        try:
            found = fields_of(decoder.item(), 'event')
            want('kind' not in found, 'item of an unknown kind')
            for key in found:
                want(key in FIELDS, f'unknown key {key}')
            event = finish_event({key: read_item(key, found[key]) for key in found})
            want(raw[begin:decoder.at] == write_item(event), 'not as a writer writes it')
        except Refused as error:
            raise Refused(f'item {number}: {error}') from None
        yield event
