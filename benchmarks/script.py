"""What the benchmarks say: sentences with every kind of lip sound, and silence between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle

import numpy as np

from visavis.render.pipeline import Cast
from visavis.render.sound import on_grid
from visavis.render.types import Sentence, Speech, TimedPhoneme

TEXTS = {
    "en-us": (
        "Bob's puppy popped up.",
        "She sells sea shells by the sea shore.",
        "Please tell me your order number, and I will find out where the parcel is.",
        "Five families moved very far away from the village.",
        "My memory of our last conversation is that you wanted a refund for the blue lamp.",
        "The weather in London was cold, but people walked along the river anyway.",
        "How are you today? I hope everything is fine.",
        "Peter Piper picked a peck of pickled peppers.",
    ),
    "cmn": (
        "爸爸妈妈跑步买苹果。",
        "您好，请问您的订单号是多少？我来帮您查一下。",
        "父亲非常喜欢吃番茄和米饭。",
        "今天天气很好，我们去公园散步吧。",
        "我们的商店每天早上九点开门，晚上八点关门。",
        "请把门打开，外面有人在等你。",
        "四是四，十是十，十四是十四，四十是四十。",
    ),
}
_SILENCE_S = 1.2
"""Of nobody speaking, in the middle and at the end."""


def spoken(cast: Cast, language: str, seconds: float) -> Iterator[Speech]:
    """Sentences for at least *seconds*, silence after the first half and at the end."""
    total, paused = 0.0, False
    for text in cycle(TEXTS[language]):
        speech = on_grid(cast.voice.speak(Sentence(text, language=language)), cast.fps)
        yield speech
        total += speech.duration_s
        if total >= seconds / 2 and not paused:
            yield silent(speech.rate)
            paused = True
        if total >= seconds:
            yield silent(speech.rate)
            return


def silent(rate: int) -> Speech:
    return Speech(
        np.zeros(round(_SILENCE_S * rate), np.float32), rate, Sentence(""), (TimedPhoneme("_", 0.0, _SILENCE_S),)
    )


def unheard(speech: Speech) -> Speech:
    """The same sound, of which nobody knows the phonemes."""
    return replace(speech, phonemes=(), timing="audio")
