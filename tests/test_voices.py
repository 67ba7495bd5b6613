"""What every voice promises, whichever files are in ``render/voices``."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from visavis.errors import TextError
from visavis.render import sound
from visavis.render.backends import available, load
from visavis.render.contracts import Voice
from visavis.render.types import Sentence, Speech

TEXTS = [
    Sentence("Bob's puppy popped up."),
    Sentence("It costs $29.50, 10% off; order within 3-5 days!"),
    Sentence("Write to bob_b@example.com & see https://shop.example.com/a-b?x=1."),
    Sentence("你好，世界。今天天气很好！", language="cmn"),
    Sentence("مرحبا بالعالم", language="ar"),
    Sentence("Hello 你好 мир!", language="auto"),
    Sentence("A"),
    Sentence("word " * 60),
]


@pytest.fixture(params=sorted(available("voice")))
def voice(request: pytest.FixtureRequest) -> Voice:
    missing = available("voice")[request.param]
    if missing:
        pytest.skip(missing)
    return load("voice", request.param)


def check(speech: Speech) -> None:
    """The promises of ``types.Speech``."""
    samples = speech.samples
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert samples.flags.c_contiguous
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= sound.PEAK + 1e-6
    assert sound.voiced(samples, speech.rate).any()

    if speech.timing == "audio":
        assert not speech.phonemes
    else:
        assert speech.phonemes[0].start_s == 0
        assert speech.phonemes[-1].end_s == pytest.approx(speech.duration_s, abs=1e-9)
        for phoneme, following in pairwise(speech.phonemes):
            assert phoneme.end_s == following.start_s
        for phoneme in speech.phonemes:
            assert phoneme.end_s > phoneme.start_s
            assert phoneme.symbol
            assert phoneme.symbol.startswith("_") or phoneme.symbol[0] not in "',%=("
            assert phoneme.symbol in ("_", "_:") or not phoneme.symbol.startswith("_")
            assert phoneme.language

    at = 0
    for word in speech.words:
        found = speech.sentence.text.find(word.text, at)
        assert found >= 0, f"{word.text!r} is not in the rest of the text"
        at = found + len(word.text)
    for word in speech.words:
        assert 0 <= word.start_s <= word.end_s <= speech.duration_s + 1e-9
    for word, following in pairwise(speech.words):
        assert word.end_s <= following.start_s + 1e-9


@pytest.mark.parametrize("sentence", TEXTS, ids=lambda sentence: sentence.text[:20])
def test_keeps_the_promises_of_speech(voice: Voice, sentence: Sentence) -> None:
    speech = voice.speak(sentence)
    check(speech)
    assert speech.sentence == sentence
    assert speech.rate == voice.capabilities.rate
    assert speech.timing == voice.capabilities.timing


def test_is_a_voice_under_its_own_name(voice: Voice, request: pytest.FixtureRequest) -> None:
    assert isinstance(voice, Voice)
    assert voice.name == request.node.callspec.params["voice"]


@pytest.mark.parametrize("text", ["", "   ", "...", "\0\x07", "—"])
def test_nothing_to_speak(voice: Voice, text: str) -> None:
    with pytest.raises(TextError) as caught:
        voice.speak(Sentence(text))
    assert "\n" not in str(caught.value)
    assert caught.value.fix


def test_same_text_same_sound(voice: Voice) -> None:
    first = voice.speak(TEXTS[1])
    voice.speak(TEXTS[3])
    again = voice.speak(TEXTS[1])
    assert np.array_equal(first.samples, again.samples)
    assert first.phonemes == again.phonemes
    assert first.words == again.words


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40))
def test_any_text(voice: Voice, text: str) -> None:
    try:
        speech = voice.speak(Sentence(text, language="en-us"))
    except TextError:
        return
    check(speech)
