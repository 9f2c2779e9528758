#!/usr/bin/env python3
# ordo: echo: the echo server of the benchmark on CPython's asyncio, or on uvloop, as a protocol.
# SPDX-License-Identifier: BSL-1.0
"""Prints `ready` when it listens on this port of 127.0.0.1, and serves until it is killed.

    echo.py (asyncio|uvloop) PORT
"""
import asyncio
import resource
import sys

sys.dont_write_bytecode = True

import common


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


async def serve(port):
    server = await asyncio.get_running_loop().create_server(Echo, '127.0.0.1', port, backlog=4096)
    print('ready', flush=True)
    await server.serve_forever()


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ('asyncio', 'uvloop'):
        print(__doc__, file=sys.stderr)
        return 3
    try:
        common.use(sys.argv[1])
    except ImportError as error:
        print(f'echo.py: {error}', file=sys.stderr)
        return 3
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # ten thousand connections need more than the usual
    common.run(serve(int(sys.argv[2])))


if __name__ == '__main__':
    sys.exit(main())
