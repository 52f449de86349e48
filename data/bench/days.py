"""`python -m data bench`: days made, loaded, rolled up, published, each beside a bare reference on the same files.

The reference reads every file with the format's own reader and merely counts its records, unchecked, and writes the
bytes to disk once more: what nobody can do without. Memory is the process's highest resident size in the stage.
"""

from __future__ import annotations

import re
import resource
import shutil
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from data import arrivals, contract, ledger, load, publish
from data.bench import bare, customers, files
from data.contract import Contract
from data.door import options
from data.store import Versions
from data.work import LoadError, Var, opened

PARTS = ("var", "made", "customers")
"""What lies in the folder of a bench."""


@dataclass
class Stage:
    """One stage of one day: seconds by the clock and of all cores together, and the highest memory in MB."""

    seconds: float = 0.0
    cpu: float = 0.0
    memory: float = 0.0


@dataclass
class Day:
    """What one day took."""

    name: str
    rows: int = 0
    stages: dict[str, Stage] = field(default_factory=dict)
    size: int = 0
    """Bytes of the published version."""
    question: float = 0.0
    """Median seconds of a ranked question on the roll-up."""

    @property
    def seconds(self) -> float:
        """From the files to the published version; what is tidied up afterwards nobody waits for."""
        return sum(self.stages[name].seconds for name in ("load", "facts", "publish"))

    @property
    def reference(self) -> float:
        return sum(s.seconds for name, s in self.stages.items() if name.startswith("bare"))

    @property
    def cpu(self) -> tuple[float, float]:
        """Seconds of all cores: ours, the reference's."""
        bare = sum(s.cpu for name, s in self.stages.items() if name.startswith("bare"))
        return sum(s.cpu for s in self.stages.values()) - bare, bare


@contextmanager
def measured(day: Day, name: str) -> Iterator[None]:
    """Seconds and peak memory of a block, under the stage's name."""
    _reset_peak()
    began, spent = time.perf_counter(), _cpu()
    yield
    stage = day.stages.setdefault(name, Stage())
    stage.seconds += time.perf_counter() - began
    stage.cpu += _cpu() - spent
    stage.memory = max(stage.memory, _peak())


def _cpu() -> float:
    """Seconds that the cores have worked for this process and those it started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def _reset_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def _peak() -> float:
    """Highest resident size since the last reset, in MB; 0 where the system does not tell."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    except OSError:
        return 0.0
    return int(found.group(1)) / 1024 if found else 0.0


def run(
    var: Var, company: Path, files: Iterable[tuple[str, list[Path]]], tell: Callable[[str], None],
    threads: int | None = None,
) -> list[Day]:  # fmt: skip
    """Load the days one after the other, each with its bare reference; returns what each took."""
    contracts, days = contract.load_all(company), []
    with opened(var, threads) as con:
        for name, paths in files:
            days.append(one_day(con, var, company, contracts, name, paths))
            tell(line(days[-1]))
        faults = ledger.check(con)
    tell("The books balance." if not faults else "\n".join(faults))
    return days


def one_day(
    con: duckdb.DuckDBPyConnection, var: Var, company: Path, contracts: dict[str, Contract], name: str,
    paths: Sequence[Path],
) -> Day:  # fmt: skip
    day = Day(name)
    with measured(day, "bare read"), duckdb.connect() as plain:
        for path in paths:
            mine = arrivals.source_of(contracts, path.name)
            day.rows += bare.count(plain, mine, path) if mine else 0
    with measured(day, "bare write"):
        _write(paths, var.scratch / "copy")
    with measured(day, "load"):
        report = load.stage(con, var, company, paths, tell=lambda text: None, recover=False)
    with publish.ahead(var) as copied:
        with measured(day, "facts"):
            load.refresh(con, company)
        with measured(day, "publish"):
            version = publish.publish(con, var, company, {}, copied)
    with measured(day, "tidy"):
        load.settle(con, var, company, report)
    day.size = Versions(var.root).path(version).stat().st_size
    day.question = question(var)
    return day


