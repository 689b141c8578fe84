#!/usr/bin/env python3
"""Stands between a program and its server, and makes a bad network of it, or a server that lies.

    tcp_proxy.py [--until PID] [--change FROM TO]... LISTEN_PORT TARGET_PORT

Both ports are of 127.0.0.1; for LISTEN_PORT 0 the system chooses one.  The first line of standard
output is the port, when connections are taken; each signal adds a line when all is done:

    SIGUSR1     cut N           N connections ended by a reset
    SIGUSR2     refusing N      as before, and no new ones are taken; again: `taking`
    SIGHUP      frozen          connections stay and new ones are taken, and not a byte passes;
                                again: `flowing`

With --until the proxy ends with that process.  With --change the program gets TO where the server
says FROM in one piece; both as in a bytes literal of Python, `\\x00\\xff`.
"""
import argparse
import asyncio
import os
import signal
import socket
import struct


class Proxy:
    """All connections, and what is wrong with them now."""

    def __init__(self, target, changes):
        self.target = target
        self.changes = changes  # pairs of bytes: what is said, and what is heard
        self.connections = []  # of each, the ends: that of the program, that of the server
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.server = None
        self.port = 0
        # One signal at a time: a line comes when its work is done.
        self.lock = asyncio.Lock()

    async def listen(self, port):
        """Takes connections."""
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def pump(self, reader, writer, changes=()):
        """One direction; an end is passed on."""
        while data := await reader.read(1 << 16):
            for said, heard in changes:
                data = data.replace(said, heard)
            await self.flowing.wait()
            writer.write(data)
            await writer.drain()
        await self.flowing.wait()
        writer.write_eof()

    async def serve(self, reader, writer):
        """One connection."""
        ends = [writer]
        self.connections.append(ends)
        try:
            await self.flowing.wait()
            from_target, to_target = await asyncio.open_connection("127.0.0.1", self.target)
            ends.append(to_target)
            if ends not in self.connections:
                reset(to_target)
            await asyncio.gather(self.pump(reader, to_target),
                                 self.pump(from_target, writer, self.changes))
        except (OSError, RuntimeError):
            reset(*ends)  # what ends in disorder on one side does so on the other, too
        finally:
            for end in ends:
                end.close()
            if ends in self.connections:
                self.connections.remove(ends)

    async def cut(self):
        """Ends all connections; how many there were."""
        cut, self.connections = self.connections, []
        for ends in cut:
            reset(*ends)
        await asyncio.sleep(0)  # sockets are closed in the next round of the loop
        return len(cut)

    async def refuse(self):
        """Stops to listen, or listens again."""
        if self.server:
            self.server.close()
            self.server = None
            return f"refusing {await self.cut()}"
        await self.listen(self.port)
        return "taking"

    async def freeze(self):
        """Lets nothing pass, or all again."""
        if self.flowing.is_set():
            self.flowing.clear()
            return "frozen"
        self.flowing.set()
        return "flowing"

    async def say_cut(self):
        """Cuts."""
        return f"cut {await self.cut()}"

    async def obey(self, what):
        """The work of a signal, and its line."""
        async with self.lock:
            print(await what(), flush=True)


def literal(text):
    """The bytes of a literal."""
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")


def reset(*ends):
    """Ends connections the hard way: what is on its way is lost, and the peer gets a reset."""
    for end in ends:
        sock = end.get_extra_info("socket")
        if sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.transport.abort()


async def run(options):
    """Until the end of the process that was named, or a signal."""
    loop, proxy, tasks = asyncio.get_running_loop(), Proxy(options.target, options.change), set()
    done = asyncio.Event()

    def on(number, what):
        def start():
            task = loop.create_task(proxy.obey(what))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        loop.add_signal_handler(number, start)

    on(signal.SIGUSR1, proxy.say_cut)
    on(signal.SIGUSR2, proxy.refuse)
    on(signal.SIGHUP, proxy.freeze)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, done.set)
    if options.until:
        loop.add_reader(os.pidfd_open(options.until), done.set)
    await proxy.listen(options.listen)
    print(proxy.port, flush=True)
    await done.wait()
    await proxy.cut()


def main():
    """Options."""
    parser = argparse.ArgumentParser(usage=__doc__, add_help=False)
    parser.add_argument("--until", type=int)
    parser.add_argument("--change", nargs=2, type=literal, action="append", default=[])
    parser.add_argument("listen", type=int)
    parser.add_argument("target", type=int)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
