"""The sentences of answers, by situation."""

from __future__ import annotations

from typing import Any

TEXTS = {
    "figure": "{subject}: {label} {value} {span}{of}.",
    "counted": "{subject}: {label} {count}{of} {span}.",
    "own_counts": "{subject}: {label} {count}{of} {span}. A short time like this is told in counts.",
    "few": "{subject}: {label} {count}{of} {span}. Too few to compare yet.",
    "nothing": "Nothing was counted for {label} of {subject} {span}.",
    "before_data": "The figures begin on {day}, so there is none for {span}.",
    "missing": "{label} is not connected yet: {what}.",
    "list": "{label} by {by}, {subject}, {span}: {value} altogether.",
    "list_open": "{label} by {by}, {subject}, {span}.",
    "list_ends": "From {best} ({best_value}) to {other} ({other_value}).",
    "list_most": "Most: {first} ({first_value}).",
    "list_least": "Least: {first} ({first_value}).",
    "people_list": "{label} of your people, {span}, in the order of their names.",
    "series": "{label}, {subject}, by {grain}, {span}: {value} altogether, {newest} in the newest {grain} ({day}).",
    "previous_same": "No real difference from {then} ({value}).",
    "previous_early": "{gap} {direction} than {then} ({value}); too early to be sure.",
    "previous_real": "{gap} {direction} than {then} ({value}).",
    "previous_plain": "{then}: {value}.",
    "standard_beat": "Better than the standard of {standard}.",
    "standard_on": "On the standard of {standard}, give or take (between {low} and {high}).",
    "standard_next": "The standard is {standard}; {gap} to go.",
    "standard_plain": "The standard is {standard}.",
    "company": "The company: {value}.",
    "settling_all": "{label} from the last {days} days are still settling. Last settled week ({span}): {value}.",
    "settling_all_open": "{label} from the last {days} days are still settling.",
    "settling_some": "From {day} on the figures are still settling: cases need {days} days.",
    "settled_part": "Compared are only the settled days, {span}.",
    "blocks": "Figures of people come in whole blocks of four weeks: {span}.",
    "withheld": "{number} {cells} with too few people or cases {are} not shown.",
    "rounded": "Figures of fewer than {people} people are rounded to whole per cent.",
    "stale": "{label}: {note}",
    "others": "{subject}: {label} {value} {span}, others like {it} {others}.",
    "level": "Too close to call{yet}{place}.",
    "early": "Others are ahead by {gap}; too early to be sure{place}.",
    "early_ahead": "Ahead by {gap}; too early to be sure{place}.",
    "ahead": "Clearly ahead by {gap}{place}.",
    "behind": "Others are ahead by {gap}{place}.",
    "about_the_same": "About the same as the others{place}.",
    "no_place_few": "{cases} cases so far; a place needs {place}.",
    "place": ": anywhere from {low} to {high} of {of}",
    "place_one": ": {low} of {of}",
}


def say(key: str, **values: Any) -> str:
    """The sentence of a situation with its values filled in."""
    text = TEXTS[key].format(**values)
    return text[:1].upper() + text[1:]
