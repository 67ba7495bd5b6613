"""Settings -> everything a film needs besides its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .backends import load
from .pipeline import Cast

if TYPE_CHECKING:
    from ..settings import Settings


def cast(settings: Settings) -> Cast:
    """Fetch the models, analyse the photo, blur or replace its background and make the backends.

    Raises ``InputError`` for a background that is none, ``PortraitError``, ``AssetError`` or ``BackendError``.
    """
    from . import assets, backdrop
    from .motion import Gestures
    from .portraits import analyse

    voice = load("voice", settings.voice)
    animator = load("animator", settings.animator, **({"settings": settings} if settings.animator in assets.BRING else {}))
    photo = settings.portrait or assets.path("astronaut", settings)
    portrait = analyse(photo, size=settings.size, matte=settings.matte, settings=settings)
    if settings.background is None:
        behind = backdrop.make(portrait.plate, blur=settings.blur, radius=settings.radius, alpha=portrait.alpha)
    else:
        behind = backdrop.named(str(settings.background), portrait.size)
    return Cast(portrait, behind, voice, animator, Gestures.start(settings.seed), settings.fps)
