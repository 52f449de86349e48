"""What the commands of `python -m data` share."""

from __future__ import annotations

import argparse
from pathlib import Path

from data.company import sample_company


def options(name: str, about: str) -> argparse.ArgumentParser:
    """The switches that every command has."""
    parser = argparse.ArgumentParser(prog=f"python -m data {name}", description=about)
    parser.add_argument("--var", type=Path, default=Path("var"), help="folder of runtime files (var)")
    parser.add_argument("--company", type=Path, default=sample_company(), help="company folder (the sample company)")
    parser.add_argument("--threads", type=int, default=None)
    return parser
