"""Where compiled code is kept."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from platformdirs import user_cache_path


def cache_folder() -> Path:
    """Beside the sources, or else the user's own, or this process's alone. Another one for other sources:
    Numba knows a function by its own file, and not by those of its parts."""
    here = Path(__file__).parent
    sources = b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))
    name = f"numba-{sha256(sources).hexdigest()[:16]}"
    for folder in (here / "__pycache__" / name, user_cache_path("contactory") / name):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            return folder
    return Path(mkdtemp(prefix="contactory-"))
