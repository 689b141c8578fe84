#!/usr/bin/env python3
"""Looks at streams of NATS JetStream, and changes them, without any of our code or libraries.

    nats.py [OPTION...] COMMAND ...

    --server URL[,URL...]       nats://[USER:PASSWORD@ or TOKEN@]HOST:PORT; the first that answers.
                                Without it, $ES_NATS_URL
    --ca FILE, --cert FILE, --key FILE, --nkey SEEDFILE, --domain DOMAIN, --timeout S [3]

    req SUBJECT [PAYLOAD]       a request; prints the payload of the reply
    pub SUBJECT [-H 'Key: value']... [-n] [DATA | --data-file F | --hex HEX]
                                prints the acknowledgement.  Headers go out as they are given;
                                --raw-header HEX is the whole block, its first line included.
                                -n asks for no acknowledgement
    pubs [--each]               publishes JSON Lines of standard input as dump prints them (only
                                subject, headers, and data or data_base64 count); prints how many.
                                --each waits for each acknowledgement before it sends the next one
    dump STREAM [--after SEQ] [--get] [--raw]
                                a line a message: {"seq", "subject", "headers": [[K, V], ...],
                                "time", "data" or "data_base64"}.  What is not UTF-8 in a header
                                is {"base64": ...}; one blank behind the colon is no part of the
                                value.  --get asks for each message by its number, for streams
                                that allow no other consumer; --raw adds the header block, in hex
    info STREAM, consumers STREAM (how many), make STREAM [JSON] (over the defaults), rm STREAM...,
    del STREAM SEQ, purge STREAM [JSON]
    makes                       makes a stream of each line of JSON of standard input
    ping                        success when JetStream answers
    http PORT PATH              what the monitor there says; /healthz fails while it is not well
    nkey SEEDFILE               makes the seed of a user, and prints the public key (by openssl)

A failure is status 1, and a message; with --wait S behind a command it is tried again until then.
"""
import argparse
import base64
import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse

BATCH = 1000
BATCH_BYTES = 16 << 20  # a server drops a client that has 64 MiB to read
WINDOW = 1000


class Failure(Exception):
    """What ends the program with a message."""


class NoConsumer(Exception):
    """No reply to the wish for a consumer."""


class Message:
    """A message of the wire; header is the block as it came, None without one."""
    __slots__ = ("subject", "reply", "header", "data")

    def __init__(self, subject, reply, header, data):
        self.subject, self.reply, self.header, self.data = subject, reply, header, data

    def status(self):
        """The number in the first line of headers that the server made, or ''."""
        if self.header is None or self.header[8:9] != b" ":
            return ""
        return self.header[9:12].decode()


def base32(prefix, data):
    """A key in the way of NATS: prefix, bytes, CRC-16 (XMODEM), in base 32."""
    data = prefix + data
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return base64.b32encode(data + crc.to_bytes(2, "little")).decode().rstrip("=")


def openssl(*words, stdin=b""):
    """What openssl prints."""
    return subprocess.run(["openssl", *words], input=stdin, stdout=subprocess.PIPE,
                          check=True).stdout


PKCS8 = bytes.fromhex("302e020100300506032b657004220420")  # what comes before an Ed25519 seed
USER = 20 << 3
SEED = bytes([(18 << 3) | (USER >> 5), (USER & 31) << 3])


def public_key(seed):
    """The name of a user: its public key."""
    der = openssl("pkey", "-inform", "DER", "-pubout", "-outform", "DER", stdin=PKCS8 + seed)
    return base32(bytes([USER]), der[-32:])


def read_seed(path):
    """The 32 bytes of a seed file."""
    with open(path, encoding="ascii") as file:
        text = file.read().strip()
    return base64.b32decode(text + "=" * (-len(text) % 8))[2:34]


def sign(seed, nonce):
    """A signature as CONNECT has it."""
    import tempfile  # pylint: disable=import-outside-toplevel # slow, and hardly ever needed
    with tempfile.NamedTemporaryFile() as key, tempfile.NamedTemporaryFile() as text:
        key.write(PKCS8 + seed)
        text.write(nonce)
        key.flush()
        text.flush()
        signature = openssl("pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", key.name,
                            "-in", text.name)
    return base64.urlsafe_b64encode(signature).decode().rstrip("=")


