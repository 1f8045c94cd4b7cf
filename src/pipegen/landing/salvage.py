"""CSV files with some broken rows: those are set aside, the others are kept.

What belongs here: telling broken rows from whole ones, line by line. What does not: reading files
without errors, which DuckDB does many times faster; a file is read here only if DuckDB failed.

A row is broken if it has too few or too many fields, a quote that is not closed or that is followed
by more text, a NUL, or a key that is not UTF-8. Elsewhere, bytes outside UTF-8 are read as the
character that stands for what can't be read (U+FFFD), and the row keeps its place. If a quote is
not closed, only the line on which its row begins is set aside, so that one stray quote costs one
line and not the rest of the file. Whole rows are parsed as DuckDB parses them.
"""

import re
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import NamedTuple

from pipegen.landing.files import MAX_ROW_BYTES, CsvPart, open_bytes

_QUOTED = re.compile(r' *"([^"]*(?:""[^"]*)*)" *(?=[,\r\n]|\Z)')
_UNCLOSED = re.compile(r' *"[^"]*(?:""[^"]*)*\Z')
_STAYS_OPEN = re.compile(r'[^"]*(?:""[^"]*)*\Z')
_OPENING = re.compile(r' *"')
_PLAIN = re.compile(r"[^,\r\n]*")
_CHUNK_BYTES = 1 << 22
_LINE_END = re.compile(r"[\r\n]*\Z")


class BrokenRow(NamedTuple):
    """A row that could not be read: the number of its first line, counted from 1, and its text."""

    line: int
    text: str


class Misencoded(NamedTuple):
    """A row that was kept, though a column that is read holds bytes outside UTF-8."""

    line: int


class _Unclosed(Exception):
    """The text ends within a quoted field."""


class _Broken(Exception):
    """The text is not a CSV row."""


@dataclass
class _Line:
    number: int
    text: str


class Survey(NamedTuple):
    """Whether a file has something that DuckDB may misread."""

    # A NUL byte, which DuckDB would read as a character.
    has_nul: bool
    # A quote: if it is not closed, rows may be lost.
    has_quote: bool


def survey(path: Path) -> Survey:
    """Scan all bytes of a file, decompressed, at several gigabytes per second."""
    has_nul = has_quote = False
    with open_bytes(path) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            has_nul = has_nul or b"\0" in chunk
            has_quote = has_quote or b'"' in chunk
    return Survey(has_nul, has_quote)


def salvage(
    part: CsvPart, read: Collection[str], keys: Collection[str], kept: Path
) -> Iterator[BrokenRow | Misencoded]:
    """Write the whole rows of a file to `kept`; yield the broken ones, and those misencoded.

    `read` has the references of the columns that are read, `keys` those of the key. The kept file
    has a header and the part's columns.
    """
    names = [column.reference for column in part.columns]
    checked = [index for index, name in enumerate(names) if name in read]
    unmistakable = [index for index, name in enumerate(names) if name in keys]
    # Latin-1 maps every byte to a character, so lines that are not UTF-8 can be processed too.
    with (
        TextIOWrapper(open_bytes(part.path), encoding="latin-1", newline="") as stream,
        kept.open("w", encoding="latin-1", newline="") as target,
    ):
        target.write(",".join(names) + "\n")
        for row in _rows(stream):
            if isinstance(row, BrokenRow):
                yield row
            elif (fields := _whole(row, len(names), unmistakable)) is None:
                yield _broken(row)
            else:
                if not all(_is_utf8(fields[index]) for index in checked):
                    yield Misencoded(row.number)
                target.write(_written(fields))


def _rows(stream: TextIOWrapper) -> Iterator[_Line | BrokenRow]:
    """The rows after the header, each as one text, even if it spans several lines."""
    lines: deque[_Line] = deque()
    numbered = (_Line(number, text) for number, text in enumerate(stream, start=1))
    header = True
    while line := lines.popleft() if lines else next(numbered, None):
        if not line.text.strip("\r\n"):
            continue
        row = _complete(line, lines, numbered)
        if header:
            header = False
        else:
            yield row if row is not None else _broken(line)


def _complete(line: _Line, lines: deque[_Line], numbered: Iterator[_Line]) -> _Line | None:
    """A row with the further lines that are within its quotes; None if a quote is never closed.

    Lines that turn out not to belong to the row go back to `lines`.
    """
    if '"' not in line.text:
        return line
    taken: list[_Line] = []
    texts = [line.text]
    size = len(line.text)
    while size <= MAX_ROW_BYTES:
        # Check the whole row again only after a line that may have closed the quote.
        if not taken or not _STAYS_OPEN.match(texts[-1]):
            try:
                _fields("".join(texts))
            except _Unclosed:
                pass
            except _Broken:
                break
            else:
                return _Line(line.number, "".join(texts))
        following = lines.popleft() if lines else next(numbered, None)
        if following is None:
            break
        taken.append(following)
        texts.append(following.text)
        size += len(following.text)
    lines.extendleft(reversed(taken))
    return None


def _fields(text: str) -> list[str]:
    """The fields of a row. Raises `_Unclosed` or `_Broken`."""
    fields = []
    position = 0
    while True:
        if found := _QUOTED.match(text, position):
            fields.append(found[1].replace('""', '"'))
        elif _OPENING.match(text, position):
            raise _Unclosed if _UNCLOSED.match(text, position) else _Broken
        else:
            found = _PLAIN.match(text, position)
            assert found  # it matches nothing at all, too
            fields.append(found[0])
        position = found.end()
        if position == len(text) or _LINE_END.match(text, position):
            return fields
        if text[position] != ",":
            raise _Broken
        position += 1


def _whole(row: _Line, width: int, unmistakable: list[int]) -> list[str] | None:
    """The fields of a row; None if it is broken."""
    if "\0" in row.text:
        return None
    fields = row.text.rstrip("\r\n").split(",") if '"' not in row.text else _fields(row.text)
    # DuckDB accepts extra empty fields: spreadsheets leave commas at the ends of lines.
    while len(fields) > width and not fields[-1]:
        fields.pop()
    if len(fields) != width or not all(_is_utf8(fields[index]) for index in unmistakable):
        return None
    # With a quote around each field and a comma behind it.
    size = sum(len(field) + field.count('"') + 3 for field in fields)
    return fields if size < MAX_ROW_BYTES else None


def _written(fields: list[str]) -> str:
    """The row in a form that DuckDB reads without errors."""
    cells = (field if _is_utf8(field) else _readable(field) for field in fields)
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n"


def _readable(field: str) -> str:
    """Bytes outside UTF-8 as the character for them, still as one character a byte."""
    return field.encode("latin-1").decode("utf-8", errors="replace").encode().decode("latin-1")


def _is_utf8(field: str) -> bool:
    if field.isascii():
        return True
    try:
        field.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _broken(row: _Line) -> BrokenRow:
    text = row.text.rstrip("\r\n").encode("latin-1").decode("utf-8", errors="backslashreplace")
    # NUL in text would cause problems for other readers of the database.
    return BrokenRow(row.number, text.replace("\0", "\\x00"))
