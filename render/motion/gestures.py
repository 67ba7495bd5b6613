"""Everything of the face that is not the mouth's speech, and the state that makes it flow from one sentence to the
next.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ..types import CHANNELS
from . import breath
from .articulation import resting_pose
from .blinks import Blinks, blink
from .events import HOLD_S
from .gaze import Gaze, look
from .head import AXES, Bump, bumps_at, nodded, sway
from .limits import MOODS, Mood, softly
from .noise import between, uniform
from .prosody import Accent
from .score import Pause

_SETTLE = 2 * math.pi * 0.5
"""Natural frequency of the springs, radians per second."""
_CONTROLS = {"expressiveness": 2.0, "head": 2.0, "blink_rate": 3.0, "gaze": 2.0}
"""Each control and its largest value; 1 is natural, 0 is none."""

_BROW_CHANCE, _BROW_QUESTION_CHANCE = 0.25, 0.5
_BROW_RISE_S, _BROW_PEAK_S, _BROW_FALL_S = 0.20, 0.08, 0.25
_BROW = (0.5, 1.0)
_OUTER_BROW = 0.5


@dataclass(frozen=True, slots=True)
class Spring:
    """A critically damped spring: it never swings past its goal."""

    value: float = 0.0
    speed: float = 0.0

    def towards(self, goal: float, elapsed_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Its value after each of *elapsed_s*, float64 (n,)."""
        away = self.value - goal
        path: NDArray[np.float64] = goal + (away + (self.speed + _SETTLE * away) * elapsed_s) * np.exp(
            -_SETTLE * elapsed_s
        )
        return path

    def after(self, goal: float, elapsed_s: float) -> Spring:
        """The spring when *elapsed_s* have passed."""
        away = self.value - goal
        push = self.speed + _SETTLE * away
        fade = math.exp(-_SETTLE * elapsed_s)
        return Spring(goal + (away + push * elapsed_s) * fade, (self.speed - _SETTLE * push * elapsed_s) * fade)


@dataclass(frozen=True, slots=True)
class Gestures:
    """The state of the face between two pieces of motion: small, constant in size, and all there is to carry."""

    seed: int
    expressiveness: float
    head: float
    blink_rate: float
    gaze: float
    mood: Mood
    frame: int
    """The clock: frames so far."""
    mouth: tuple[float, ...]
    """The last frame's mouth, in the order of ``articulation.MOUTH``."""
    lids: Blinks
    eyes: Gaze
    chest: breath.Breath
    nods: tuple[Bump, ...]
    brows: tuple[Bump, ...]
    springs: tuple[Spring, Spring, Spring, Spring]
    """Activity (0 listening, 1 speaking), smile, inner and outer brow."""

    @classmethod
    def start(
        cls,
        seed: int = 0,
        *,
        expressiveness: float = 1.0,
        head: float = 1.0,
        blink_rate: float = 1.0,
        gaze: float = 1.0,
        mood: Mood = "neutral",
    ) -> Gestures:
        """A face at rest at frame 0.

        *expressiveness*, *head* and *gaze* from 0 (none) over 1 (natural) to 2, *blink_rate* to 3; *mood* "neutral",
        "friendly" or "serious". Raises ``InputError`` for any other value.
        """
        controls = {"expressiveness": expressiveness, "head": head, "blink_rate": blink_rate, "gaze": gaze}
        for name, value in controls.items():
            if not 0 <= value <= _CONTROLS[name]:
                raise InputError(f"{name} is {value}.", f"Give a number from 0 to {_CONTROLS[name]:g}; 1 is natural.")
        if mood not in MOODS:
            raise InputError(f"There is no mood {mood!r}.", f"Choose one of: {', '.join(get_args(Mood))}.")
        activity, smile, inner, outer = (Spring(goal) for goal in _goals(mood, expressiveness, 0.0))
        return cls(
            **controls,
            seed=seed,
            mood=mood,
            frame=0,
            mouth=tuple(resting_pose().tolist()),
            lids=Blinks.begin(seed),
            eyes=Gaze.begin(seed),
            chest=breath.Breath(),
            nods=(),
            brows=(),
            springs=(activity, smile, inner, outer),
        )