class Connection:
    """A connection to the first of some servers that takes it."""

    def __init__(self, options):
        self.timeout = options.timeout
        self.api = f"$JS.{options.domain}.API" if options.domain else "$JS.API"
        self.inbox = "_INBOX." + os.urandom(8).hex()
        self.asked = 0
        errors = []
        for url in options.server.split(","):
            try:
                url = url if "//" in url else "nats://" + url
                self.connect(urllib.parse.urlsplit(url), options)
                return
            except (OSError, Failure) as error:
                errors.append(f"{url.rpartition('@')[2]}: {error}")
        raise Failure("no server: " + "; ".join(errors))

    def connect(self, url, options):
        """Greets the server, and subscribes to all replies."""
        self.sock = socket.create_connection((url.hostname, url.port or 4222), self.timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Not a byte more than the line: what follows may be TLS.
        line = b""
        while not line.endswith(b"\n"):
            byte = self.sock.recv(1)
            if not byte:
                raise Failure("closed before INFO")
            line += byte
        info = json.loads(line.partition(b" ")[2])
        if info.get("tls_required") or options.ca:
            context = ssl.create_default_context(cafile=options.ca)
            if options.cert:
                context.load_cert_chain(options.cert, options.key)
            self.sock = context.wrap_socket(self.sock, server_hostname=url.hostname)
        hello = {"verbose": False, "pedantic": False, "headers": True, "no_responders": True,
                 "name": "nats.py", "lang": "python", "version": "1", "protocol": 1}
        if url.username is not None and url.password is not None:
            hello["user"] = urllib.parse.unquote(url.username)
            hello["pass"] = urllib.parse.unquote(url.password)
        elif url.username is not None:
            hello["auth_token"] = urllib.parse.unquote(url.username)
        if options.nkey:
            seed = read_seed(options.nkey)
            hello.update(nkey=public_key(seed), sig=sign(seed, info["nonce"].encode()))
        self.input = self.sock.makefile("rb", 1 << 18)
        self.send(b"CONNECT %s\r\nSUB %s.> 1\r\n"
                  % (json.dumps(hello).encode(), self.inbox.encode()))
        self.flush()

    def send(self, data):
        """Bytes to the server."""
        try:
            self.sock.sendall(data)
        except BrokenPipeError as error:
            raise Failure("the server closed the connection") from error

    def flush(self):
        """Waits until the server has seen all that was sent."""
        self.send(b"PING\r\n")
        while self.next() is not None:
            pass

    def next(self):
        """The next message; None for a PONG."""
        while True:
            line = self.input.readline()
            words = line.split()
            if not words:
                raise Failure("the server closed the connection")
            if words[0] in (b"MSG", b"HMSG"):
                total = int(words[-1])
                body = self.input.read(total + 2)
                if len(body) != total + 2:
                    raise Failure("the server closed the connection")
                at = int(words[-2]) if words[0] == b"HMSG" else 0
                reply = words[3] if len(words) - (words[0] == b"HMSG") == 5 else b""
                return Message(words[1].decode(), reply.decode(), body[:at] if at else None,
                               body[at:-2])
            if words[0] == b"PONG":
                return None
            if words[0] == b"PING":
                self.send(b"PONG\r\n")
            elif words[0] == b"-ERR":
                raise Failure("the server says " + line[5:].decode().strip())

    def publish(self, subject, reply, header, data):
        """Sends a message, without waiting."""
        to = os.fsencode(subject) + (b" " + reply.encode() if reply else b"")
        if header is None:
            self.send(b"PUB %s %d\r\n%s\r\n" % (to, len(data), data))
        else:
            self.send(b"HPUB %s %d %d\r\n%s%s\r\n"
                      % (to, len(header), len(header) + len(data), header, data))

    def request(self, subject, data=b"", header=None):
        """The reply's payload."""
        self.asked += 1
        reply = f"{self.inbox}.{self.asked}"
        self.publish(subject, reply, header, data)
        while True:
            message = self.next()
            if message and message.subject == reply:
                break
        if message.status() == "503":
            raise Failure("no responders to " + subject)
        return message.data

    def call(self, what, body=None):
        """A request to the API of JetStream; its reply, if that is no error."""
        payload = b"" if body is None else json.dumps(body).encode()
        reply = json.loads(self.request(f"{self.api}.{what}", payload))
        if "error" in reply:
            raise Failure(f"{what}: {reply['error'].get('description')} "
                          f"({reply['error'].get('err_code')})")
        return reply


def make_header(lines):
    """A block of lines as they are; None without any."""
    if not lines:
        return None
    return b"NATS/1.0\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def text_or_base64(data):
    """Bytes as they fit into JSON."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def bytes_of(value):
    """The other way round."""
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value.encode()


def split_header(block):
    """Names and values of a block, in order, and nothing put together or tidied up."""
    pairs = []
    for line in block.split(b"\r\n")[1:]:
        if line:
            name, _, value = line.partition(b":")
            pairs.append([text_or_base64(name),
                          text_or_base64(value[1:] if value[:1] == b" " else value)])
    return pairs


def make_time(nanoseconds):
    """RFC 3339 without zeros at the end of the fraction, as the server has it."""
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    tail = f".{fraction:09d}".rstrip("0") if fraction else ""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + tail + "Z"


def print_message(seq, subject, when, header, data, raw):
    """A line of dump."""
    line = {"seq": seq, "subject": subject, "headers": split_header(header or b""), "time": when}
    try:
        line["data"] = data.decode()
    except UnicodeDecodeError:
        line["data_base64"] = base64.b64encode(data).decode()
    if raw:
        line["raw_header"] = (header or b"").hex()
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


def do_req(nats, options):
    """req"""
    print(nats.request(options.subject, os.fsencode(options.payload)).decode())


def do_pub(nats, options):
    """pub"""
    header = make_header([os.fsencode(line) for line in options.header])
    if options.raw_header is not None:
        header = bytes.fromhex(options.raw_header)
    if options.data_file:
        with open(options.data_file, "rb") as file:
            data = file.read()
    elif options.hex is not None:
        data = bytes.fromhex(options.hex)
    else:
        data = os.fsencode(options.data)
    if options.no_ack:
        nats.publish(options.subject, "", header, data)
        nats.flush()
        return
    ack = nats.request(options.subject, data, header).decode()
    print(ack)
    if "error" in json.loads(ack):
        raise Failure(json.loads(ack)["error"].get("description"))


def do_pubs(nats, options):
    """pubs"""
    sent = acked = sent_bytes = 0

    def wait(until):
        nonlocal acked
        while acked < until:
            message = nats.next()
            if message is None:
                continue
            if message.status() == "503":
                raise Failure("no stream takes a message after " + str(acked))
            ack = json.loads(message.data)
            if "error" in ack:
                raise Failure(f"message {message.subject.rpartition('.')[2]}: "
                              f"{ack['error'].get('description')}")
            acked += 1

    for line in sys.stdin.buffer:
        message = json.loads(line)
        header = make_header([bytes_of(name) + b": " + bytes_of(value)
                              for name, value in message.get("headers", [])])
        if "data_base64" in message:
            data = base64.b64decode(message["data_base64"])
        else:
            data = message.get("data", "").encode()
        sent += 1
        sent_bytes += len(data)
        nats.publish(message["subject"], f"{nats.inbox}.{sent}", header, data)
        if options.each:
            wait(sent)
        elif sent - acked >= WINDOW or sent_bytes >= BATCH_BYTES:
            wait(sent - (WINDOW // 2 if sent_bytes < BATCH_BYTES else 0))
            sent_bytes = 0
    wait(sent)
    print(sent)


def dump_by_consumer(nats, stream, after, raw):
    """All messages, by an ephemeral consumer: thousands at a time."""
    config = {"deliver_policy": "all", "ack_policy": "none", "replay_policy": "instant",
              "inactive_threshold": 30_000_000_000, "mem_storage": True, "num_replicas": 1}
    if after:
        config.update(deliver_policy="by_start_sequence", opt_start_seq=after + 1)
    # A cluster may give it to a server that is dead, and then nobody answers.
    nats.sock.settimeout(min(2, nats.timeout))
    try:
        made = nats.call(f"CONSUMER.CREATE.{stream}", {"stream_name": stream, "config": config})
    except TimeoutError as error:
        raise NoConsumer from error
    nats.sock.settimeout(nats.timeout)
    ask = f"{nats.api}.CONSUMER.MSG.NEXT.{stream}.{made['name']}"
    pending, alone = made["num_pending"], False
    while pending:
        wanted = {"batch": 1 if alone else BATCH, "no_wait": True}
        if not alone:
            wanted["max_bytes"] = BATCH_BYTES
        nats.asked += 1
        inbox = f"{nats.inbox}.{nats.asked}"
        nats.publish(ask, inbox, None, json.dumps(wanted).encode())
        got = 0
        while pending and got < wanted["batch"]:
            message = nats.next()
            if message is None:
                continue
            if message.status():
                if message.subject != inbox:
                    continue  # the end of a request before
                if message.status() not in ("404", "408", "409"):
                    raise Failure("the consumer says " + message.header.decode().strip())
                if message.status() == "404":
                    pending = 0
                break
            # $JS.ACK.[DOMAIN.ACCOUNT.]STREAM.CONSUMER.DELIVERED.SEQ.SEQ.TIME.PENDING[.TOKEN]
            words = message.reply.split(".")
            if len(words) > 9:
                words = words[2:]
            print_message(int(words[5]), message.subject, make_time(int(words[7])), message.header,
                          message.data, raw)
            pending = int(words[8])
            got += 1
        # A message that is larger than a batch may be comes by itself.
        alone = got == 0
    nats.call(f"CONSUMER.DELETE.{stream}.{made['name']}")


def dump_by_number(nats, stream, after, raw):
    """All messages, one by one, requests ahead of replies."""
    state = nats.call("STREAM.INFO." + stream)["state"]
    first = max(state["first_seq"], after + 1)
    for start in range(first, state["last_seq"] + 1, 200):
        numbers = range(start, min(start + 200, state["last_seq"] + 1))
        for seq in numbers:
            nats.publish(f"{nats.api}.STREAM.MSG.GET.{stream}", f"{nats.inbox}.get.{seq}", None,
                         b'{"seq":%d}' % seq)
        replies = {}
        while len(replies) < len(numbers):
            message = nats.next()
            if message is not None and ".get." in message.subject:
                replies[int(message.subject.rpartition(".")[2])] = message
        for seq in numbers:
            reply = json.loads(replies[seq].data) if replies[seq].data else {}
            if "message" in reply:
                got = reply["message"]
                print_message(seq, got["subject"], got["time"],
                              base64.b64decode(got.get("hdrs", "")),
                              base64.b64decode(got.get("data", "")), raw)
            elif reply.get("error", {}).get("code") != 404:
                raise Failure(f"message {seq}: {reply.get('error', 'no reply')}")


def do_dump(nats, options):
    """dump"""
    how = options.stream, options.after, options.raw
    if not options.get:
        try:
            dump_by_consumer(nats, *how)
            return
        except NoConsumer:
            nats = Connection(options)
    dump_by_number(nats, *how)


def do_info(nats, options):
    """info"""
    print(json.dumps(nats.call("STREAM.INFO." + options.stream)))


def do_consumers(nats, options):
    """consumers"""
    print(nats.call("STREAM.INFO." + options.stream)["state"]["consumer_count"])


def make_stream(nats, name, settings):
    """With the defaults where nothing else is said."""
    config = {"name": name, "subjects": [name + ".>"], "retention": "limits", "storage": "file",
              "discard": "new", "num_replicas": 1}
    config.update(settings)
    nats.call("STREAM.CREATE." + name, config)


def do_make(nats, options):
    """make"""
    make_stream(nats, options.stream, json.loads(options.json))


def do_makes(nats, _):
    """makes"""
    for line in sys.stdin:
        settings = json.loads(line)
        make_stream(nats, settings["name"], settings)


def do_rm(nats, options):
    """rm"""
    for stream in options.streams:
        nats.call("STREAM.DELETE." + stream)


def do_del(nats, options):
    """del"""
    nats.call("STREAM.MSG.DELETE." + options.stream, {"seq": options.seq})


def do_purge(nats, options):
    """purge"""
    nats.call("STREAM.PURGE." + options.stream, json.loads(options.json))


def do_ping(nats, _):
    """ping"""
    nats.call("INFO")


def do_http(options):
    """http"""
    with socket.create_connection(("127.0.0.1", options.port), options.timeout) as sock:
        sock.sendall(b"GET %s HTTP/1.0\r\n\r\n" % os.fsencode(options.path))
        reply = b"".join(iter(lambda: sock.recv(1 << 16), b""))
    body = reply.partition(b"\r\n\r\n")[2].decode()
    if reply.split()[1:2] != [b"200"]:
        raise Failure(body)
    print(body)


def do_nkey(options):
    """nkey"""
    seed = os.urandom(32)
    with open(options.seed_file, "w", encoding="ascii") as file:
        file.write(base32(SEED, seed) + "\n")
    print(public_key(seed))


def commands():
    """The parsers of what comes behind each command's name."""
    parsers = {}

    def command(name, *words):
        new = parsers[name] = argparse.ArgumentParser(prog="nats.py " + name)
        for word in words:
            new.add_argument(word)
        new.add_argument("--wait", type=float, default=0)
        return new

    command("req", "subject").add_argument("payload", nargs="?", default="")
    pub = command("pub", "subject")
    pub.add_argument("-H", dest="header", action="append", default=[])
    pub.add_argument("-n", dest="no_ack", action="store_true")
    pub.add_argument("data", nargs="?", default="")
    for name in ("--data-file", "--hex", "--raw-header"):
        pub.add_argument(name)
    command("pubs").add_argument("--each", action="store_true")
    command("makes")
    dump = command("dump", "stream")
    dump.add_argument("--after", type=int, default=0)
    dump.add_argument("--get", action="store_true")
    dump.add_argument("--raw", action="store_true")
    for name in ("info", "consumers"):
        command(name, "stream")
    command("rm").add_argument("streams", nargs="+")
    for name in ("make", "purge"):
        command(name, "stream").add_argument("json", nargs="?", default="{}")
    command("del", "stream").add_argument("seq", type=int)
    command("ping")
    command("http", "port", "path")
    command("nkey", "seed_file")
    return parsers


def parse():
    """Options, the command, and its words and options in any order."""
    parsers = commands()
    parser = argparse.ArgumentParser(prog="nats.py", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=os.environ.get("ES_NATS_URL", "nats://127.0.0.1:4222"))
    for name in ("--ca", "--cert", "--key", "--nkey", "--domain"):
        parser.add_argument(name)
    parser.add_argument("--timeout", type=float, default=3)
    parser.add_argument("command", choices=parsers, metavar="COMMAND")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="...")
    options = parser.parse_args()
    return parsers[options.command].parse_intermixed_args(options.rest, options)


def run(options):
    """The command, once."""
    function = globals()["do_" + options.command]
    try:
        if options.command in ("http", "nkey"):
            function(options)
        else:
            function(Connection(options), options)
    except TimeoutError as error:
        raise Failure(f"no reply in {options.timeout:g} s") from error
    except BrokenPipeError:
        raise  # that of standard output
    except (OSError, subprocess.SubprocessError) as error:
        raise Failure(str(error)) from error


def main():
    """The command, again and again where it is to wait."""
    options = parse()
    until = time.monotonic() + options.wait
    sys.stdout.reconfigure(encoding="utf-8")
    while True:
        try:
            run(options)
            sys.stdout.flush()
            return 0
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            return 1
        except Failure as failure:
            if time.monotonic() >= until:
                sys.stdout.flush()
                print(f"nats.py: {failure}", file=sys.stderr)
                return 1
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
