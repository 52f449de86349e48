"""The small company and its plain recomputation, made once a run for all tests that compare the two."""

from __future__ import annotations

from functools import cache
from typing import Any

from tests import plain_contacts, plain_visits
from tests.plain_care import Care
from tests.plain_company import Plain
from tests.plain_dimensions import Dimensions
from tests.plain_jobs import Jobs
from tests.small_company import Small, small

LEVELS = ("person", "team", "area", "site", "region", None)


@cache
def company() -> Small:
    return small()


@cache
def plain() -> Plain:
    return Plain(company().src)


@cache
def visits() -> list[dict[str, Any]]:
    return plain_visits.visits(plain())


@cache
def jobs() -> Jobs:
    return Jobs(plain(), visits())


@cache
def contacts() -> list[dict[str, Any]]:
    return plain_contacts.contacts(plain()) + plain_contacts.conversations(plain())


@cache
def care() -> Care:
    calls = [c for c in contacts() if "legs" in c]
    talks = [c for c in contacts() if "messages" in c]
    return Care(plain(), visits(), jobs(), calls, talks)


@cache
def dimensions() -> Dimensions:
    return Dimensions(plain(), care())
