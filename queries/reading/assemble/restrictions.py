"""Which values are kept and which left out."""

from __future__ import annotations

from queries.query import Values
from queries.reading.assemble import extras
from queries.reading.assemble.breakdowns import values_compared
from queries.reading.assemble.work import NotAskableError, Work, allowed_of, free_values, modified
from queries.reading.english import english, stem
from queries.reading.mentions import Mention
from queries.reading.tokens import norms

SINGLED_OUT = frozenset(
    ("on", "by", "via", "over", "through", "for", "only", "just", "about", "regarding", "concerning")
)


def where_of(work: Work, by: list[str]) -> tuple[dict[str, Values], dict[str, Values]]:
    p = work.parts
    kept: dict[str, set[str]] = {}
    dropped: dict[str, set[str]] = {}
    ruled_keys: set[str] = set()
    compared = set(values_compared(work))
    said = [(m, out, True) for m, out in p.values] + [(m, False, False) for m in free_values(work)]
    for m, left_out, ruled in said:
        if not ruled and _subject_only(work, m):
            continue
        key, values = _value(work, m, by)
        if (key in compared and extras.all_said(work, key)) or f"{key}_group" in compared:
            continue
        if ruled:
            ruled_keys.add(key)
        (dropped if left_out else kept).setdefault(key, set()).update(values)
    for f in p.dates:
        if f.part:
            key = _part_key(work)
            if key:
                kept.setdefault(key, set()).add(f.part)
    where = {k: Values.of(*v) for k, v in kept.items() if k in ruled_keys or not _says_nothing(work, k, v)}
    out = {k: Values.of(*v, exclude=True) for k, v in dropped.items() if k not in where}
    for m in p.left_out:
        name = min(m.names)
        out[name.level] = Values.of(name.code, *(out[name.level].values if name.level in out else ()), exclude=True)
    if p.without_self and work.person:
        out[work.person] = Values.of(work.viewer.login, exclude=True)
    return where, out


def _part_key(work: Work) -> str:
    return next((k for k, d in work.know.catalogue.dimensions.items() if d.hours), "")


def _subject_only(work: Work, m: Mention) -> bool:
    """A word that only names what the metric is about: calls of an abandonment rate."""
    if _of_the_case(work, m):
        return True
    if not set(range(m.start, m.end)) <= work.covers or modified(work, m):
        return False
    at = m.start - 1
    words = work.parts.scan.tokens
    had = any(t.key in allowed_of(work) for t in m.values)  # "appointment" of late arrivals can only be a visit
    if m.end - m.start == 1 and had and not _general(work, m):
        return False
    if m.end - m.start > 1 and words[m.start].norm in SINGLED_OUT:
        return False
    while at >= 0 and words[at].norm in ("the", "our", "my", "all"):
        at -= 1
    return at < 0 or words[at].norm not in SINGLED_OUT


def _of_the_case(work: Work, m: Mention) -> bool:
    """`return to the same home`, `again in that home`: where the one case was, no kind of customer."""
    words = [t.norm for t in work.parts.scan.tokens[max(0, m.start - 2) : m.start]]
    if m.end - m.start > 1 or not words:
        return False
    return words[-1] == "same" or (words[-1] == "that" and words[0] in english().prepositions)


def _general(work: Work, m: Mention) -> bool:
    """Whether a word for a value is used for all of its kind: the first that the catalogue lists, as `calls`."""
    of_units = (work.know.catalogue.company.get("privacy") or {}).get("unit_dimensions") or ()
    if any(t.key in of_units for t in m.values):
        return True
    values = {key: next(iter(d.values), "") for key, d in work.know.catalogue.dimensions.items()}
    return any(values.get(t.key) in t.values for t in m.values) or work.parts.scan.tokens[m.start].stem in _said(work)


def _said(work: Work) -> set[str]:
    """Stems of what the metric says of itself."""
    texts = (f"{x.label} {x.mirror_label} {x.plain} {x.raw.get('numerator')}" for x in work.metrics)
    return {stem(w) for text in texts for w in norms(text)}


def _value(work: Work, m: Mention, by: list[str]) -> tuple[str, tuple[str, ...]]:
    allowed = allowed_of(work)
    fitting = [t for t in m.values if t.key in allowed]
    if not fitting:
        raise NotAskableError("no_breakdown", metric=work.metric.key, by=m.values[0].key)
    keys = list(dict.fromkeys(t.key for t in fitting))
    if len(keys) > 1:
        order = list(work.metric.dimensions)
        keys.sort(key=lambda k: (k not in by, order.index(k) if k in order else 99))
        if keys[0] not in by:
            work.open[m.start] = keys
    key = work.forced.get(m.start) or keys[0]
    return key, tuple(v for t in fitting if t.key == key for v in t.values)


def _says_nothing(work: Work, key: str, values: set[str]) -> bool:
    """A restriction that the metric's own definition holds already."""
    for metric in work.metrics:
        implied = (metric.raw.get("words") or {}).get("implies") or {}
        if key in implied and set(implied[key]) <= values:
            continue
        d = work.know.catalogue.dimensions.get(key)
        if d and metric.feeds and set(metric.feeds) <= set(d.values) and set(metric.feeds) <= values:
            continue
        return False
    return True
