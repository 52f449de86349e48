"""The command: ask in plain words, get the answer as text or as JSON.

python -m queries "my team's late arrivals vs others this week" --as LOGIN [--on DATE] [--json] [--read-only]
python -m queries --batch questions.jsonl --json > answers.jsonl
python -m queries bench --as LOGIN
python -m queries simulate [--runs N]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from data.store import NoStoreError, Versions
from queries import Answer, Desk, Shared, catalogue
from queries.answers import text
from queries.batch import BadLineError, Line, UnknownAskerError, answers, lines
from queries.catalogue import Catalogue
from queries.directory import Directory, Store, viewer
from queries.fairness import simulate
from queries.state import looked
from queries.state.tables import FILE, State, open_state
from queries.viewer import Viewer

COMPANY, VAR = Path("data/companies/fernway"), Path("var")


class AskError(UnknownAskerError):
    """Something about the command itself is wrong; the message names it."""


def main(arguments: list[str] | None = None) -> int:
    """Answer one question, a batch, or measure; 0 when everything asked was dealt with, else 2."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        if given[:1] == ["simulate"]:
            return simulate.main(given[1:])
        if given[:1] == ["bench"]:
            return _bench(_parser(bench=True).parse_args(given[1:]))
        return _run(_parser().parse_args(given))
    except (AskError, BadLineError, NoStoreError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0


def _parser(bench: bool = False) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m queries", description="Ask in plain words.")
    if not bench:
        parser.add_argument("question", nargs="?", help="the question, in everyday words")
        parser.add_argument("--batch", type=Path, help="a file of questions, one JSON object a line (- for the input)")
        parser.add_argument("--read-only", action="store_true", help="stop after the reading; no figures")
        parser.add_argument("--json", action="store_true", help="one JSON object an answer")
    if bench:
        beside = Path(os.environ.get("GS_SHARED", Path(__file__).resolve().parents[1].parent / "shared"))
        parser.add_argument("--shared", type=Path, default=beside, help="the folder of the shared banks of questions")
    parser.add_argument("--as", dest="login", help="the login of who asks")
    parser.add_argument("--on", help="today, as YYYY-MM-DD; the newest day held when left out")
    parser.add_argument("--var", type=Path, default=VAR, help="the folder of runtime files (var)")
    parser.add_argument("--company", type=Path, default=COMPANY, help="the folder of the company")
    return parser


def _run(options: argparse.Namespace) -> int:
    if (options.question is None) == (options.batch is None):
        raise AskError("give one question, or --batch FILE")
    definitions = _catalogue(options.company)
    store = Versions(options.var).open()
    shared = Shared(definitions)
    if options.batch is not None:
        asked = list(lines(_text(options.batch), options.login, options.on))
    else:
        if not options.login:
            raise AskError("--as LOGIN is missing: without somebody who asks there is no answer")
        asked = [Line(None, options.question, options.login, options.on, None)]
    failed, book = False, Book(options.var)
    for found in answers(asked, lambda line: desk_of(line, definitions, store, shared, book.held()), options.read_only):
        if found.logged:
            book.write(found, viewer(found.login or "", shared.shelf(store).directory, definitions))
        if found.failed:
            failed = True
            print(f"error: {found.headline}", file=sys.stderr)
        if options.batch is not None or not found.failed:
            _print(found, options)
    return 2 if failed else 0


@dataclass
class Book:
    """What people left behind in a runtime folder: who is not to be named, and who looked at whose figures."""

    var: Path

    @cached_property
    def state(self) -> State:
        return open_state(self.var)

    def held(self) -> State | None:
        """The state, where there is one."""
        return self.state if (self.var / FILE).exists() else None

    def write(self, found: Answer, asker: Viewer | None) -> None:
        """Write down a look at somebody's figures, before they are printed."""
        if asker is not None and found.query is not None:
            now = datetime.now().astimezone()
            looked.record(self.state, asker, found.logged, found.query.metrics, found.query.period, at=now)


def desk_of(line: Line, definitions: Catalogue, store: Store, shared: Shared, state: State | None = None) -> Desk:
    """The desk of whoever asks a line, on its day.

    Raises:
        AskError: the login or the day is not known.
    """
    people = shared.shelf(store).directory
    found = viewer(line.login, people, definitions)
    where = f" (line {line.number})" if line.number else ""
    if found is None:
        near = get_close_matches(line.login, people.people, 1)
        raise AskError(f"nobody has the login {line.login!r}{where}" + (f"; did you mean {near[0]}?" if near else ""))
    today = _day(line.on, where) if line.on else people.last_day
    if today is None:
        raise AskError("the store holds no day yet; give --on DATE")
    return Desk(definitions, store, found, today, state, shared)


def _day(given: str, where: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise AskError(f"{given!r}{where} is no date; write it as YYYY-MM-DD") from None


def _catalogue(folder: Path) -> Catalogue:
    if not (folder / "company.yml").exists():
        raise AskError(f"{folder}: no company.yml there")
    return catalogue.load(folder)


def _text(path: Path) -> Iterator[str]:
    if str(path) == "-":
        return iter(sys.stdin)
    if not path.exists():
        raise AskError(f"{path}: no such file")
    return iter(path.read_text(encoding="utf-8").splitlines())


def _print(answer: Answer, options: argparse.Namespace) -> None:
    found: dict[str, Any] = answer.to_json()
    print(json.dumps(found, ensure_ascii=False) if options.json else text.told(found), flush=True)


def _leader(people: Directory, definitions: Catalogue) -> str:
    """Somebody who leads one unit, of the level in which people work if there is one; else empty."""
    leaders = [p for p in people.people.values() if p.unit and p.covers[1] == (p.unit,)]
    leaders.sort(key=lambda p: p.covers[0] not in definitions.levels[0].within[:1])
    return leaders[0].login if leaders else ""


def _bench(options: argparse.Namespace) -> int:
    from queries.bench import readings
    from queries.bench.answers import measured

    definitions = _catalogue(options.company)
    store = Versions(options.var).open()
    shared = Shared(definitions)
    people = shared.shelf(store).directory
    login = options.login or _leader(people, definitions)
    desk = desk_of(Line(None, "", login, options.on, None), definitions, store, shared)
    for line in (*readings.measured(definitions, people, options.shared), *measured(desk)):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
