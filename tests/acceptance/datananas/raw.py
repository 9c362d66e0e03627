"""A socket that only reads, or does not, and shows at any moment what it has received."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import os
import select
import socket
import struct
import termios
import threading
from types import TracebackType
from urllib.parse import urlsplit

from .client import Api

_LARGE = 4 << 20  # bytes that the kernel buffers, so that a thread that is not scheduled delays nothing


class Raw:
    """A raw socket. `reads`: a thread reads everything at once."""

    def __init__(self, api: Api, *, reads: bool = True) -> None:
        server = urlsplit(api.base)
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _LARGE if reads else 4096)
        self._socket.connect((server.hostname, server.port))
        self._upgrade(api)
        self._received = bytearray()
        self._lock, self._over = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._read)
        if reads:
            self._thread.start()

    def __enter__(self) -> Raw:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread.ident:
            self._thread.join()
        self._socket.close()

    def received(self) -> bytes:
        """Return everything that this machine has received so far."""
        with self._lock:
            waiting = struct.unpack("i", fcntl.ioctl(self._socket, termios.FIONREAD, bytes(4)))[0]
            while waiting > 0:
                read = self._socket.recv(waiting)
                self._received += read
                waiting -= len(read) or waiting
            return bytes(self._received)

    def _upgrade(self, api: Api) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /datananas/ws HTTP/1.1",
            f"Host: {urlsplit(api.base).netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            f"Authorization: Bearer {api.token}",
        ]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._socket.recv(1)
        assert answer.startswith(b"HTTP/1.1 101"), answer

    def _read(self) -> None:
        while not self._over.is_set():
            ready, _, _ = select.select([self._socket], [], [], 0.1)
            with self._lock, contextlib.suppress(BlockingIOError):
                if ready:
                    self._received += self._socket.recv(1 << 20, socket.MSG_DONTWAIT)
