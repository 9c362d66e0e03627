"""How much of anything is taken. Each bound is a row of docs/reference/limits.md."""

from __future__ import annotations

from typing import Final

# Guessing of passwords and secrets (docs/decisions/0019-guessing.md)
LONGEST_LOGIN_NAME: Final = 320  # characters: the longest e-mail address that RFC 5321 allows
FAILURE_SECONDS: Final = 60  # for which a failure counts
FAILURES: Final = 10  # for one name or client from one address
FAILURES_OF_NAME: Final = 100  # from all addresses, where nobody has logged in by that name before
FAILURES_OF_ADDRESS: Final = 100  # for all names, likewise; for clients counted apart
COUNTED_FAILURES: Final = 100_000  # names and addresses at once
LOGINS_OF_NAME: Final = 8  # passwords that one attempt is compared with, of users of one e-mail
LOGIN_PLACE_DAYS: Final = 90  # for which an address is known as one from which somebody logs in
