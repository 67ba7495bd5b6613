"""Settings -> everything a film needs besides its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .backends import load
from .pipeline import Cast
from .types import Sentence, Speech

if TYPE_CHECKING:
    from ..settings import Settings
    from .contracts import Animator
    from .motion import Gestures
    from .types import Portrait


def cast(settings: Settings) -> Cast:
    """Fetch the models, analyse the photo, blur or replace its background and make the backends.

    Raises ``InputError`` for a background that is none, ``PortraitError``, ``AssetError`` or ``BackendError``.
    """
    from . import assets, backdrop, depth
    from .motion import Gestures
    from .portraits import analyse
    from .portraits.gate import gate

    voice = load("voice", settings.voice)
    brought = {"settings": settings} if settings.animator in assets.BRING else {}
    animator = load("animator", settings.animator, **brought)
    photo = settings.portrait or assets.path("astronaut", settings)
    portrait = analyse(photo, size=settings.size, matte=settings.matte, settings=settings)
    gate(portrait.findings, strict=settings.strict)
    if settings.background is None:
        distance = depth.estimate(portrait.image, settings=settings).disparity if settings.blur == "depth" else None
        behind = backdrop.make(
            portrait.plate,
            blur=settings.blur,
            radius=settings.radius,
            alpha=portrait.alpha,
            depth=distance,
            bokeh=settings.bokeh,
        )
    else:
        behind = backdrop.named(str(settings.background), portrait.size)
    gestures = Gestures.start(
        settings.seed,
        expressiveness=settings.expressiveness,
        head=settings.head,
        blink_rate=settings.blink_rate,
        gaze=settings.gaze,
        mood=settings.mood,
    )
    _warm(animator, portrait, gestures, settings.fps)
    return Cast(portrait, behind, voice, animator, gestures, settings.fps)


def _warm(animator: Animator, portrait: Portrait, gestures: Gestures, fps: float) -> None:
    """Draw one frame, so that what the animator makes once for a portrait is at hand when somebody waits for an answer."""
    from .motion import idle

    motion, _ = idle(1, fps, gestures)
    silence = Speech(np.zeros(round(16_000 / fps), np.float32), 16_000, Sentence(""), timing="audio")
    for _layer in animator.animate(portrait, motion, silence):
        pass
