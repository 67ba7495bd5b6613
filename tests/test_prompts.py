"""The texts given to models."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from visavis import prompts

NAMES = sorted(entry.name[:-3] for entry in files("visavis.prompts").iterdir() if entry.name.endswith(".md"))


def test_a_missing_value_is_named() -> None:
    with pytest.raises(KeyError, match="today"):
        prompts.load("system-en")


def test_an_unknown_prompt_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        prompts.load("no-such-prompt")


def test_a_slot_inside_a_value_stays_text() -> None:
    assert "{{ today }}" in prompts.load("memory", quotes="{{ today }}")


@pytest.mark.parametrize("name", NAMES)
def test_every_prompt_loads_with_its_own_slots(name: str) -> None:
    text = files("visavis.prompts").joinpath(f"{name}.md").read_text(encoding="utf-8")
    slots = set(re.findall(r"\{\{\s*(\w+)\s*\}\}", text))
    filled = prompts.load(name, **dict.fromkeys(slots, "VALUE"))
    assert "{{" not in filled
    assert ("VALUE" in filled) == bool(slots)


def test_both_languages_have_the_same_slots_and_rules() -> None:
    english, chinese = (
        files("visavis.prompts").joinpath(f"system-{tag}.md").read_text(encoding="utf-8") for tag in ("en", "zh")
    )
    assert english.count("\n- ") == chinese.count("\n- ")