def _goals(mood: str, expressiveness: float, activity: float) -> tuple[float, float, float, float]:
    bearing = MOODS[mood]
    scale = min(expressiveness, 1.5)
    return activity, bearing.smile * scale, bearing.brow_inner * scale, bearing.brow_outer * scale


@dataclass(frozen=True, slots=True)
class Occasion:
    """What speech gives the rest of the face to go by; times count from the first frame."""

    accents: Sequence[Accent]
    pauses: Sequence[Pause]
    question: bool
    duration_s: float


def gesture(
    gestures: Gestures, frames: int, fps: float, occasion: Occasion | None = None
) -> tuple[NDArray[np.float64], Gestures]:
    """Weights float64 (frames, channels), the mouth's columns 0 but for the smile, and the state after them.

    *occasion* is None while listening. The clock of the state that is returned stands *frames* later.
    """
    state = gestures
    times = (state.frame + np.arange(frames)) / fps
    start = state.frame / fps
    elapsed = (np.arange(frames) + 1) / fps
    face = np.zeros((frames, len(CHANNELS)))
    column = {name: face[:, index] for index, name in enumerate(CHANNELS)}

    goals = _goals(state.mood, state.expressiveness, 1.0 if occasion else 0.0)
    activity, smile, inner, outer = (
        spring.towards(goal, elapsed) for spring, goal in zip(state.springs, goals, strict=True)
    )
    nods, brows = state.nods, state.brows
    moments = None
    if occasion:
        nods = nodded(occasion.accents, seed=state.seed, start_s=start, after=nods)
        brows = _raised(occasion, seed=state.seed, start_s=start, after=brows)
        moments = [start + pause.start_s for pause in occasion.pauses if pause.length_s >= HOLD_S and not pause.leading]
        chest, breathing = breath.speaking(state.chest, times, occasion.pauses, start + occasion.duration_s)
    else:
        chest, breathing = breath.listening(state.chest, times)
    lids, blinking = blink(state.lids, times, fps, seed=state.seed, rate=state.blink_rate, moments_s=moments)
    eyes, looking = look(state.eyes, times, seed=state.seed, amount=state.gaze, speaking=occasion is not None)
    poses = sway(times, seed=state.seed, activity=activity, chest=chest)
    poses[:, 1] += min(state.expressiveness, 1.5) * bumps_at(nods, times)
    raised = min(state.expressiveness, 1.5) * bumps_at(brows, times)

    for axis, name in enumerate(AXES):
        column[name][:] = softly(state.head * poses[:, axis], name)
    column["smile"][:] = smile
    column["brow_inner"][:] = inner + raised
    column["brow_outer"][:] = outer + _OUTER_BROW * raised
    column["blink_left"][:] = column["blink_right"][:] = lids
    column["gaze_x"][:], column["gaze_y"][:] = eyes.T
    column["breath"][:] = chest

    end = (state.frame + frames) / fps
    return face, replace(
        state,
        frame=state.frame + frames,
        lids=blinking,
        eyes=looking,
        chest=breathing,
        nods=tuple(nod for nod in nods if nod.end_s > end),
        brows=tuple(brow for brow in brows if brow.end_s > end),
        springs=_moved(state.springs, goals, frames / fps),
    )


def _moved(
    springs: tuple[Spring, Spring, Spring, Spring], goals: tuple[float, float, float, float], elapsed_s: float
) -> tuple[Spring, Spring, Spring, Spring]:
    activity, smile, inner, outer = (spring.after(goal, elapsed_s) for spring, goal in zip(springs, goals, strict=True))
    return activity, smile, inner, outer


def _raised(occasion: Occasion, *, seed: int, start_s: float, after: Sequence[Bump]) -> tuple[Bump, ...]:
    """Brows go up before the focus of a phrase and are highest on it; on some phrases, and more often in questions."""
    chosen = list(after)
    chance = _BROW_QUESTION_CHANCE if occasion.question else _BROW_CHANCE
    for accent in occasion.accents:
        peak = start_s + max(accent.time_s + _BROW_PEAK_S, _BROW_RISE_S)
        key = round(peak * 1000)
        free = not chosen or peak - _BROW_RISE_S > chosen[-1].end_s
        if accent.nuclear and free and uniform(seed, "brow", key) < chance:
            chosen.append(Bump(peak, _BROW_RISE_S, _BROW_FALL_S, between(*_BROW, uniform(seed, "brow height", key))))
    return tuple(chosen)
