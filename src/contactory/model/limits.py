"""Every bound that is no setting. The table in docs/reference/limits.md tells what each is for, with the
error that is given beyond it and the test that holds it."""

from __future__ import annotations

from typing import Final

# Requests

LONGEST_PATH: Final = 8 << 10  # bytes, as it was sent
LONGEST_QUERY: Final = 16 << 10  # bytes
MOST_PARAMETERS: Final = 200  # of a query
LARGEST_HEADERS: Final = 32 << 10  # bytes of all names and values together

# Bodies

LEAST_SPEED: Final = 100_000  # bytes a second of a body
BODY_SECONDS: Final = 20.0  # that a body may fall behind that speed
PIECES: Final = 10_000  # of a body, of any size; further ones have SMALLEST_PIECE on average
SMALLEST_PIECE: Final = 256  # bytes
LARGEST_BODY_MB: Final = 512  # that the settings may allow: positions in a body are 32 bits wide

# Callers that have not said who they are

STRANGER_BODY: Final = 16 << 10  # bytes
STRANGER_SECONDS: Final = 5.0  # that such a body may fall behind the least speed
STRANGER_PIECES: Final = 100
STRANGER_FIELDS: Final = 50  # of a form
STRANGERS_BYTES: Final = 4 << 20  # of all such bodies of a process at a time
STRANGERS_SHARE: Final = STRANGERS_BYTES // 2  # of those that come from one address
STRANGER_LEAST: Final = 1 << 10  # bytes that each such body counts as, however little has come

# Turns

CALLS_IN_HAND: Final = 2  # of an organization in a process; others wait
MOST_WAITING: Final = 128  # calls of an organization that wait in a process
TURN_SECONDS: Final = 30.0  # that a call waits to be read, and as many for a slot
BRISK_SECONDS: Final = 2.0  # in which all the memory that a body has told of is kept for it

# Connections and sockets

HEADER_SECONDS: Final = 10  # until the headers of a request are there, or the next request on a connection
CONNECTIONS: Final = 8192  # of the service, of which each process takes its part
MOST_PROCESSES: Final = 64  # of a service
SOCKETS_UNKNOWN: Final = 64  # of a process that have not said who they are
SOCKETS_UNKNOWN_HERE: Final = 16  # of those, from one address
SOCKETS_READ: Final = 4  # first messages that a process reads at a time
SOCKETS_READ_HERE: Final = 2  # of those, from one address
SOCKETS_OF_USER: Final = 20  # of one user, or of an organization's tokens without a user, in a process
SOCKETS_OF_ORGANIZATION: Final = 100  # in a process
LARGEST_MESSAGE: Final = 64 << 10  # bytes of a message of a client on a socket
