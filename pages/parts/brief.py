"""Short labels for ready questions: the whole of one, or what a follow-up changes. Pure."""

from __future__ import annotations

from pages.parts.changes import AGAINST, Setting, label_of, periods, short, side_label, value_name, whose
from queries.query import Query

EXPLAINED = {
    "definition": "how is it counted?",
    "drivers": "what moved, and why?",
    "next_step": "what would help next?",
    "streak": "how long in a row?",
    "personal_best": "my best weeks",
}
ORDERED = {
    "best": "who leads",
    "room_to_grow": "where help is welcome",
    "most_improved": "who improved most",
    "most": "most first",
    "least": "least first",
}


def brief(query: Query, at: Setting) -> str:
    """A question in few words: `Late arrivals of Harbour Repairs, this week, against others`."""
    metrics = " and ".join(_metrics(query, at))
    if query.explain == "definition":
        return f"How are {metrics[:1].lower() + metrics[1:]} counted?"
    of = whose(query, at) if query.about or not query.by else ""
    first = f"My {metrics[:1].lower()}{metrics[1:]}" if of == "me" else f"{metrics} of {of}" if of else metrics
    parts = [first, _when(query, at), *_rest(query, at)]
    return ", ".join(p for p in parts if p)


def change(old: Query, new: Query, at: Setting) -> str:
    """What a follow-up changes: `by day`, `against the period before`, `only repair`; all of it when much differs."""
    said = []
    if new.explain and new.explain != old.explain:
        return EXPLAINED.get(new.explain, new.explain)
    if (new.metrics, new.side) != (old.metrics, old.side):
        said.append(" and ".join(_metrics(new, at)))
    if new.about != old.about:
        said.append(whose(new, at))
    if new.period != old.period:
        said.append(_when(new, at))
    if (set(new.compare), set(new.by), new.grain, new.order, new.where) != (
        set(old.compare), set(old.by), old.grain, old.order, old.where,
    ):  # fmt: skip
        before = set(_rest(old, at))
        said += [part for part in _rest(new, at) if part not in before]
    return ", ".join(s for s in said if s) or brief(new, at)


def _metrics(query: Query, at: Setting) -> list[str]:
    held = at.catalogue.metrics
    return [side_label(held[m], s) for m, s in zip(query.metrics, query.side, strict=True) if m in held]


def _when(query: Query, at: Setting) -> str:
    if query.period is None:
        return ""
    known = next((text for text, period in periods(at.today) if period == query.period), None)
    return known or f"{short(query.period.start)} to {short(query.period.last)}"


def _rest(query: Query, at: Setting) -> list[str]:
    """Everything but metric, whose and when, in words."""
    parts = [f"against {AGAINST[c]}" for c in query.compare if not (c == "previous" and query.order == "most_improved")]
    own = {key for key, _ in query.about} if "others" in query.compare else set()
    parts += [f"by {label_of(key, at)}" for key in query.by if key not in own]
    if query.grain:
        parts.append(f"by {query.grain}")
    for key, values in query.where:
        names = ", ".join(value_name(key, v, at) for v in values.values)
        parts.append(f"without {names}" if values.exclude else f"only {names}")
    if query.having:
        parts.append("who beat the standard" if query.having[0].op == "meets_standard" else "with a threshold")
    elif query.order:
        parts.append(ORDERED[query.order])
    if query.explain:
        parts.append(EXPLAINED.get(query.explain, query.explain))
    return parts
