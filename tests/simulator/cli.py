# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import socket
import ssl
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from .controls import Controls
from .data import load
from .quota import WINDOWS
from .server import Pace, Server
from .service import Service, Throttling
from .shapes import BadData

_DESCRIPTION = """\
Answers QueryChatappPhoneNumbers and ListInstance on 127.0.0.1 as the service does: it verifies signatures, counts
the quota of each account and operation, and refuses with the platform's errors. The first line on standard output is its URL.
It ends on SIGTERM and Ctrl-C, and reads the data file anew on SIGHUP. README.md beside it describes the data file,
the log, the controls and the faults."""


def _number(least: float, kind: type = int):
    def convert(text: str):
        try:
            value = kind(text)
        except ValueError:
            value = None
        # The comparison is false for NaN as well.
        if value is None or not least <= value < 1e9:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least} on")
        return value

    return convert


def _qps(text: str) -> int | None:
    return None if text == "unlimited" else _number(1)(text)


def _header(text: str) -> str:
    if not text.isprintable() or not text.isascii():
        raise argparse.ArgumentTypeError("a header takes printable ASCII only")
    return text


class _Parser(argparse.ArgumentParser):
    def error(self, message: str):
        """One sentence, as for every other bad input, without the usage in front."""
        self.exit(2, f"{self.prog}: {message}.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python3 tests/simulator", description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help="accounts and faults, YAML")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--log", type=Path, metavar="FILE", help="appends a JSON line for each request")
    quota = parser.add_argument_group("quota")
    quota.add_argument(
        "--qps",
        type=_qps,
        default=10,
        metavar="N",
        help="calls a second for each operation of an account that names no qps of its own, or: unlimited (default: 10)",
    )
    quota.add_argument(
        "--window",
        choices=WINDOWS,
        default="sliding",
        help="any stretch of one second, or from whole second to whole second (default: sliding)",
    )
    quota.add_argument(
        "--throttling-code", default="Throttling.User", metavar="CODE", help="Code of a refusal (default: %(default)s)"
    )
    quota.add_argument(
        "--throttling-status", type=_number(200), default=400, metavar="N", help="its HTTP status (default: 400)"
    )
    quota.add_argument(
        "--retry-after", type=_header, metavar="TEXT", help="its header x-acs-retry-after, as given (default: none)"
    )
    pace = parser.add_argument_group("pace and clock")
    pace.add_argument("--latency-ms", type=_number(0, float), default=0, metavar="N", help="delays each answer")
    pace.add_argument(
        "--connect-ms", type=_number(0, float), default=0, metavar="N", help="delays each TLS handshake; needs --cert"
    )
    pace.add_argument(
        "--clock-offset", type=_number(-1e9, float), default=0, metavar="SECONDS", help="how far its clock is ahead"
    )
    tls = parser.add_argument_group("TLS")
    tls.add_argument("--cert", type=Path, metavar="FILE", help="certificate chain, PEM")
    tls.add_argument("--key", type=Path, metavar="FILE", help="its private key, PEM")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the simulator until a signal ends it; 2 for a command line or a data file that cannot be used."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if bool(options.cert) != bool(options.key):
        parser.error("--cert and --key go together: give both or neither")
    if options.connect_ms and not options.cert:
        parser.error("--connect-ms delays the TLS handshake, and without --cert there is none")
    try:
        with contextlib.ExitStack() as stack:
            service = _service(options)
            controls = Controls(service, options.data)
            tls = _tls(options.cert, options.key) if options.cert else None
            log = stack.enter_context(_log(options.log)) if options.log else None
            listener = stack.enter_context(_listener(options.port))
            server = Server(service, controls, Pace(options.latency_ms / 1000, options.connect_ms / 1000), tls, log)
            url = f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
            asyncio.run(_until_signal(server, controls, listener, url))
    except BadData as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    return 0


def _service(options: argparse.Namespace) -> Service:
    throttling = Throttling(
        WINDOWS[options.window](),
        options.qps,
        options.throttling_code,
        options.throttling_status,
        options.retry_after,
    )
    return Service(load(options.data), throttling, now=lambda: time.time() + options.clock_offset)


def _tls(cert: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(cert, key)
    except OSError as error:
        raise BadData(f"--cert {cert} and --key {key} cannot be used: {error.strerror or error}.") from None
    return context


def _log(path: Path) -> TextIO:
    try:
        return path.open("a", encoding="utf-8")
    except OSError as error:
        raise BadData(f"--log {path} cannot be written: {error.strerror}.") from None


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port), backlog=1024)
    except (OSError, OverflowError) as error:
        raise BadData(f"--port {port} cannot be used: {getattr(error, 'strerror', None) or error}.") from None


async def _until_signal(server: Server, controls: Controls, listener: socket.socket, url: str) -> None:
    loop = asyncio.get_running_loop()
    serving = loop.create_task(server.run(listener))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, serving.cancel)
    loop.add_signal_handler(signal.SIGHUP, _reload, controls)
    # Whoever reads the URL may signal at once: the handlers come first.
    print(url, flush=True)
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def _reload(controls: Controls) -> None:
    try:
        controls.reload()
    except BadData as error:
        print(f"The data file stays as it was: {error}", file=sys.stderr)
