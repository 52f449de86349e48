"""Every sentence, rendered: no forbidden word, no colour, nothing left unfilled."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from queries import wording

ROOT = Path(__file__).resolve().parents[1]
FERNWAY = wording.load(ROOT / "data" / "companies" / "fernway")
VALUES = dict(  # noqa: C408
    subject="Harbour Repairs", value="5.1 %", label="late arrivals", span="16–18 November", cases="120 visits",
    count="3", things="late visits", you="you", your="your", others="6.4 %", yet=" yet", gap="2.1 points", low="2nd",
    high="9th", of="40", step="the standard", names="Bay Installs and Delta Repairs", all="9", levels="teams",
    level="team", help="visits 16:00–18:00", name="Bay Installs", area="Bay", fewer="fewer",
)  # fmt: skip


@pytest.mark.parametrize("situation", sorted(FERNWAY.texts))
def test_every_situation_is_said_in_allowed_words(situation: str) -> None:
    fields = FERNWAY.fields(situation)
    for values in ({f: VALUES.get(f, f) for f in fields}, {f: VALUES.get(f, "") for f in fields}):
        text = FERNWAY.say(situation, **values)
        assert text and not re.search(r"[{}\[\]]", text) and FERNWAY.forbidden(text) == [], text
    assert not re.search(r"\b(colou?r|green|blue|grey|yellow)\b", FERNWAY.texts[situation], re.I)
    assert len(FERNWAY.texts[situation]) < 200


def test_the_rules_words_are_forbidden() -> None:
    for text in (
        "the worst team", "Bottom of the list", "in last place", "a poor performer", "Underperformers", "you are late",
        "rank 12 of 40", "below average", "shown in red", "you must", "Warning: ", "weak week",
    ):  # fmt: skip
        assert FERNWAY.forbidden(text), text
    for text in ("last 13 weeks", "last week", "the last 4 whole weeks", "late arrivals", "Fred", "reduced", "mustard"):
        assert not FERNWAY.forbidden(text), text


def test_every_refusal_has_its_sentence() -> None:
    source = "".join((ROOT / "queries/privacy" / f"{name}.py").read_text() for name in ("rights", "people"))
    keys = set(re.findall(r'[Rr]efusal\(\s*"(\w+)"', source)) | {"person_by_name", "unit_by_name", "too_small"}
    assert len(keys) > 10
    for key in keys:
        assert f"refused_{key}" in FERNWAY.texts, key


def test_optional_parts_and_capitals() -> None:
    words = wording.Wording({"a": "{Your} work[[: {mix}]]."}, ())
    assert words.say("a", your="your team's", mix="70 % remote") == "Your team's work: 70 % remote."
    assert words.say("a", your="your", mix="") == "Your work."
    with pytest.raises(KeyError):
        words.say("a", mix="x")


def test_a_company_replaces_sentences_and_is_told_of_mistakes(tmp_path: Path) -> None:
    (tmp_path / "wording.yml").write_text("streak: '{weeks} good weeks.'\nnever: [slow]\n")
    own = wording.load(tmp_path)
    assert own.say("streak", weeks=8) == "8 good weeks." and own.forbidden("slow work") == ["slow"]
    assert own.texts["clean_week"] == FERNWAY.texts["clean_week"]
    for text, fault in (("streek: 'x'", "did you mean streak"), ("streak: '{days} days'", "has no days")):
        folder = tmp_path / fault.replace(" ", "_")
        folder.mkdir()
        (folder / "wording.yml").write_text(text)
        with pytest.raises(wording.WordingError, match=fault):
            wording.load(folder)
