"""Every bound that is no setting. The table in docs/reference/limits.md gives for each its purpose, the error
beyond it and the test."""

from __future__ import annotations

from typing import Final

# Requests

LONGEST_PATH: Final = 8 << 10  # bytes, as sent
LONGEST_QUERY: Final = 16 << 10  # bytes
MOST_PARAMETERS: Final = 200  # of a query
LARGEST_HEADERS: Final = 32 << 10  # bytes of all names and values together

# Bodies

LEAST_SPEED: Final = 100_000  # bytes a second of a body
BODY_SECONDS: Final = 20.0  # by which a body may fall behind that speed
PIECES: Final = 10_000  # of a body, of any size; further ones must have SMALLEST_PIECE on average
SMALLEST_PIECE: Final = 256  # bytes
LINGER_SECONDS: Final = 2.0  # for the rest of the body of a refused call, from a proxy
LARGEST_BODY_MB: Final = 512  # that settings may allow: positions in a body have 32 bits

# Anonymous callers

ANONYMOUS_BODY: Final = 16 << 10  # bytes
ANONYMOUS_SECONDS: Final = 5.0  # by which an anonymous body may fall behind the least speed
ANONYMOUS_PIECES: Final = 100
ANONYMOUS_FIELDS: Final = 50  # of a form
ANONYMOUS_BYTES: Final = 4 << 20  # of all anonymous bodies of a process at a time
ANONYMOUS_SHARE: Final = ANONYMOUS_BYTES // 2  # of those that come from one address
ANONYMOUS_LEAST: Final = 1 << 10  # bytes that each anonymous body counts as, at least

# Admission

CALLS_IN_HAND: Final = 2  # of an organization in a process; others wait
CALLS_IN_CONTENTION: Final = 1  # of them, while calls of another organization come
CONTENTION_SECONDS: Final = 1.0  # for which this lasts after a call of another organization
MOST_WAITING: Final = 128  # calls of an organization that wait in a process
TURN_SECONDS: Final = 30.0  # that a call waits to be read, and as many for a slot
BRISK_SECONDS: Final = 2.0  # for which memory is reserved for the declared length of a body

# Connections and sockets

HEADER_SECONDS: Final = (
    10  # until the headers of a request, or the next request on a connection, must have come
)
CONNECTIONS: Final = 8192  # of the service, divided among its processes
MOST_PROCESSES: Final = 64  # of a service
SOCKETS_UNKNOWN: Final = 64  # of a process that are not authenticated
SOCKETS_UNKNOWN_HERE: Final = 16  # of those, from one address
SOCKETS_READ: Final = 4  # first messages that a process reads at a time
SOCKETS_READ_HERE: Final = 2  # of those, from one address
SOCKETS_OF_USER: Final = 20  # of one user, or of an organization's tokens without a user, in a process
SOCKETS_OF_ORGANIZATION: Final = 100  # in a process
LARGEST_MESSAGE: Final = 64 << 10  # bytes of a message of a client on a socket
FRAMES_WAITING: Final = 200_000  # for one reader
READER_STALL_SECONDS: Final = 0.5  # without a frame read, after which no response waits for that reader
ANNOUNCE_SECONDS: Final = 5.0  # for which a response waits until processes have sent that its job begins

# The database

CALL_SECONDS: Final = 60  # for the work of a call, unless the settings differ
ACQUIRE_SECONDS: Final = 1.8  # for which a call waits for a connection
CONNECT_SECONDS: Final = 2  # until a connection is made and ready; the driver allows no less
BEAT_SECONDS: Final = 0.4  # between two pings of the database
ANSWER_SECONDS: Final = 0.6  # until the answer to a ping
SECOND_OPINION_SECONDS: Final = 0.6  # until a new connection is made, where a ping had no answer
RETRY_SECONDS: Final = 0.25  # between attempts to reach a database that is away
PING_SECONDS: Final = 1.8  # for which /ready waits
START_SECONDS: Final = 60  # for which `serve` and `worker` wait for their database
FRESH_SECONDS: Final = 5.0  # for which a connection may be idle and is used without a check
CUT_SECONDS: Final = 2.0  # from the deadline until the connection of a call that does not end is cut

# Jobs

