"""Speech -> Motion: what the face does while it says something, and while it listens.

    read      phonemes -> when the articulators are where       intervals, phonemes, ipa
    mouth     -> jaw, lips, closures of every frame             articulation; audio, where there are no phonemes
    gesture   -> eyes, brows, head, breath                      gestures, blinks, gaze, head, breath
    within    -> inside the limits of a face                    limits
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ...errors import InputError
from ..types import Motion, Speech
from .aperture import aperture
from .articulation import MOUTH, REST_CLOSE, joined, mouth, resting_pose
from .audio import listen
from .gestures import Gestures, Occasion, gesture
from .intervals import Score, read
from .limits import Mood, within
from .loop import idle_loop
from .loudness import loudness_db

__all__ = ["REST_CLOSE", "Gestures", "Mood", "aperture", "idle", "idle_loop", "plan"]

_QUESTION_MARKS = ("?", "？", "؟", ";")


def plan(speech: Speech, fps: float, gestures: Gestures) -> tuple[Motion, Gestures]:
    """The face of every frame of *speech*, ``round(duration * fps)`` of them, and the state after it.

    Phonemes move the mouth; without them (``Speech.timing`` "audio") the sound does. The first frame continues the last one of
    *gestures*. Equal values give equal motion. Raises ``InputError`` for a frame rate outside 5 to 240.
    """
    _check(fps)
    frames = round(speech.duration_s * fps)
    if speech.phonemes:
        score: Score = read(speech.phonemes, speech.duration_s, loudness_db(speech.samples, speech.rate))
        curves = None
    else:
        score, curves = listen(speech.samples, speech.rate)
    occasion = Occasion(
        score.accents,
        score.pauses,
        question=speech.sentence.text.rstrip(" \"'”’»)）").endswith(("?", "？", "؟")),
        duration_s=speech.duration_s,
    )
    weights, after = gesture(gestures, frames, fps, occasion)
    weights[:, : len(MOUTH)] = joined(mouth(score, frames, fps, curves=curves), gestures.mouth, fps)
    return _motion(weights, fps, gestures), replace(after, mouth=_last(weights, gestures))
