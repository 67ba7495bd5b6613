"""Voices and recordings that tell no times: how well the times are found, and what the mouth does with sound alone.

    python benchmarks/aligning.py [--json]
    python benchmarks/aligning.py --long 20        one recording of 20 minutes

Each speaker in ``speakers.py`` says sentences of which every sound is known; synthesizers that are not installed are left out and
named. Times are found with the text (aligned to espeak-ng), and the mouth is moved by them, and by the sound alone, at 25 pictures
a second.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle
from time import perf_counter

import numpy as np

from visavis.benchmarks.speakers import SPEAKERS, Sound, Speaker, Spoken
from visavis.render import sound
from visavis.render.motion import Gestures, aperture, plan, timing
from visavis.render.motion.events import Event, heard
from visavis.render.motion.phonemes import Manner
from visavis.render.types import Floats, Speech
from visavis.render.voices.align import align
from visavis.render.voices.espeak import backend

FPS = 25.0
SHUT = 0.02
"""Gap in mouth widths up to which lips are shut, as in ``visavis inspect``."""
NEAR_S = 0.02
"""How far from a closure a picture may be that shows it."""
ASTRAY_S = 0.24
"""A mouth so late shows closures by chance only."""
LONG_S = 0.06
"""A shorter vowel may be missed."""

Change = Callable[[Floats, int], tuple[Floats, int]]


@dataclass
class Tally:
    """What was found, over some sentences."""

    onsets_ms: list[float] = field(default_factory=list)
    """How late each sound is."""
    releases_ms: list[float] = field(default_factory=list)
    """How late the lips of p, b and m part."""
    closures: list[bool] = field(default_factory=list)
    """Whether each p, b and m is shown."""
    by_chance: list[bool] = field(default_factory=list)
    """The same of a mouth that moves ``ASTRAY_S`` too late."""
    vowels: list[bool] = field(default_factory=list)
    """Whether each vowel is shut although no lips are."""
    refused: list[bool] = field(default_factory=list)
    """Whether the text was taken for another."""

    def row(self) -> dict[str, float]:
        onsets, releases = np.abs(self.onsets_ms), np.abs(self.releases_ms)
        return {
            "sounds, median ms": float(np.median(onsets)) if len(onsets) else np.nan,
            "sounds, p95 ms": float(np.percentile(onsets, 95)) if len(onsets) else np.nan,
            "p b m, median ms": float(np.median(releases)) if len(releases) else np.nan,
            "p b m, p95 ms": float(np.percentile(releases, 95)) if len(releases) else np.nan,
            "p b m shown": float(np.mean(self.closures)),
            "by chance": float(np.mean(self.by_chance)),
            "vowels shut": float(np.mean(self.vowels)),
            "right text refused": float(np.mean(self.refused)),
        }

    def time(self, spoken: Spoken, speech: Speech) -> None:
        """Compare the times of *speech* with the true ones."""
        events = [event for event in heard(speech.phonemes, speech.duration_s) if not event.pause]
        for true, event in matched(spoken.sounds, events):
            if Manner.PLOSIVE is true.manner is event.phone.manner:
                self.onsets_ms.append(1000 * (event.start_s + 0.01 - true.release_s))
            else:
                self.onsets_ms.append(1000 * (timing.audible(event)[0] - true.start_s))
            if true.closure and event.shape == "PP":
                self.releases_ms.append(1000 * (timing.shut(event)[1] - true.release_s))

    def watch(self, spoken: Spoken, speech: Speech) -> None:
        """Look at the mouth that *speech* moves."""
        shut = aperture(plan(speech, FPS, Gestures.start())[0]) <= SHUT
        astray = np.roll(shut, round(ASTRAY_S * FPS))
        at = np.arange(len(shut)) / FPS
        lips = [each for each in spoken.sounds if each.closure]
        for each in lips:
            shown = (at >= each.start_s - NEAR_S) & (at <= each.release_s + NEAR_S)
            self.closures.append(bool(shut[shown].any()))
            self.by_chance.append(bool(astray[shown].any()))
        for vowel in spoken.sounds:
            length_s = vowel.end_s - vowel.start_s
            if vowel.kind == "vowel" and length_s > LONG_S:
                first_s, last_s = vowel.start_s + length_s / 4, vowel.end_s - length_s / 4
                beside = any(each.start_s - NEAR_S <= last_s and first_s <= each.release_s + NEAR_S for each in lips)
                self.vowels.append(bool(shut[(at >= first_s) & (at <= last_s)].any()) and not beside)


def matched(sounds: Iterable[Sound], events: Iterable[Event]) -> Iterator[tuple[Sound, Event]]:
    """Sounds of the speaker and of the aligned text that are the same, by the least edits; two readers never read quite alike."""
    true, found = list(sounds), list(events)
    kinds = ["vowel" if event.phone.vowel else event.shape for event in found]
    edits = np.add.outer(np.arange(len(true) + 1), np.arange(len(found) + 1)) * 0.6
    for i, each in enumerate(true):
        for j, kind in enumerate(kinds):
            edits[i + 1, j + 1] = min(
                edits[i, j] + _unlike(each.kind, kind), edits[i, j + 1] + 0.6, edits[i + 1, j] + 0.6
            )
    i, j = len(true), len(found)
    pairs = []
    while i and j:
        if edits[i, j] == edits[i - 1, j - 1] + _unlike(true[i - 1].kind, kinds[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((true[i], found[j]))
        elif edits[i, j] == edits[i - 1, j] + 0.6:
            i -= 1
        else:
            j -= 1
    return reversed(pairs)


def _unlike(first: str, second: str) -> float:
    if first == second:
        return 0.0
    return 3.0 if "vowel" in (first, second) else 0.9


def measure(
    speakers: Iterable[tuple[Speaker, list[Spoken]]], change: Change | None = None
) -> tuple[Tally, Tally, Tally]:
    """With the right text, with the text of another sentence, and by sound alone."""
    reference = backend()
    right, wrong, alone = Tally(), Tally(), Tally()
    for _, said in speakers:
        for index, spoken in enumerate(said):
            samples, rate = change(spoken.samples, spoken.rate) if change else (spoken.samples, spoken.rate)
            speech = align(samples, rate, spoken.sentence, reference)
            right.refused.append(speech.timing == "audio")
            if speech.phonemes:
                right.time(spoken, speech)
            right.watch(spoken, speech)
            other = said[(index + len(said) // 2) % len(said)].sentence
            wrong.refused.append(align(samples, rate, other, reference).timing == "audio")
            alone.watch(spoken, replace(speech, phonemes=(), timing="audio"))
    return right, wrong, alone


def noisy(samples: Floats, rate: int) -> tuple[Floats, int]:
    """White noise at 20 dB below the speech."""
    level = np.sqrt(np.square(samples[sound.voiced(samples, rate)]).mean()) / 10
    return samples + np.random.default_rng(0).normal(0, level, len(samples)).astype(np.float32), rate


def clipped(samples: Floats, rate: int) -> tuple[Floats, int]:
    """Three times too loud."""
    return np.clip(3 * samples / np.abs(samples).max(), -1, 1).astype(np.float32), rate


def telephone(samples: Floats, rate: int) -> tuple[Floats, int]:
    """At 8 kHz."""
    return sound.resample(samples, rate, 8000), 8000


CONDITIONS: dict[str, Change] = {"noise, 20 dB": noisy, "clipped": clipped, "8 kHz": telephone}


def lecture(said: list[Spoken], minutes: float) -> dict[str, float]:
    """All sentences again and again with pauses of 0.2 to 3 s between them: errors of the sentences' first words, and the work."""
    rng = np.random.default_rng(0)
    pieces: list[Floats] = []
    starts_s: list[float] = []
    words: list[int] = []
    texts: list[str] = []
    length, rate = 0, said[0].rate
    for spoken in cycle(said):
        starts_s.append(length / rate + spoken.sounds[0].start_s)
        words.append(sum(len(text.split()) for text in texts))
        texts.append(spoken.sentence.text)
        pieces += [spoken.samples, np.zeros(round(rng.uniform(0.2, 3) * rate), np.float32)]
        length += len(pieces[-2]) + len(pieces[-1])
        if length > 60 * minutes * rate:
            break
    started = perf_counter()
    speech = align(np.concatenate(pieces), rate, replace(said[0].sentence, text=" ".join(texts)), backend())
    seconds = perf_counter() - started
    found = np.array([speech.words[word].start_s for word in words])
    errors = 1000 * np.abs(found - starts_s)
    return {
        "first words, median ms": float(np.median(errors)),
        "first words, p95 ms": float(np.percentile(errors, 95)),
        "work, s": seconds,
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", type=float, metavar="MINUTES", help="only one recording of this length")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    missing = [speaker.name for speaker in SPEAKERS if not speaker.installed()]
    if missing:
        sys.stderr.write(f"Not installed, left out: {'; '.join(missing)}.\n")
    present = [speaker for speaker in SPEAKERS if speaker.installed()]
    if options.long:
        chosen = max(present, key=lambda speaker: speaker.name == "awb")
        found = lecture(list(chosen.say()), options.long)
        print(f"{chosen.name}: " + "; ".join(f"{name} {value:.3g}" for name, value in found.items()))
        return
    known = [(speaker, list(speaker.say())) for speaker in present]
    others = [each for each in known if each[0].program != "espeak"]
    rows: dict[str, dict[str, float]] = {}
    tables: list[tuple[str, list[tuple[Speaker, list[Spoken]]], Change | None]] = [
        *((speaker.name, [(speaker, said)], None) for speaker, said in known),
        ("all but espeak", others, None),
        *((name, others, change) for name, change in CONDITIONS.items()),
    ]
    for name, spoken, change in tables:
        if not spoken:
            continue
        right, wrong, alone = measure(spoken, change)
        rows[name] = {
            **right.row(),
            "wrong text refused": float(np.mean(wrong.refused)),
            "alone: p b m shown": float(np.mean(alone.closures)),
            "alone: by chance": float(np.mean(alone.by_chance)),
            "alone: vowels shut": float(np.mean(alone.vowels)),
        }
        sys.stderr.write(f"{name}\n")
    print(json.dumps(rows, indent=1) if options.json else table(rows))


def table(rows: dict[str, dict[str, float]]) -> str:
    """Markdown."""
    names = list(next(iter(rows.values())))
    lines = [["speaker", *names], ["---", *["--:"] * len(names)]]
    for row, values in rows.items():
        lines.append(
            [row, *(f"{values[name]:.0f}" if name.endswith("ms") else f"{values[name]:.3f}" for name in names)]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
