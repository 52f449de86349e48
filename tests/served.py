"""The page over the made-up store, as browser tests and screenshots open it. GS_STUB=1: made-up answers too."""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import deskstub  # noqa: E402
import fakestore  # noqa: E402
import streamlit as st  # noqa: E402

import app  # noqa: E402
from pages.parts import front  # noqa: E402


@st.cache_resource
def _store() -> fakestore.FakeStore:
    return fakestore.store(os.environ.get("GS_FAKE", "demo"))


var = Path(os.environ.get("GS_VAR") or Path(tempfile.gettempdir()) / "gs-served")
if os.environ.get("GS_STUB"):
    front.desk = deskstub.desk
app.page(app.Settings(var=var, warms=False), _store())
