"""Streamlit warns on every call made without a visitor: nobody needs to read that of pages run beside the server."""

from __future__ import annotations

import logging

ABSENT = ("scriptrunner_utils.script_run_context", "scriptrunner_utils.dg_stack", "caching.cache_data_api")


def hush() -> None:
    """No more such warnings; by a filter, because Streamlit sets its loggers' levels again when its server starts."""
    for name in ABSENT:
        logging.getLogger(f"streamlit.runtime.{name}").addFilter(_serious)


def _serious(record: logging.LogRecord) -> bool:
    return record.levelno > logging.WARNING
