"""Which people and units the names in a question may mean, for a metric that only some of them can have."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, product

from queries.reach import has_unit
from queries.reading.mentions import Mention
from queries.reading.names import Name
from queries.reading.parts import Parts
from queries.reading.scan import Knowledge
from queries.reading.words import Side
from queries.viewer import Viewer

MOST = 6
Reading = list[tuple[Mention, Name]]


def readings(p: Parts, sides: Sequence[Side], know: Knowledge, viewer: Viewer) -> list[Reading]:
    """Every reading of the names that these metrics can have; at most a dozen."""
    each: list[Reading] = []
    for mention in p.named:
        fitting = [n for n in _meant(p, mention, know) if _fits(n, sides, know)]
        fitting = _of_level(p, mention, fitting)
        fitting = own_people(fitting, know, viewer)
        each.append([(mention, n) for n in fitting[:MOST]] or [(mention, n) for n in mention.names[:1]])
    return [list(c) for c in islice(product(*each), 12)]


def _of_level(p: Parts, mention: Mention, fitting: list[Name]) -> list[Name]:
    """`Bay area`, or `how does Bay compare with other areas`: the level said decides."""
    for level in (level_beside(p, mention), p.other_level):
        chosen = [n for n in fitting if n.level == level]
        if level and chosen:
            return chosen
    return fitting


def own_people(fitting: list[Name], know: Knowledge, viewer: Viewer) -> list[Name]:
    """A first name means somebody of the asker's own unit before anybody else; a full name beats a first name."""
    person = know.catalogue.person_level
    if not fitting or any(n.level != person for n in fitting):
        full = [n for n in fitting if n.how == "full"]
        parts_are_people = all(n.level == person for n in fitting if n.how != "full")
        return full if len(full) == 1 and parts_are_people else fitting
    own = [n for n in fitting if _in_own_unit(n, know, viewer)]
    return own or fitting


def _in_own_unit(n: Name, know: Knowledge, viewer: Viewer) -> bool:
    person = know.directory.people.get(n.code)
    return bool(person and person.unit in viewer.own_of(person.unit_level))


def level_beside(p: Parts, mention: Mention) -> str:
    """The level word next to a name."""
    for m in p.scan.mentions:
        if m.level and (m.start == mention.end or m.end == mention.start) and not m.level.plural:
            return m.level.key
    return ""


def _meant(p: Parts, mention: Mention, know: Knowledge) -> list[Name]:
    """The names themselves, or for `Rosa's team` the units that people of that name lead."""
    level = level_beside(p, mention)
    person = know.catalogue.person_level
    typed = "".join(t.norm for t in p.scan.tokens[mention.start : mention.end])
    exact = [n for n in mention.names if n.code.lower() == typed and "." in typed]
    if exact:
        return exact
    if level and level != person and any(n.level == person for n in mention.names):
        led = []
        for n in mention.names:
            covers = know.directory.people[n.code].covers if n.level == person else ("", ())
            if covers[0] == level:
                led += [Name(level, code, n.how) for code in covers[1]]
        named = [n for n in mention.names if n.level != person]
        if led or named:
            return led + named
    return list(mention.names)


def _fits(n: Name, sides: Sequence[Side], know: Knowledge) -> bool:
    metrics = [know.catalogue.metrics[s.metric] for s in sides]
    return all(has_unit(m, n.level, n.code, know.catalogue, know.directory) for m in metrics)
