"""Writing a file so that nobody ever reads half of it.

What belongs here: the one way in which a file that others read is replaced. What does not: folders
and databases, whose swaps are their own (`review.packet`, `publishing.publish`).
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to, which takes its place when the block ends well.

    Whoever reads `path` sees the old file or the new one. The name has the process in it: two may
    write at once, and the last one stands. Raises `OSError`; the old file is untouched then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.next")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def atomic_write(path: Path, content: str | bytes) -> None:
    """Write text (UTF-8) or bytes to a file in one step. Raises `OSError`."""
    with replacing(path) as beside:
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
