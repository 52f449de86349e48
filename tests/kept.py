"""What tests make once and keep in the machine's temporary folder, as it takes long to make."""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

DAY = 24 * 3600


def settle(part: Path, wanted: Path) -> None:
    """What was made goes to its place; where somebody else was sooner, theirs stays."""
    with suppress(OSError):
        part.replace(wanted)
    shutil.rmtree(part, ignore_errors=True)


def kept(kind: str, mark: str, suffix: str = "") -> Path:
    """Where the thing of this kind and mark lies, or is to be made; others of its kind go once they are a day old."""
    folder = Path(tempfile.gettempdir())
    wanted = folder / f"gs-{kind}-{mark}{suffix}"
    for other in folder.glob(f"gs-{kind}-*"):
        if other != wanted and time.time() - other.stat().st_mtime > DAY:
            shutil.rmtree(other) if other.is_dir() else other.unlink()
    return wanted
