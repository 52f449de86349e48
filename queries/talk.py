"""The reading and the saying, as the desk uses them (until both are on main: nothing is read, queries are not said)."""

from __future__ import annotations

import importlib
from typing import Any

from queries.query import Query


def read(*arguments: Any) -> Any:
    return importlib.import_module("queries.reading").read(*arguments)


def said(query: Query, *rest: Any) -> str:
    try:
        return str(importlib.import_module("queries.said").said(query, *rest))
    except ModuleNotFoundError:
        return ""
