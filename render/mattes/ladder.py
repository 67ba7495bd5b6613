"""The best matte that works: when one fails or what it gives cannot be a person, the next simpler one is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from ...errors import BackendError, VisavisError
from ...settings import Settings
from .. import backends
from ..portraits.landmarks import OVAL
from ..types import Bytes, Floats
from .views import Surroundings, joined

STEPS: Final = ("selfie", "edges")
"""Tried in this order after the one that was asked for: the neural ones step down to "selfie", that to "edges"."""

_SIDE: Final = {"selfie": 256, "edges": 256, "vitmatte": 1024}
"""Pixels at which a matte has all the detail it can give; others get 512. Hair is found later, by ``refine``."""
_FULL_SIDE: Final = 512
_PROBABILITIES: Final = frozenset({"selfie", "edges"})
"""Mattes that tell how likely the person is at a pixel, not how much of it the person covers."""
NEAR_SIGHTED: Final = frozenset({"selfie"})
"""Mattes that do better when they are also shown the surroundings."""
_EMPTY, _FULL, _ON_FACE = 0.03, 0.985, 0.6
"""Least and greatest share of the picture, and least mean over the face, that a person has."""


@dataclass(frozen=True, slots=True)
class CutOut:
    """The matte that was used."""

    alpha: Floats
    """float32 (h, w) in [0, 1], at the matte's own size with the framing of the picture; all 1 when there is none."""
    name: str
    """Backend, or "none"."""
    reason: str = ""
    """Why a better step was not used; empty when the first one was."""
    lasting: bool = True
    """False when a step failed by itself, so that a later run may do better."""

    @property
    def found(self) -> bool:
        return self.name != "none"

    @property
    def probability(self) -> bool:
        """Whether *alpha* is yet to be settled into an opacity: see ``refine.refine``."""
        return self.name in _PROBABILITIES


def cut_out(
    image: Bytes,
    landmarks: Floats | None,
    *,
    surroundings: Surroundings | None = None,
    matte: str = STEPS[0],
    settings: Settings | None = None,
) -> CutOut:
    """The person in *image* uint8 (h, w, 3), whose face mesh is *landmarks*, by *matte* or the next step that works.

    *surroundings*: the scene that *image* was cut out of, if there is more of it.
    Raises ``BackendError`` only for a *matte* that does not exist; "none" is one that always works.
    """
    if matte == "none":
        return CutOut(_sharp(image), "none", "no matte was asked for")
    known = backends.available("matte")
    if matte not in known:
        raise BackendError(f"There is no matte called {matte!r}.", f"Choose one of: {', '.join([*known, 'none'])}.")
    if landmarks is None:
        return CutOut(_sharp(image), "none", "no face was found")
    steps = (matte, *STEPS[STEPS.index(matte) + 1 :]) if matte in STEPS else (matte, *STEPS)
    face = np.asarray(landmarks[list(OVAL), :2] / [image.shape[1], image.shape[0]], np.float32)
    reasons: list[str] = []
    lasting = True
    for name in steps:
        try:
            alpha = _run(name, image, face, surroundings, settings)
        except VisavisError as exc:
            reasons.append(f"{name}: {exc.problem}")
            lasting = False
            continue
        problem = implausible(alpha, face)
        if not problem:
            return CutOut(alpha, name, " ".join(reasons), lasting)
        reasons.append(f"{name}: {problem}.")
    return CutOut(_sharp(image), "none", " ".join(reasons), lasting)


def implausible(alpha: Floats, face: Floats) -> str:
    """What is wrong with *alpha* (h, w) as the matte of a person, or "".

    *face* (n, 2) is the outline of the face in shares of the picture.
    """
    if not alpha.size or not np.isfinite(alpha).all():
        return "its matte holds no numbers"
    covered = float(alpha.mean())
    if covered < _EMPTY:
        return "its matte is empty"
    if covered > _FULL:
        return "its matte is full"
    outline = np.rint(face * [alpha.shape[1], alpha.shape[0]]).astype(np.int32)
    inside = cv2.fillPoly(np.zeros(alpha.shape, np.uint8), [outline], 1).astype(bool)
    if inside.any() and float(alpha[inside].mean()) < _ON_FACE:
        return "its matte misses the face"
    return ""


def _run(name: str, image: Bytes, face: Floats, surroundings: Surroundings | None, settings: Settings | None) -> Floats:
    """The matte of *image*, at the size at which *name* has all its detail."""
    low, high = face.min(axis=0), face.max(axis=0)

    def coarse(picture: Bytes) -> Floats:
        return _run("selfie", picture, face, surroundings, settings)

    options: dict[str, dict[str, Any]] = {
        "edges": {"face": (*((low + high) / 2).tolist(), *(high - low).tolist())},
        "modnet": {"settings": settings},
        "rvm": {"settings": settings},
        "selfie": {"settings": settings},
        "vitmatte": {"settings": settings, "coarse": coarse},
    }
    backend = backends.load("matte", name, **options.get(name, {}))
    alpha: Floats
    alpha, _ = backend.matte(_within(image, _SIDE.get(name, _FULL_SIDE)))
    if surroundings is None or name not in NEAR_SIGHTED or implausible(alpha, face):
        return alpha
    far, _ = backend.matte(surroundings.picture)
    return joined(alpha, surroundings.part(far, (alpha.shape[0], alpha.shape[1])))


def _within(image: Bytes, side: int) -> Bytes:
    scale = side / max(image.shape[:2])
    if scale >= 1:
        return image
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _sharp(image: Bytes) -> Floats:
    return np.ones(image.shape[:2], np.float32)