def _write(paths: Sequence[Path], target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for path in paths:
        shutil.copyfile(path, target / path.name)
    shutil.rmtree(target)


def question(var: Var, times: int = 15) -> float:
    """Median seconds of ranking the units of the largest short roll-up over its newest week."""
    with Versions(var.root).open() as store:
        tables = [t for t in store.tables() if t.startswith("t_") and {"num", "den"} <= set(store.columns(t))]
        if not tables:
            return 0.0
        sizes = {t: store.fetch(f'SELECT count(*) FROM "{t}"')[0][0] for t in tables}
        largest = max(tables, key=lambda t: int(sizes[t]))
        unit = store.columns(largest)[1]
        sql = f"""SELECT "{unit}", sum(num) / nullif(sum(den), 0) AS rate FROM "{largest}"
                  WHERE day > (SELECT max(day) FROM "{largest}") - 7 GROUP BY 1 ORDER BY 2"""
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            store.fetch(sql)
            taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def line(day: Day) -> str:
    """One day in one line."""
    stages = ", ".join(f"{n} {s.seconds:.1f} s, cores {s.cpu:.1f} s, {s.memory:.0f} MB" for n, s in day.stages.items())
    ours, bare = day.cpu
    rate = day.rows / day.seconds if day.seconds else 0
    return (
        f"{day.name}: {day.rows:,} records in {day.seconds:.1f} s, {rate:,.0f} a second, "
        f"{day.seconds / max(day.reference, 1e-9):.1f} x bare (4 x bare + 5 s = {4 * day.reference + 5:.1f} s); "
        f"cores {ours:.1f} s against {bare:.1f} s ({stages}); store {day.size / 1e6:.0f} MB; "
        f"a ranked question {day.question * 1000:.1f} ms"
    )


def drop(con: duckdb.DuckDBPyConnection, var: Var, company: Path, path: Path) -> float:
    """Seconds from one small file to a published version, tidied up."""
    began = time.perf_counter()
    load.run(con, var, company, [path], tell=lambda text: None, recover=False)
    return time.perf_counter() - began


def summary(days: Sequence[Day], drops: Sequence[float]) -> str:
    """Growth over the days and the small drops."""
    lines = []
    timed = [day for day in days if not day.name.startswith(files.BEFORE)]
    whole = timed[0 if len(timed) < len(days) else 1 : -1] or timed
    if len(whole) >= 4:
        half = len(whole) // 2
        before, after = (statistics.median(d.seconds / d.rows for d in part) for part in (whole[:half], whole[half:]))
        lines.append(f"Time per record, second half of the days against the first: {after / before:.2f}")
        asked = [statistics.median(d.question for d in part) for part in (whole[:half], whole[half:])]
        lines.append(
            f"A ranked question: {asked[0] * 1000:.1f} ms in the first half, {asked[1] * 1000:.1f} ms in the second"
        )
        lines.append(f"Store: {whole[0].size / 1e6:.0f} MB to {whole[-1].size / 1e6:.0f} MB")
    if drops:
        lines.append(
            f"One small drop to a published version: {statistics.median(drops):.1f} s, worst {max(drops):.1f} s"
        )
    peak = max((s.memory for d in days for s in d.stages.values()), default=0.0)
    return "\n".join([*lines, f"Highest memory: {peak:.0f} MB"])


def main(arguments: Sequence[str]) -> int:
    parser = options("bench", "Make days, load, roll up, publish; each beside a bare reference on the same files.")
    parser.set_defaults(var=None)
    parser.add_argument("--size", "--company-size", dest="size", choices=("demo", "full"), default="full")
    parser.add_argument("--days", type=int, default=2)
    parser.add_argument("--after", type=int, default=0, help="days that the store holds before the timed ones")
    parser.add_argument("--until", type=date.fromisoformat, default=date(2026, 11, 18))
    parser.add_argument("--step", type=int, default=1, help="days that are loaded together (a year: 7)")
    parser.add_argument("--thin", type=float, default=1.0, help="share kept of the high-volume feeds (a year: 0.1)")
    parser.add_argument("--files", type=Path, help="files made before, instead of making them")
    parser.add_argument(
        "--drops", type=int, default=8, help="how many small drops of the newest day to time one by one"
    )
    parser.add_argument("--customers", type=int, default=customers.MANY, help="records to find one among (0: none)")
    given = parser.parse_args(_sized(arguments))
    root = given.var or Path("var/bench")
    _empty(root, given.files)
    print(_what(given), flush=True)
    try:
        _bench(given, root)
    finally:
        if not given.var:
            shutil.rmtree(root, ignore_errors=True)
    return 0


def _empty(root: Path, wanted: Path | None) -> None:
    """Remove what a bench before left; LoadError where the folder holds anything else, or files that are `wanted`."""
    others = sorted(path.name for path in root.iterdir() if path.name not in PARTS) if root.exists() else []
    if wanted and wanted.resolve().is_relative_to(root.resolve()):
        others.append(str(wanted))
    if others:
        raise LoadError(f"{root}: holds {others[0]}, which is no bench's; --var names a folder that is emptied first")
    shutil.rmtree(root, ignore_errors=True)


def _bench(given: Any, root: Path) -> None:
    var, small = Var(root / "var"), list[Path]()
    days = files.stretches(given, root / "made", small)
    took = run(var, given.company, days, lambda text: print(text, flush=True), given.threads)
    with opened(var, given.threads) as con:
        drops = [drop(con, var, given.company, path) for path in small[: given.drops]]
    print(summary(took, drops))
    if given.customers:
        print(customers.run(root / "customers", given.customers))


def _what(given: Any) -> str:
    if given.files:
        return f"The files in {given.files}"
    thinned = f"; high-volume feeds thinned to {given.thin:.0%}" if given.thin < 1 else ""
    together = f"; {given.step} days loaded together" if given.step > 1 else ""
    after = f", after {given.after} that are held" if given.after else ""
    return f"{given.days} days of the {given.size} company{after}{together}{thinned}"


def _sized(arguments: Sequence[str]) -> list[str]:
    """`--company demo|full` says the size of the made-up company; a folder is a company folder as everywhere."""
    words = list(arguments)
    for i, word in enumerate(words[:-1]):
        if word == "--company" and words[i + 1] in ("demo", "full"):
            words[i] = "--size"
    return words
