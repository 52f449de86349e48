"""`python -m data new FOLDER --from FILE…`: looks at somebody's files and writes a first draft of a company folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from data.draft.guess import Fold, Link, Unit, day_column, events, fold_of, links, units
from data.draft.join import Join, joined
from data.draft.look import Looked, UnseenError, look
from data.draft.metrics import Cut, Guess, dimensions, metrics, noun_of
from data.draft.write import company_yml, dimensions_yml, fact_sql, metric_yml, source_yml


def new(folder: Path, files: Sequence[Path]) -> list[str]:
    """Write the draft and give back what was guessed, in sentences.

    Raises:
        UnseenError: the folder holds a company already, or a file cannot be looked at.
    """
    if (folder / "company.yml").exists():
        raise UnseenError(f"{folder}: has a company.yml already; `new` never overwrites")
    found = look(_spread(files))
    if not found:
        raise UnseenError("no files: python -m data new FOLDER --from FILE…")
    linked = links(found)
    happened = events(found, linked)
    if not happened:
        raise UnseenError("none of the files has a column with dates: figures need a day")
    return _write(folder, found, linked, happened)


def main(arguments: Sequence[str]) -> int:
    """The command; gives back its exit code."""
    parser = argparse.ArgumentParser(prog="python -m data new", description="Draft a company folder from files.")
    parser.add_argument("folder", type=Path, help="the folder to write, which holds no company yet")
    parser.add_argument("--from", dest="files", nargs="+", type=Path, required=True, help="files, or folders of files")
    given = parser.parse_args(arguments)
    try:
        told = new(given.folder, given.files)
    except (UnseenError, OSError, UnicodeError) as error:
        print(f"python -m data new: {error}", file=sys.stderr)
        return 1
    print("\n".join(told))
    return 0


def _spread(files: Sequence[Path]) -> list[Path]:
    """Files, and the files inside folders."""
    return [p for f in files for p in (sorted(f.iterdir()) if f.is_dir() else [f]) if p.is_file()]


def _write(folder: Path, found: Sequence[Looked], linked: Sequence[Link], happened: Sequence[Looked]) -> list[str]:
    folds = {looked.source: fold_of(looked) for looked in happened}
    wide = {looked.source: joined(looked, linked, found) for looked in happened if not folds[looked.source]}
    happened = [wide[looked.source][0] if looked.source in wide else looked for looked in happened]
    levels = units(happened[0], linked)
    cuts: dict[str, Cut] = {}
    guesses: list[Guess] = []
    texts: dict[str, str] = {}
    told = []
    for looked in found:
        texts[f"sources/{looked.source}.yml"] = source_yml(looked, folds.get(looked.source))
    for looked in happened:
        fold = folds[looked.source]
        joins = wide[looked.source][1] if looked.source in wide else []
        own, drafted = _fact(looked, fold, levels, linked, texts, joins)
        cuts |= {cut.key: cut for cut in own if cut.key not in cuts}
        guesses += [g for g in drafted if g.key not in {other.key for other in guesses}]
        told += _told(looked, fold, own, drafted)
    texts["company.yml"] = company_yml(folder.name.replace("_", " ").title(), levels, guesses)
    texts["dimensions.yml"] = dimensions_yml(cuts.values())
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    chain = " in ".join(f"{u.key} (column {u.column})" for u in levels) or "none found: add them to company.yml"
    tables = list(dict.fromkeys(f"{lk.column} is looked up in {lk.table}" for lk in linked))
    told += [f"{looked.source}: column {name} stands twice and is left out; give each a name of its own"
             for looked in found for name in looked.doubled]  # fmt: skip
    return [f"levels: {chain}", *tables, *told, f"written to {folder}; next: python -m data check {folder}"]


def _fact(
    looked: Looked,
    fold: Fold | None,
    levels: Sequence[Unit],
    linked: Sequence[Link],
    texts: dict[str, str],
    joins: Sequence[Join],
) -> tuple[list[Cut], list[Guess]]:
    """Add model and metrics of one source of events to the texts."""
    noun = noun_of(looked, fold)
    fact = noun.replace(" ", "_")
    texts[f"models/{fact}.sql"] = fact_sql(looked, fold, fact, joins)
    cuts = [cut for cut in dimensions(looked, levels, linked) if not (fold and cut.key == fold.step)]
    if fold:
        cuts = [Cut(c.key, c.label, c.words, facts='hour("started_at")') if c.key == "hour" else c for c in cuts]
    drafted = metrics(looked, noun, fold)
    day = day_column(looked)
    column = "on_day" if fold or (day and day.type == "time") else day.name if day else ""
    here = [unit for unit in levels if looked.column(unit.column)]
    for guess in drafted:
        texts.setdefault(f"metrics/{guess.key}.yml", metric_yml(guess, fact, column, cuts, here))
    return cuts, drafted


def _told(looked: Looked, fold: Fold | None, cuts: Sequence[Cut], drafted: Sequence[Guess]) -> list[str]:
    what = f"events folded into one case per {fold.case}" if fold else "one row is one event"
    return [
        f"{looked.source}: {looked.size:,} rows looked at, {what}",
        f"  dimensions: {', '.join(cut.key for cut in cuts) or 'none'}",
        f"  metrics: {', '.join(guess.key for guess in drafted)}",
    ]
