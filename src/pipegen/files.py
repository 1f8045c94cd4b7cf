"""Atomic writes: nobody ever reads half a file.

What belongs here: replacing a file that others read. What does not: replacing folders and databases
(`review.packet`, `publishing.publish`).
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path to write to, which replaces `path` if the block ends without an error.

    A reader of `path` sees either the old file or the new one. The temporary name contains the
    process id, so two processes may write at once; the last one wins. Raises `OSError`; the old
    file is unchanged then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.next")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def atomic_write(path: Path, content: str | bytes) -> None:
    """Write text (UTF-8) or bytes to a file atomically. Raises `OSError`."""
    with replacing(path) as beside:
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
