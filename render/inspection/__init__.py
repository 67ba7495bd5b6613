"""A finished video -> how well its face speaks, measured on decoded pictures and sound alone.

media      file -> pictures and sound, one pass
watching   pictures -> lips, eyes, detail and change of each          lips
hearing    sound -> levels in bands
alignment  two curves -> lag and likeness
judging    curves -> closures, silences, blinks, freezes
reference  what was meant, where that is known
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .alignment import Curve, Match, match, openness, windows
from .hearing import Heard
from .judging import (
    Span,
    blinks,
    falsely_shut,
    flicker,
    freezes,
    lip_closures,
    loud_vowels,
    margin,
    settled,
    shown,
    shut_gap,
    silence,
    silences,
)
from .media import Played, play
from .reference import Reference
from .watching import Eye, Seen

if TYPE_CHECKING:
    from ...settings import Settings

__all__ = ["AgainstReference", "Inspection", "Reference", "inspect"]

_LEAST_PICTURES = 4


@dataclass(frozen=True, slots=True)
class AgainstReference:
    """Against what the video was meant to show. Shares are 0..1; None where there is nothing to measure."""

    lag_ms: float | None
    """Of the measured behind the intended opening; positive: the picture is late."""
    lag_p95_ms: float | None
    """95th percentile of its size over windows of 10 s."""
    correlation: float | None
    """Of intended and measured opening, at that lag."""
    landmark_correlation: float | None
    """The same by landmarks alone, which are coarse and blind under a beard."""
    closures: int
    """p, b and m."""
    closures_shown: float | None
    """Share with a picture of shut lips while the sound is shut."""
    contacts: int
    """f and v."""
    contacts_shown: float | None
    """Share with a picture of the lower lip at the teeth."""
    vowels: int
    falsely_shut: float | None
    """Share of vowels longer than 60 ms that look shut: away from any closure, or all through."""
    silence_std: float | None
    silence_openings: int | None


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was measured. JSON-able through ``as_dict``. None: the file does not hold what would have to be measured.

    Lip gaps are relative to the width of the mouth. A picture's time is that of its presentation.
    """

    file: str
    size: tuple[int, int]
    fps: float
    frames: int
    picture_s: float
    sound_s: float | None
    complete: bool
    """All that the file's index promises could be decoded."""
    face_share: float
    """Share of pictures in which a face was found."""

    lag_ms: float | None
    """Of the opening of the mouth behind the loudness of the sound between 300 and 1100 Hz, the region of the first formant;
    positive: the picture is late. Speech with perfect timing measures -10 to +2, depending on the text."""
    lag_p95_ms: float | None
    """95th percentile of its size over windows of 10 s."""
    sound_correlation: float | None
    """Of opening and loudness at that lag; 0.5 to 0.7 when the phonemes are right."""
    shut_gap: float | None
    """The lip gap that was measured on this face with shut lips."""
    closures_heard: int | None
    """Stretches that sound like p, b or m."""
    closures_shown: float | None
    """Share of them with a picture of shut lips. Approximate: without the text k, t and n are mistaken for them at times."""
    falsely_shut: float | None
    """Share of loud open vowels that look shut: away from any closure, or all through."""
    silence_s: float
    """Seconds of silence in which the mouth has had time to shut."""
    silence_std: float | None
    """Standard deviation of the lip gap in them."""
    silence_openings: int | None

    flicker: float | None
    """Mean difference of successive pictures while the face does not move, grey levels."""
    frozen_frames: int
    """Pictures that repeat the one before for at least 0.1 s during speech."""
    longest_freeze_s: float
    mouth_sharpness: float | None
    """Detail of the lower face against that of the upper, speaking, relative to the same in silence: 1 keeps its sharpness."""
    blinks: int | None
    blinks_per_minute: float | None
    full_blinks: float | None
    """Share of blinks that hide the iris."""

    clipped_samples: int | None
    sound_holes: int | None
    """Places where timestamps leave a stretch without sound."""
    longest_hole_s: float | None
    against_reference: AgainstReference | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-able: numbers, strings, lists, None."""
        return {**asdict(self), "size": list(self.size)}


def inspect(path: str | Path, *, reference: Reference | None = None, settings: Settings | None = None) -> Inspection:
    """Measure the talking face in the video *path*, exactly where *reference* says what was meant.

    Pictures are looked at one by one; a few numbers of each are kept. Raises ``InputError`` when the file is missing, is no
    video or shows no picture, ``AssetError`` when the face networks cannot be had.
    """
    from ..portraits.landmarks import Landmarker

    eye = Eye(Landmarker(settings), reference.shut if reference else ())
    played, ear = play(Path(path), eye.take)
    return judge(str(path), played, eye.seen(), ear.heard() if ear else None, reference)


def judge(file: str, played: Played, seen: Seen, heard: Heard | None, reference: Reference | None = None) -> Inspection:
    """The report on what was seen and heard."""
    heard = heard if heard and len(heard) else None
    pauses = settled(silences(heard)) if heard else []
    shut = 0.0 if reference and reference.shut else shut_gap(seen, pauses)
    slack = margin(seen, shut) if shut is not None else 0.0
    limit = (shut or 0.0) + slack
    voice = openness(heard) if heard else None
    lag, p95 = _lag(seen, voice)
    closures = lip_closures(heard) if heard else None
    resting = silence(seen, pauses, limit)
    lids = blinks(seen, played.fps)
    frozen = freezes(seen, heard, played.fps)
    declared = played.declared_s
    return Inspection(
        file=file,
        size=played.size,
        fps=round(played.fps, 4),
        frames=played.frames,
        picture_s=round(played.picture_s, 4),
        sound_s=round(heard.duration_s, 4) if heard else None,
        complete=not played.broken and (declared is None or played.picture_s > declared - 1.5 / played.fps),
        face_share=round(float(np.isfinite(seen.landmark_gap).mean()), 4),
        lag_ms=_ms(lag.lag_s if lag else None),
        lag_p95_ms=_ms(p95),
        sound_correlation=_round(lag.correlation if lag else None),
        shut_gap=_round(shut),
        closures_heard=None if closures is None else len(closures),
        closures_shown=_round(shown(seen, closures or [], limit)),
        falsely_shut=_round(falsely_shut(seen, loud_vowels(heard), limit, shut=closures or [])) if heard else None,
        silence_s=round(sum(span.length_s for span in pauses), 2),
        silence_std=_round(resting.gap_std if resting else None),
        silence_openings=resting.openings if resting else None,
        flicker=_round(flicker(seen)),
        frozen_frames=sum(round(span.length_s * played.fps) - 1 for span in frozen),
        longest_freeze_s=round(max((span.length_s for span in frozen), default=0.0), 3),
        mouth_sharpness=_round(_sharpness(seen, pauses)),
        blinks=lids.count if lids else None,
        blinks_per_minute=round(lids.per_minute, 1) if lids else None,
        full_blinks=_round(lids.full if lids else None),
        clipped_samples=heard.clipped if heard else None,
        sound_holes=heard.holes if heard else None,
        longest_hole_s=round(heard.hole_s, 4) if heard else None,
        against_reference=_against(seen, reference, shut or 0.0, slack) if reference else None,
    )


def _against(seen: Seen, reference: Reference, shut: float, slack: float) -> AgainstReference:
    curve = Curve(reference.aperture.astype(np.float64), 1 / reference.fps).finer() if len(reference.aperture) else None
    lag, p95 = _lag(seen, curve)
    coarse = match(seen.times_s, seen.landmark_gap, curve) if curve else None
    limit = shut + slack
    touching = limit + slack if reference.touching_gap is None else reference.touching_gap + slack
    resting = silence(seen, settled(reference.silences), limit)
    return AgainstReference(
        lag_ms=_ms(lag.lag_s if lag else None),
        lag_p95_ms=_ms(p95),
        correlation=_round(lag.correlation if lag else None),
        landmark_correlation=_round(coarse.correlation if coarse else None),
        closures=len(reference.closures),
        closures_shown=_round(shown(seen, reference.closures, limit)),
        contacts=len(reference.contacts),
        contacts_shown=_round(shown(seen, reference.contacts, touching)),
        vowels=len(reference.vowels),
        falsely_shut=_round(
            falsely_shut(seen, reference.vowels, limit, shut=(*reference.closures, *reference.contacts))
        ),
        silence_std=_round(resting.gap_std if resting else None),
        silence_openings=resting.openings if resting else None,
    )


def _lag(seen: Seen, curve: Curve | None) -> tuple[Match | None, float | None]:
    if curve is None:
        return None, None
    each = [abs(found.lag_s) for found in windows(seen.times_s, seen.gap, curve)]
    return match(seen.times_s, seen.gap, curve), float(np.quantile(each, 0.95)) if each else None


def _sharpness(seen: Seen, pauses: list[Span]) -> float | None:
    ratio = seen.mouth_detail / np.maximum(seen.face_detail, 1e-6)
    quiet = np.zeros(len(seen), bool)
    for span in pauses:
        quiet |= (seen.times_s >= span.start_s) & (seen.times_s < span.end_s)
    known = np.isfinite(ratio)
    resting, speaking = ratio[known & quiet], ratio[known & ~quiet]
    if min(len(resting), len(speaking)) < _LEAST_PICTURES:
        return None
    return float(np.median(speaking) / max(float(np.median(resting)), 1e-6))


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 1)


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
