"""The copies in tests/cases match their originals. A failure means that the worked answers were
changed in only one of the two places."""

import gzip
from pathlib import Path

from tests.support.cases import CASES, ORIGINALS


def _contents(folder: Path) -> dict[str, bytes]:
    """Every file by its path, unpacked."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            if path.suffix == ".gz":
                name, content = name.removesuffix(".gz"), gzip.decompress(content)
            found[name] = content
    return found


def test_copies_are_like_their_originals_where_those_are_at_hand() -> None:
    """A clone has no originals, and then there is nothing to compare."""
    for copy, original in ORIGINALS.items():
        if not original.is_dir():
            continue
        ours, theirs = _contents(copy), _contents(original)
        differing = [n for n in sorted(ours.keys() | theirs.keys()) if ours.get(n) != theirs.get(n)]
        assert not differing, f"{copy.name} and ../shared/{original.name} differ in {differing}"


def test_cases_stay_small() -> None:
    """Everybody who clones the project downloads them, in every version there ever was."""
    size = sum(path.stat().st_size for path in CASES.rglob("*") if path.is_file())
    assert size < 1_500_000, f"{size:,} bytes: gzip what is large, landing reads it"
