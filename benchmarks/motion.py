"""Motion: how fast it is planned, how well sound alone stands in for phonemes, how far the picture is from the sound.

    python benchmarks/motion.py [--json]

Correlation and lag are of the intended opening of the mouth, before any picture is drawn. Times are of this machine.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from statistics import median
from time import perf_counter

import numpy as np

from visavis.render.motion import Gestures, aperture, plan
from visavis.render.motion.loudness import loudness_db
from visavis.render.types import Floats, Sentence, Speech
from visavis.render.voices.espeak import backend

FPS = 25.0
TEXTS = {
    "en-us": (
        "Please tell me your order number, and I will find out where the parcel is.",
        "The weather in London was cold, but people walked along the river anyway.",
        "Bob's puppy popped up.",
        "She sells sea shells by the sea shore.",
        "My memory of our last conversation is that you wanted a refund for the blue lamp.",
        "How are you today? I hope everything is fine.",
        "Peter Piper picked a peck of pickled peppers.",
    ),
    "cmn": (
        "爸爸妈妈跑步买苹果。",
        "您好，请问您的订单号是多少？我来帮您查一下。",
        "今天天气很好，我们去公园散步吧。",
        "我们的商店每天早上九点开门，晚上八点关门。",
        "四是四，十是十，十四是十四，四十是四十。",
        "请把门打开，外面有人在等你。",
    ),
}


def unheard(speech: Speech) -> Speech:
    """The same sound, of which nobody knows the phonemes."""
    return replace(speech, phonemes=(), timing="audio")


def opening(speech: Speech, fps: float = FPS) -> Floats:
    return aperture(plan(speech, fps, Gestures.start())[0])


def correlation(speeches: list[Speech]) -> float:
    """Between the opening from phonemes and from sound alone, over all *speeches*."""
    known = np.concatenate([opening(speech) for speech in speeches])
    guessed = np.concatenate([opening(unheard(speech)) for speech in speeches])
    return float(np.corrcoef(known, guessed)[0, 1])


def lag_ms(speeches: list[Speech]) -> float:
    """Of the opening behind the level of the sound, at 100 frames a second; negative is early."""
    opened, loud = [], []
    for speech in speeches:
        track = opening(speech, 100.0)
        level = 10 ** (loudness_db(speech.samples, speech.rate) / 20)
        opened.append(track - track.mean())
        loud.append(np.resize(level, len(track)) - level.mean())
    a, b = np.concatenate(opened), np.concatenate(loud)
    shifts = np.arange(-25, 26)
    # A step of loudness_db is centred half a step after its own time.
    return float(10 * shifts[np.argmax([np.dot(np.roll(b, shift), a) for shift in shifts])]) - 5


def plan_ms(speech: Speech) -> float:
    times = []
    for _ in range(7):
        start = perf_counter()
        plan(speech, FPS, Gestures.start())
        times.append(perf_counter() - start)
    return 1000 * median(times)


def measure() -> dict[str, float]:
    """Every number, by name."""
    voice = backend()
    results: dict[str, float] = {}
    for language, texts in TEXTS.items():
        speeches = [voice.speak(Sentence(text, language=language)) for text in texts]
        results[f"audio_correlation_{language}"] = correlation(speeches)
        results[f"lag_ms_{language}"] = lag_ms(speeches)
    short = voice.speak(Sentence(TEXTS["en-us"][2]))
    long = voice.speak(Sentence(" ".join(TEXTS["en-us"])))
    results["plan_ms_short"] = plan_ms(short)
    results["plan_ms_per_second"] = plan_ms(long) / long.duration_s
    results["plan_ms_per_second_audio"] = plan_ms(unheard(long)) / long.duration_s
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    results = {name: round(value, 3) for name, value in measure().items()}
    if parser.parse_args().json:
        print(json.dumps(results))
    else:
        for name, value in results.items():
            print(f"{name:28} {value:8.3f}")


if __name__ == "__main__":
    main()
