"""The company folder that comes with the product."""

from __future__ import annotations

from pathlib import Path


def sample_company() -> Path:
    """The first folder under data/companies."""
    return next(iter(sorted(path.parent for path in (Path(__file__).parent / "companies").glob("*/company.yml"))))
