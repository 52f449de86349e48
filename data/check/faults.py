"""`python -m data check FOLDER [--from FILE…]`: every fault of a company folder, and what its first rows give.

Keys and values of every file (check_keys), what refers to what (check_refs), then the sources' first rows through the
real load path in a folder of its own, every model and every metric on them (check_rows).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from data.check.keys import Fault, check_keys, known
from data.check.refs import check_refs
from data.check.rows import WHOLE, check_rows


def check(folder: Path, files: Sequence[Path] = ()) -> tuple[list[Fault], list[str]]:
    """Faults of a company folder, and what was seen, in sentences. `files`: files or folders to read first rows of."""
    if not (folder / "company.yml").exists():
        return [Fault("company.yml", "file", f"is not there; is {folder} a company folder?")], []
    faults = check_keys(folder, _levels(folder))
    if any(f.what.startswith("is no YAML") for f in faults):
        return faults, []
    faults += [f for f in check_refs(folder) if f not in faults]
    broken, told = check_rows(folder, files)
    told_already = {fault.file for fault in faults} | ({WHOLE} if faults else set())
    return [*faults, *(f for f in broken if f.file not in told_already)], told


def _levels(folder: Path) -> list[str]:
    try:
        company: Any = yaml.safe_load((folder / "company.yml").read_text(encoding="utf-8"))
        return [str(level["key"]) for level in company["levels"]]
    except (yaml.YAMLError, KeyError, TypeError):
        return []


def reference() -> str:
    """REFERENCE.md: every key of a company folder."""
    lines = [
        "# Every key of a company folder",
        "",
        "Written from `data/check/keys.yml` by `python -m data check --reference > REFERENCE.md`.",
        "README, “Your own company”, shows how to begin.",
        "`a.b` is a key within a key, `a[]` an item of a list, `*` any key of your own.",
    ]
    for file, part in known().items():
        lines += ["", f"## {file}", "", part["about"], ""]
        lines += ["| key | type | without it | what it says |", "|---|---|---|---|"]
        for key, spec in part["keys"].items():
            if not spec.get("what"):
                continue
            allowed = f" One of: {', '.join(f'`{a}`' for a in spec['allowed'])}." if spec.get("allowed") else ""
            default = "**needed**" if spec.get("need") else _said(spec.get("default", ""))
            lines.append(f"| `{key}` | {spec['type']} | {default} | {_capital(spec['what'])}.{allowed} |")
    return "\n".join(lines) + "\n"


def _capital(text: str) -> str:
    return (text[0].upper() + text[1:]).replace("|", "\\|")


def _said(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text}`" if text and " " not in text else text


def main(arguments: Sequence[str]) -> int:
    """The command; gives back its exit code: 0 without a fault, 1 with."""
    parser = argparse.ArgumentParser(prog="python -m data check", description="Every fault of a company folder.")
    parser.add_argument("folder", nargs="?", type=Path, help="the company folder")
    parser.add_argument("--from", dest="files", nargs="+", type=Path, default=[], help="files to read first rows of")
    parser.add_argument("--reference", action="store_true", help="print the reference page of every key")
    given = parser.parse_args(arguments)
    if given.reference:
        print(reference(), end="")
        return 0
    if given.folder is None:
        parser.error("which folder?")
    faults, told = check(given.folder, given.files)
    for line in told:
        print(line)
    for one in faults:
        print(f"FAULT {one}", file=sys.stderr)
    print(f"{len(faults)} fault{'' if len(faults) == 1 else 's'}" if faults else "no fault found")
    return 1 if faults else 0
