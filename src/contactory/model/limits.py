"""Every bound that is no setting (docs/reference/limits.md)."""

from __future__ import annotations

from typing import Final

# Sockets on which jobs are watched
FRAMES_WAITING: Final = 200_000  # for one reader
READER_STALL_SECONDS: Final = 0.5  # without a frame taken; then no answer waits for that reader
ANNOUNCE_SECONDS: Final = 5.0  # that an answer waits for processes to say that its job begins
