"""The smallest app behind the doors: says who looks, on two pages with an address each."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import fakestore  # noqa: E402
import streamlit as st  # noqa: E402

from pages.parts import signing  # noqa: E402
from queries import catalogue as catalogues  # noqa: E402
from queries import directory as directories  # noqa: E402
from queries.state import open_state  # noqa: E402

catalogue = catalogues.load(ROOT / "data/companies/fernway")
directory = directories.directory(fakestore.store("demo", days=14), catalogue)
state = open_state(Path(os.environ["GS_TEST_VAR"]))


def show() -> None:
    st.write(f"Here is {viewer.name} as {viewer.role}, asking {st.query_params.get('q', 'nothing')}")


viewer = signing.who(catalogue, directory, state)
with st.sidebar:
    signing.account(catalogue, directory, viewer, state)
first = st.Page(show, title="First", url_path="first", default=True)
st.navigation([first, st.Page(lambda: show(), title="Second", url_path="second")]).run()
