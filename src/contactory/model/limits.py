"""Every bound that is no setting. The table in docs/reference/limits.md tells what each is for, with the
error that is given beyond it and the test that holds it."""

from __future__ import annotations

from typing import Final

# Documents

DEEPEST: Final = 64  # objects and arrays within each other
MOST_KEYS: Final = 1000  # of an object
MOST_ITEMS: Final = 10_000  # of an array that is not that of the rows
MOST_VALUES: Final = 3_000_000  # of a body, however they are nested
MOST_NESTED: Final = 1_000_000  # objects and arrays of a body
MOST_ATTRIBUTE_VALUES: Final = 2_000_000  # of the rows that are read together

# Fields

LONGEST_NAME: Final = 1000  # characters of a text that is a name, a code or a number
LONGEST_TEXT: Final = 64 << 10  # characters of notes, descriptions and attribute values
LONGEST_EMAIL: Final = 320  # characters
LONGEST_KEY: Final = 500  # characters of what records and directory entries are found by in an index
LONGEST_SHOWN: Final = 500  # characters of what a client sent, where an error repeats it
MOST_DIGITS: Final = 4300  # of a number, as many as Python reads
LARGEST_DOCUMENT: Final = 512 << 10  # bytes of one JSON field of a record, such as paths or pricing

# Records

MOST_PATHS: Final = 100  # of a contact
MOST_ADDRESSES: Final = 100
MOST_FRAMES: Final = 100  # quiet times of a path
MOST_ATTRIBUTES: Final = 1000  # of a record
MOST_ATTRIBUTE_ITEMS: Final = 1000  # values of one attribute, and values that a definition allows
LARGEST_MAP: Final = 64 << 10  # bytes of the vars of a contact, all that were ever given together
MOST_PARENTS: Final = 100  # companies above a record, from which attributes are inherited

# Calls

MOST_SOURCES: Final = 1000  # that the rows of a call name
MOST_NAMES: Final = 10_000  # of groups, attributes and record types that a call names
MOST_OPERATIONS: Final = 1000  # of a PATCH

# Phone numbers

MOST_PHONE_DIGITS: Final = 32

# Pages

LARGEST_PAGE: Final = 16 << 20  # bytes of the records of a page, as they are stored and as they are answered
MOST_ENTRIES: Final = 10_000  # of a list of the directory that has no pages

# Memory that stays

MOST_STATEMENTS: Final = 256  # of one kind that are kept, by the fields that they write
