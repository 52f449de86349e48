"""Which words of a question were understood, which assumed, which not used: spans for the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from queries.outcomes import Mark
from queries.reading.parts import Parts
from queries.reading.tokens import Token

UNDERSTOOD, ASSUMED, UNUSED = "understood", "assumed", "unused"


def marks(p: Parts, core: Iterable[int], framed: bool, unused: Iterable[int]) -> tuple[Mark, ...]:
    """The spans of a question, in order; neighbours of one kind and part are joined."""
    words = p.scan.tokens
    kinds: dict[int, tuple[str, str]] = {}
    for h in p.scan.hard:
        part = "when" if h.date else "" if h.polite else "how"
        for i in range(h.start, h.end):
            kinds[i] = (UNDERSTOOD, part)
    for w in p.whose:
        for i in range(w.start, w.end):
            kinds[i] = (UNDERSTOOD, "whose")
    for m in p.named:
        for i in range(m.start, m.end):
            kinds[i] = (UNDERSTOOD, "whose")
    for m in p.scan.mentions:
        for i in range(m.start, m.end):
            kinds.setdefault(i, (UNDERSTOOD, "only"))
    for i in core:
        kinds[i] = (ASSUMED if framed else UNDERSTOOD, "what")
    for i, t in enumerate(words):
        if t.was:
            kinds[i] = (ASSUMED, kinds.get(i, ("", "what"))[1])
    for i in unused:
        kinds[i] = (UNUSED, "")
    return _joined(words, kinds)


def _joined(words: Sequence[Token], kinds: dict[int, tuple[str, str]]) -> tuple[Mark, ...]:
    out: list[Mark] = []
    for i in sorted(kinds):
        how, part = kinds[i]
        start, end = words[i].start, words[i].end
        last = out[-1] if out else None
        if last and last.how == how and last.part == part and i - 1 in kinds and start >= last.start:
            out[-1] = Mark(last.start, max(end, last.end), how, part)
        elif last is None or start >= last.end:
            out.append(Mark(start, end, how, part))
    return tuple(out)
