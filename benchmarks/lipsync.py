"""How well the face speaks: every photo in two languages, measured on the encoded file, beside the goals.

    python benchmarks/lipsync.py [--portraits FOLDER] [--seconds 20] [--size 512] [--keep FOLDER] [--only-faces] [--json]

The photos are the demo photograph and those in FOLDER. Lags, closures and silences come from ``visavis.render.inspection``
with the true phonemes and controls as reference; gaps are measured against still pictures with ``close`` = 1.
``--only-faces`` leaves out drift, speed and memory, which no photo changes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from visavis import Avatar
from visavis.benchmarks import endurance, stillness
from visavis.benchmarks.script import TEXTS, silent, spoken, unheard
from visavis.errors import PortraitError
from visavis.render.compositor import compose
from visavis.render.inspection import Inspection, Reference, inspect
from visavis.render.inspection.watching import Eye
from visavis.render.motion import Gestures
from visavis.render.performance import publish
from visavis.render.pipeline import Cast, Stopwatch, act, animate, shoot
from visavis.render.portraits.landmarks import Landmarker
from visavis.render.types import Bytes, Motion, Speech

SHUT = [{"close": 1.0, "round": r, "width": -0.5 * r} for r in (0.0, 0.5, 1.0)] + [{"close": 1.0, "width": 0.5}]
TOUCHING = [{"contact": 1.0, "jaw": 0.1, "upper": 0.25, "yaw": yaw} for yaw in (-1.0, 0.0, 1.0)]


@dataclass(frozen=True)
class Goal:
    """A metric and what it should be."""

    name: str
    low: float
    high: float
    text: str

    def met(self, value: float) -> bool:
        return self.low <= value <= self.high

    def worst(self, values: Iterable[float]) -> float:
        """The value that is farthest outside, or nearest to the edge."""
        return max(values, key=lambda value: max(self.low - value, value - self.high))


_ANY = float("inf")
GOALS = (
    Goal("lag to sound, ms", -20, 10, "-20..10"),
    Goal("lag to sound, p95 of 10 s, ms", -_ANY, 20, "< 20"),
    Goal("lag to intention, ms", -10, 10, "-10..10"),
    Goal("correlation, phonemes", 0.90, _ANY, ">= 0.90"),
    Goal("correlation, landmarks", 0.90, _ANY, "(>= 0.90)"),
    Goal("correlation, sound alone", 0.60, _ANY, ">= 0.60"),
    Goal("p b m shut", 0.98, _ANY, ">= 0.98"),
    Goal("f v touching", 0.95, _ANY, ">= 0.95"),
    Goal("falsely shut", -_ANY, 0.01, "<= 0.01"),
    Goal("silence, std of gap", -_ANY, 0.003, "<= 0.003"),
    Goal("silence, openings", -_ANY, 0, "0"),
    Goal("outside, still head, levels", -_ANY, 0, "0"),
    Goal("outside, un-warped, dB", 40, _ANY, ">= 40"),
    Goal("sharpness, layers", 0.9, 1.1, "0.9..1.1"),
    Goal("sharpness, file", 0.9, 1.1, "0.9..1.1"),
    Goal("bitrate with sound, kbit/s", -_ANY, 3000, "< 3000"),
    Goal("flicker, static, levels", -_ANY, 0.3, "<= 0.3"),
    Goal("blinks a minute", 12, 30, "12..30"),
    Goal("full blinks", 0.8, _ANY, ">= 0.8"),
    Goal("drift in 10 min, ms", -_ANY, 5, "< 5"),
    Goal("speed p50, frames/s", 100, _ANY, ">= 100"),
    Goal("speed p95, ms", -_ANY, 14, "< 14"),
    Goal("first layer, ms", -_ANY, 25, "< 25"),
    Goal("memory, 120 s - 20 s, MB", -_ANY, 20, "constant"),
)

Values = dict[str, float | None]


def measure(photo: Path | None, language: str, *, size: int, seconds: float, folder: Path) -> Values:
    """Everything of one photo in one language that is measured on its video."""
    avatar = Avatar(photo, size=size, language=language)
    cast = avatar.prepare()
    speeches = list(spoken(cast, language, seconds))
    scenes = list(act(speeches, Gestures.start(seed=0), cast.fps, Stopwatch()))
    shut, touching = stills(cast, SHUT), stills(cast, TOUCHING)
    meant = Reference.of(scenes, shut=shut, touching_gap=gap_of(touching, shut))
    stem = f"{photo.stem if photo else 'demo'}-{language}"
    film = folder / f"{stem}.mp4"
    found = _filmed(scenes, avatar, film, meant)
    guessed = list(act([unheard(speech) for speech in speeches], Gestures.start(seed=0), cast.fps, Stopwatch()))
    alone = _filmed(guessed, avatar, folder / f"{stem}-sound.mp4", meant)
    exact, by_sound = found.against_reference, alone.against_reference
    assert exact is not None
    assert by_sound is not None
    return {
        "lag to sound, ms": found.lag_ms,
        "lag to sound, p95 of 10 s, ms": found.lag_p95_ms,
        "lag to intention, ms": exact.lag_ms,
        "correlation, phonemes": exact.correlation,
        "correlation, landmarks": exact.landmark_correlation,
        "correlation, sound alone": by_sound.correlation,
        "p b m shut": exact.closures_shown,
        "f v touching": exact.contacts_shown,
        "falsely shut": exact.falsely_shut,
        "silence, std of gap": exact.silence_std,
        "silence, openings": exact.silence_openings,
        "blinks a minute": found.blinks_per_minute,
        "full blinks": found.full_blinks,
        "bitrate with sound, kbit/s": film.stat().st_size * 8 / 1000 / found.picture_s,
    }


def _filmed(scenes: Sequence[tuple[Speech, Motion]], avatar: Avatar, out: Path, meant: Reference) -> Inspection:
    cast, watch = avatar.prepare(), Stopwatch()
    takes = shoot(animate(iter(scenes), cast.animator, cast.portrait, watch), cast.backdrop, watch)
    publish(takes, cast, avatar.settings, out=out)
    return inspect(out, reference=meant)


def stills(cast: Cast, rows: list[dict[str, float]]) -> list[Bytes]:
    """A still picture for each row of controls."""
    layers = cast.animator.animate(cast.portrait, stillness.motion(rows), silent(16_000))
    return [compose(layer, cast.backdrop).image for layer in layers]


def gap_of(pictures: Sequence[Bytes], shut: Sequence[Bytes]) -> float | None:
    """The median gap that is measured on *pictures*, against *shut*."""
    eye = Eye(Landmarker(), shut)
    for picture in pictures:
        eye.take(picture, 0.0)
    gaps = eye.seen().gap
    return float(np.nanmedian(gaps)) if np.isfinite(gaps).any() else None


def photos(folder: Path | None) -> Iterator[Path | None]:
    """The demo photograph (None) and every picture in *folder* that has a face."""
    yield None
    for path in sorted(folder.iterdir()) if folder else ():
        if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"}:
            try:
                known = Avatar(path).prepare().portrait
            except PortraitError:
                continue
            if known.landmarks is not None:
                yield path


def table(columns: dict[str, Values]) -> str:
    """Markdown: a row a metric; bold is outside the goal."""
    lines = [["metric", "goal", *columns, "worst"], ["---"] * (len(columns) + 3)]
    for goal in GOALS:
        values = [column.get(goal.name) for column in columns.values()]
        known = [value for value in values if value is not None]
        if known:
            lines.append([goal.name, goal.text, *(_cell(goal, value) for value in (*values, goal.worst(known)))])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(goal: Goal, value: float | None) -> str:
    if value is None:
        return ""
    text = f"{value:.4g}"
    return text if goal.met(value) else f"**{text}**"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portraits", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--keep", type=Path, help="folder for the videos")
    parser.add_argument("--only-faces", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    columns: dict[str, Values] = {}
    with tempfile.TemporaryDirectory(prefix="visavis-lipsync-") as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        if not options.only_faces:
            columns["machine"] = endurance.measure(options.size, folder)
        for photo in photos(options.portraits):
            name = photo.stem if photo else "demo"
            still = stillness.measure(Avatar(photo, size=options.size).prepare(), folder)
            for language in TEXTS:
                spoken_values = measure(photo, language, size=options.size, seconds=options.seconds, folder=folder)
                columns[f"{name} {language[:2]}"] = {**spoken_values, **still}
                sys.stderr.write(f"{name} {language}\n")
    if options.json:
        print(json.dumps({"goals": {goal.name: goal.text for goal in GOALS}, "values": columns}, indent=1))
    else:
        print(table(columns))


if __name__ == "__main__":
    main()
