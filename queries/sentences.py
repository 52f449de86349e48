"""The sentences of answers, by situation."""

from __future__ import annotations

from typing import Any

TEXTS = {
    "figure": "{subject}: {label} {value} {span}{cases}.",
    "others": "{subject}: {label} {value} {span}, others like {you} {others}.",
    "level": "Too close to call{yet}{place}.",
    "early": "Others are {gap} {apart}; too early to be sure{place}.",
    "early_ahead": "{Ahead} by {gap}, too early to be sure{place}.",
    "ahead": "Clearly ahead by {gap}{place}.",
    "behind": "Others are ahead by {gap}{place}.",
    "about_the_same": "About the same as the others{place}.",
    "place": ": anywhere from {low} to {high} of {of}",
    "place_one": ": {low} of {of}",
}


def say(key: str, **values: Any) -> str:
    return TEXTS[key].format(**values)
