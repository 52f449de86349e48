"""Files before they are read: what the ledger knows of them, and which of them have one shape.

Files of one source differ over the years: columns come, go, change places or types. Those that are alike (header names,
number of fields, schema) are read by one statement.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from data import foreign
from data.contract import Contract

LINE_LIMIT = 2_000_000
"""Bytes of the longest line that is read."""
WIDE = 16
"""Bytes at the start of a file that tell text of two bytes a letter."""


class UnreadableError(Exception):
    """A file that cannot be read at all: cut short, not of its format, or without a needed column."""

    def __init__(self, file: TakenFile, why: str) -> None:
        super().__init__(f"{file.name}: {why}")
        self.file, self.why = file, why


@dataclass(frozen=True)
class TakenFile:
    """A file that the ledger has taken: its id, the kept copy, and what was counted while copying it."""

    id: int
    name: str
    kept: Path
    stamp: str
    part: str
    size: int
    lines: int
    """Lines that are not blank; a last line without an end counts."""
    whole_lines: bool
    """The file ends with the end of a line."""


@dataclass(frozen=True)
class Group:
    """Files that one statement reads alike, with the shape they share (header names, number of fields, schema)."""

    files: tuple[TakenFile, ...]
    shape: tuple[str, ...] = ()


def groups(contract: Contract, files: Sequence[TakenFile]) -> Iterator[Group]:
    """The files in groups of one shape; raises UnreadableError for a file that has none."""
    shape = SHAPES.get(contract.format, _no_shape)
    found: dict[tuple[str, ...], list[TakenFile]] = {}
    for file in files:
        found.setdefault(shape(contract, file), []).append(file)
    for key, members in found.items():
        yield Group(tuple(members), key)


def decode(data: bytes, encodings: Sequence[str]) -> str:
    return data.decode(encodings[0], "latin1_for_bad" if len(encodings) > 1 else "replace")


def _first_line(contract: Contract, file: TakenFile) -> str:
    with file.kept.open("rb") as handle:
        line = handle.read(LINE_LIMIT) if contract.wide else handle.readline(LINE_LIMIT)
    if not line.strip():
        raise UnreadableError(file, "is empty")
    return decode(line, contract.encoding).lstrip("\ufeff").partition("\n")[0].rstrip("\r\n")


def _not_wide(contract: Contract, file: TakenFile) -> None:
    """Text of two bytes a letter, with its mark in front or without, is told as such where it is not expected."""
    if contract.wide:
        return
    with file.kept.open("rb") as handle:
        head = handle.read(WIDE)
    every_other = len(head) == WIDE and any(set(head[at::2]) == {0} and 0 not in head[1 - at :: 2] for at in (0, 1))
    if every_other or head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableError(file, f"is written in utf-16, expected {' or '.join(contract.encoding)}")


def _fields(contract: Contract, line: str) -> tuple[str, ...]:
    return tuple(foreign.split_line(line, contract.delimiter, contract.quote))


def _text_shape(contract: Contract, file: TakenFile) -> tuple[str, ...]:
    """Header names, or the layout whose number of fields the first line has."""
    _not_wide(contract, file)
    if not contract.header and file.size == 0:
        return contract.layouts[0] if contract.layouts else tuple(c.names[0] for c in contract.read_columns)
    names = _fields(contract, _first_line(contract, file))
    if contract.header:
        names = foreign.apart(name.strip() for name in names)
        _need(contract, file, names)
        return names
    layouts = contract.layouts or (tuple(c.names[0] for c in contract.read_columns),)
    for layout in layouts:
        if len(layout) == len(names):
            return layout
    sizes = " or ".join(str(len(layout)) for layout in layouts)
    raise UnreadableError(file, f"has {len(names)} fields in its first line, expected {sizes}")


def _need(contract: Contract, file: TakenFile, names: Sequence[str]) -> None:
    lack = contract.lack(names).needed
    if lack.columns:
        raise UnreadableError(file, f"has no column {lack}")


def _parquet_shape(contract: Contract, file: TakenFile) -> tuple[str, ...]:
    try:
        names = foreign.parquet_schema(file.kept)
    except Exception as error:
        raise UnreadableError(file, f"is not a whole Parquet file ({type(error).__name__})") from error
    _need(contract, file, [n.partition(":")[0] for n in names])
    return names


def _no_shape(contract: Contract, file: TakenFile) -> tuple[str, ...]:
    return ()


def _line_shape(contract: Contract, file: TakenFile) -> tuple[str, ...]:
    _not_wide(contract, file)
    return ()


SHAPES: dict[str, Callable[[Contract, TakenFile], tuple[str, ...]]] = {
    "csv": _text_shape,
    "lines": _text_shape,
    "fixed": _line_shape,
    "jsonl": _line_shape,
    "json": _line_shape,
    "parquet": _parquet_shape,
}
