"""Streamlit warns on every call made without a visitor: nobody needs to read that of pages run beside the server."""

from __future__ import annotations

import logging

ABSENT = (
    "runtime.scriptrunner_utils.script_run_context",
    "runtime.scriptrunner_utils.dg_stack",
    "runtime.caching.cache_data_api",
    "runtime.state.session_state_proxy",
)


def hush() -> None:
    """No more such warnings; by a filter, because Streamlit sets its loggers' levels again when its server starts."""
    for name in ABSENT:
        logging.getLogger(f"streamlit.{name}").addFilter(_serious)


def _serious(record: logging.LogRecord) -> bool:
    return record.levelno > logging.WARNING