OPEN_JOBS: Final = 100  # of an organization
OPEN_JOB_BYTES: Final = 128 << 20  # of their rows, where it has more than one
BUSY_SECONDS: Final = 5  # after which a call that found too many may be retried
JOB_ATTEMPTS: Final = 20  # of one chunk, over a quarter of an hour
JOB_DAYS: Final = 7  # for which a job is kept after its end

# Stored data

LARGEST_GIVEN_ID: Final = (
    2**53 - 1
)  # that a call or an import may choose: the largest exact number of JavaScript
SCHEMES: Final = 10_000  # of an organization (Propeller: sources in a language)
SWEEP_SECONDS: Final = 600  # between two sweeps of a worker
SWEEP_ROWS: Final = 1000  # of each kind, in one transaction
PURGE_DAYS: Final = 30  # for which a deleted record is kept, unless the settings differ

# Documents

DEEPEST: Final = 64  # levels of nested objects and arrays
MOST_KEYS: Final = 1000  # of an object
MOST_ITEMS: Final = 10_000  # of an array other than that of the rows
MOST_VALUES: Final = 3_000_000  # of a body, however they are nested
MOST_NESTED: Final = 1_000_000  # objects and arrays of a body
MOST_ATTRIBUTE_VALUES: Final = 2_000_000  # of the rows that are read together

# Fields

LONGEST_NAME: Final = 1000  # characters of a text that is a name, a code or a number
LONGEST_TEXT: Final = 64 << 10  # characters of notes, descriptions and attribute values
LONGEST_EMAIL: Final = 320  # characters
LONGEST_KEY: Final = 500  # characters of keys of records and names of entries, which are indexed
LONGEST_SHOWN: Final = 500  # characters of a client's value that an error repeats
MOST_DIGITS: Final = 4300  # of a number, as many as Python reads
LARGEST_DOCUMENT: Final = 512 << 10  # bytes of one JSON field of a record, such as paths or pricing

# Records

MOST_PATHS: Final = 100  # of a contact
MOST_METHODS: Final = 100  # delivery methods of an organization, which every write of contacts looks up
MOST_ADDRESSES: Final = 100
MOST_FRAMES: Final = 100  # quiet times of a path
MOST_ATTRIBUTES: Final = 1000  # of a record
MOST_ATTRIBUTE_ITEMS: Final = 1000  # values of one attribute, and values that a definition allows
LARGEST_MAP: Final = 64 << 10  # bytes of all vars of a contact
MOST_PARENTS: Final = 100  # companies above a record, from which attributes are inherited

# Calls

MOST_SOURCES: Final = 1000  # that the rows of a call name
MOST_NAMES: Final = 10_000  # of groups, attributes and record types that a call names
MOST_OPERATIONS: Final = 1000  # of a PATCH

# Account files

LARGEST_RECORD: Final = 16 << 20  # characters of one value, such as a contact
MOST_DEFINITIONS: Final = 100_000  # of a file: record types, attributes, groups and paths
SLICE_ROWS: Final = 10_000  # contacts read and written at a time
MOST_HELD_BACK: Final = 100_000  # companies of a file that are kept until their parent comes

# Phone numbers

MOST_PHONE_DIGITS: Final = 32

# Pages

LARGEST_PAGE: Final = 16 << 20  # bytes of the records of a page, both stored and in the response
MOST_ENTRIES: Final = 10_000  # of a list of the directory that has no pages

# Caches

MOST_STATEMENTS: Final = 256  # of one kind in the cache, by the fields that they write

# Errors

MOST_PLACES: Final = 100  # in a body that cannot be read
MOST_ERRORS: Final = 1000  # of the rows of a call that is refused as a whole (Datananas)

# Guessing of passwords and secrets (docs/decisions/0022-guessing.md)
LONGEST_LOGIN_NAME: Final = 320  # characters: the longest e-mail address that RFC 5321 allows
FAILURE_SECONDS: Final = 60  # for which a failure counts
FAILURES: Final = 10  # for one name or client from one address
FAILURES_OF_NAME: Final = 100  # from all addresses, where nobody has logged in by that name before
FAILURES_OF_ADDRESS: Final = 100  # for all names, likewise; counted separately for clients
COUNTED_FAILURES: Final = 100_000  # names and addresses at once
LOGINS_OF_NAME: Final = 8  # passwords that one attempt is compared with, of users of one e-mail
LOGINS_LISTED: Final = 100  # organizations in which a name and password are looked for, to list them
LOGIN_PLACE_DAYS: Final = 90  # for which a successful login from an address is remembered
