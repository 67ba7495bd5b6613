"""What a video was meant to show, for exact measurement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..motion import aperture
from ..motion.events import RELAX_S, Event, heard
from ..motion.timing import audible
from ..types import Bytes, Floats, Motion, Speech
from .judging import Span

_VOWEL_S = 0.06


@dataclass(frozen=True, slots=True)
class Reference:
    """What was meant, on the clock of the whole video."""

    aperture: Floats
    """float32 (frames,): the intended lip gap over mouth width of each frame; empty where only the sounds are known."""
    fps: float
    closures: tuple[Span, ...] = ()
    """Where p, b and m keep the sound shut."""
    contacts: tuple[Span, ...] = ()
    """Where f and v are heard."""
    vowels: tuple[Span, ...] = ()
    """Vowels longer than 60 ms."""
    silences: tuple[Span, ...] = ()
    """Pauses longer than 350 ms."""
    shut: tuple[Bytes, ...] = ()
    """Still pictures of this face with shut lips, flat, rounded, spread, uint8 (h, w, 3) each; empty: the gap of shut lips is
    estimated from the video."""
    touching_gap: float | None = None
    """The gap that is measured, against ``shut``, on a still picture with the lower lip at the upper teeth."""

    @classmethod
    def of(
        cls,
        scenes: Iterable[tuple[Speech, Motion]],
        *,
        shut: Iterable[Bytes] = (),
        touching_gap: float | None = None,
    ) -> Reference:
        """Of sentences shown one after the other. Phoneme times make the spans; without them only the aperture is known."""
        curves: list[Floats] = []
        closures: list[Span] = []
        contacts: list[Span] = []
        vowels: list[Span] = []
        silences: list[Span] = []
        fps, start_s = 25.0, 0.0
        for speech, motion in scenes:
            fps = motion.fps
            curves.append(aperture(motion))
            for event in heard(speech.phonemes, speech.duration_s):
                span = _span(event, start_s)
                if event.pause:
                    silences.append(span)
                elif event.shape == "PP":
                    closures.append(span)
                elif event.shape == "FF":
                    contacts.append(span)
                elif event.phone.vowel and span.length_s > _VOWEL_S:
                    vowels.append(span)
            start_s += len(motion) / motion.fps
        return cls(
            np.concatenate(curves) if curves else np.zeros(0, np.float32),
            fps,
            tuple(closures),
            tuple(contacts),
            tuple(vowels),
            tuple(span for span in _joined(silences) if span.length_s > RELAX_S),
            tuple(shut),
            touching_gap,
        )


def _span(event: Event, start_s: float) -> Span:
    first, last = (event.start_s, event.end_s) if event.pause else audible(event)
    return Span(start_s + first, start_s + last)


def _joined(spans: list[Span]) -> list[Span]:
    """Pauses that touch, at the seam of two sentences, as one."""
    joined: list[Span] = []
    for span in spans:
        if joined and span.start_s - joined[-1].end_s < 1e-3:
            joined[-1] = Span(joined[-1].start_s, span.end_s)
        else:
            joined.append(span)
    return joined
