"""The folder in which compiled code is cached."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from platformdirs import user_cache_path


def cache_folder(build: str) -> Path:
    """Return a writable folder for a build: beside the sources, else the user's cache, else a temporary one.

    Its name has a hash of all sources of this package, since Numba only looks at a function's own file, and
    not at those of the functions that it inlines, nor at the options that it compiles with.
    """
    here = Path(__file__).parent
    sources = b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))
    name = f"numba-{sha256(build.encode() + sources).hexdigest()[:16]}"
    for folder in (here / "__pycache__" / name, user_cache_path("contactory") / name):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            return folder
    return Path(mkdtemp(prefix="contactory-"))
