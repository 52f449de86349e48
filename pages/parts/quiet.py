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
    """No more such warnings; by a filter, because Streamlit sets its loggers' levels again when its server starts.

    Before its first element Streamlit looks through the files of all modules, whether it must warn of being run
    without its server: seconds that the first visitor would wait.
    """
    from streamlit import delta_generator

    delta_generator._use_warning_has_been_displayed = True
    for name in ABSENT:
        logging.getLogger(f"streamlit.{name}").addFilter(_serious)


def _serious(record: logging.LogRecord) -> bool:
    return record.levelno > logging.WARNING
