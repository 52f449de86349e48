"""A part of a count asked for: `what share of late visits are repairs`, `… lie in the north`."""

from __future__ import annotations

from queries.reading.contrasts import LINKING
from queries.reading.parts.model import Parts

SHARES = frozenset("share percentage percent % proportion fraction portion part much".split())  # noqa: SIM905
LINKS = frozenset("be come fall happen occur go lie sit arise belong concern involve relate".split())  # noqa: SIM905
"""Stems of verbs after which is said which of the cases: `are in the north`, `come from repairs`."""

RELATIVE = frozenset(("when", "where", "that", "which", "who", "while", "if"))
CAUSING = frozenset(("due", "to", "because", "caused", "down"))


def take_portion(p: Parts) -> None:
    """After `share of` and what is counted: the verb, and the value or place that says which part of them."""
    words = p.scan.tokens
    starts = [i for i in range(1, len(words)) if words[i].norm == "of" and words[i - 1].norm in SHARES]
    starts = [i for i in starts if i < 2 or words[i - 2].number is None]  # "more than 35 % of"
    for verb in range(starts[0] + 2, len(words) - 1) if starts else ():
        if words[verb].norm in RELATIVE:
            return
        at = verb + 1
        while at < len(words) - 1 and words[at].norm in LINKING | CAUSING:
            at += 1
        which = [m for m in p.scan.mentions if m.start == at and (m.values or m.names)]
        own = any(m.start < verb and at in m.used for m in p.scan.phrases)  # "how much of the wait is for parts"
        if words[verb].stem in LINKS and which and not own:
            p.portion = (starts[0], verb)
            p.held.add(verb)
            p.closed.add(starts[0] - 1)  # "what part of the late visits" waits for no parts
            p.closed.update(range(at, max(m.end for m in which)))
            if any(h.start <= verb < h.end and h.rule.make.get("compare") == "previous" for h in p.scan.hard if h.rule):
                p.compare.discard("previous")  # "fell on mondays"
            return
