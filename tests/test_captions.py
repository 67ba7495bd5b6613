"""Speech in, WebVTT out."""

from __future__ import annotations

import html
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.errors import OutputError
from visavis.render.captions import LINE, LINES, Cue, columns, cues, write_vtt
from visavis.render.types import Sentence, Speech, TimedWord

RATE = 1000
TIMES = re.compile(r"(\d\d+):(\d\d):(\d\d)\.(\d{3}) --> (\d\d+):(\d\d):(\d\d)\.(\d{3})")


def speech(text: str, step_s: float = 0.3, *, timed: bool = True) -> Speech:
    words = [TimedWord(word, k * step_s, (k + 0.9) * step_s) for k, word in enumerate(text.split())]
    count = round((len(words) * step_s + 0.1) * RATE)
    return Speech(np.zeros(count, np.float32), RATE, Sentence(text), words=tuple(words) if timed else ())


def parse(path: Path) -> list[Cue]:
    """A reader as strict as the format: header, blank line, blocks of times and text."""
    header, *blocks = path.read_text(encoding="utf-8").rstrip("\n").split("\n\n")
    assert header == "WEBVTT"
    found = []
    for block in blocks:
        times, *lines = block.split("\n")
        match = TIMES.fullmatch(times)
        assert match, times
        h0, m0, s0, f0, h1, m1, s1, f1 = (int(group) for group in match.groups())
        assert lines
        assert not [line for line in lines if "-->" in line or "<" in line or not line.strip()]
        found.append(
            Cue(
                h0 * 3600 + m0 * 60 + s0 + f0 / 1000,
                h1 * 3600 + m1 * 60 + s1 + f1 / 1000,
                html.unescape("\n".join(lines)),
            )
        )
    return found


TEXT = st.text(alphabet=st.sampled_from("abcdefg 好世\n-><&;\"'\0\u0301😀.,\u2028"), max_size=300)


@given(TEXT, st.sampled_from([0.001, 0.3, 4.0]), st.booleans())
def test_the_whole_text_in_small_cues_in_order(text: str, step_s: float, timed: bool) -> None:
    found = cues(speech(text, step_s, timed=timed), 10.0)
    shown = "".join("".join(cue.text.split()) for cue in found)
    assert shown == "".join("".join(text.replace("\0", " ").split()))
    for cue in found:
        assert 10.0 <= cue.start_s <= cue.end_s
        lines = cue.text.split("\n")
        assert 1 <= len(lines) <= LINES
        for line in lines:
            assert 0 < columns(line) <= LINE
    for cue, following in pairwise(found):
        assert cue.end_s <= following.start_s + 1e-9


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5), TEXT.filter(lambda t: t.strip(" \n\0\u2028")))))
def test_files_are_valid(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[float, float, str]]) -> None:
    path = tmp_path_factory.mktemp("captions") / "a.vtt"
    at, given_cues = 0.0, []
    for gap_s, length_s, text in steps:
        at += gap_s
        for cue in cues(speech(text, length_s / max(len(text.split()), 1) + 0.001), at):
            given_cues.append(cue)
            at = cue.end_s
    write_vtt(given_cues, path)
    found = parse(path)
    assert [cue.text for cue in found] == [cue.text for cue in given_cues]
    for cue, following in pairwise(found):
        assert cue.start_s < cue.end_s <= following.start_s


def test_cues_follow_the_words() -> None:
    text = "Thank you for calling our shop. We ship in 3-5 days, and it costs $29.50 & tax to send it home."
    first, second = cues(speech(text), 2.0)
    assert first.text == "Thank you for calling our shop. We ship in\n3-5 days, and it costs $29.50 & tax to"
    assert second.text == "send it home."
    assert (first.start_s, first.end_s) == pytest.approx((2.0, 2.0 + 17.9 * 0.3))
    assert (second.start_s, second.end_s) == pytest.approx((2.0 + 18 * 0.3, 2.0 + 20.9 * 0.3))


def test_signs_that_are_not_spoken_are_shown() -> None:
    spoken = Speech(
        np.zeros(1000, np.float32),
        RATE,
        Sentence("— Hi 👍 there!"),
        words=(TimedWord("Hi", 0.1, 0.3), TimedWord("there!", 0.4, 0.8)),
    )
    assert cues(spoken, 0.0) == [Cue(0.1, 0.8, "— Hi 👍 there!")]


def test_chinese_is_cut_between_characters() -> None:
    text = "今天天气很好，我们去公园散步吧，然后一起回家吃饭，晚上再看电影，明天早上去买苹果和香蕉还有牛奶。"
    words = tuple(TimedWord(char, 0.2 * k, 0.2 * k + 0.2) for k, char in enumerate(text))
    found = cues(Speech(np.zeros(20_000, np.float32), RATE, Sentence(text), words=words), 0.0)
    assert "".join(cue.text.replace("\n", "") for cue in found) == text
    assert all(len(line) <= LINE // 2 for cue in found for line in cue.text.split("\n"))


def test_markup_is_escaped(tmp_path: Path) -> None:
    write_vtt([Cue(0, 1, "a <b> & c --> d")], tmp_path / "a.vtt")
    assert (tmp_path / "a.vtt").read_text() == "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\na &lt;b&gt; &amp; c --&gt; d\n"


def test_long_replies(tmp_path: Path) -> None:
    write_vtt([Cue(3599.9996, 360_000.0, "x")], tmp_path / "a.vtt")
    assert "01:00:00.000 --> 100:00:00.000" in (tmp_path / "a.vtt").read_text()


def test_no_cues(tmp_path: Path) -> None:
    write_vtt([], tmp_path / "a.vtt")
    assert (tmp_path / "a.vtt").read_text() == "WEBVTT\n"
    assert cues(Speech(np.zeros(0, np.float32), RATE, Sentence("")), 0.0) == []


def test_unwritable_place(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_vtt([Cue(0, 1, "x")], tmp_path / "missing" / "a.vtt")
    (tmp_path / "a.vtt").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        write_vtt([Cue(0, 1, "x")], tmp_path / "a.vtt")
    assert [path.name for path in tmp_path.iterdir()] == ["a.vtt"]
