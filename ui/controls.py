"""What a visitor can choose, within the limits that the settings state."""

from __future__ import annotations

from typing import Final

import gradio as gr

from ..render.backends import available
from ..settings import Settings

_LANGUAGES: Final = [
    ("As written", "auto"), ("English", "en-us"), ("English (British)", "en-gb"), ("中文", "cmn"), ("Español", "es"),
    ("Français", "fr-fr"), ("Deutsch", "de"), ("Italiano", "it"), ("Português", "pt"), ("日本語", "ja"), ("العربية", "ar"),
]  # fmt: skip
_BLURS: Final = [("Off", "off"), ("Even", "gaussian"), ("Edges kept", "guided"), ("By depth", "depth")]
_MOODS: Final = [("Neutral", "neutral"), ("Friendly", "friendly"), ("Serious", "serious")]
_FOR_TESTS: Final = {"tone"}
"""Voices that say no words."""


class Controls:
    """The components, laid out where they are made. ``chosen`` has them in the order of ``Options``, from the voice on."""

    def __init__(self, settings: Settings) -> None:
        voices = [name for name, missing in available("voice").items() if not missing and name not in _FOR_TESTS]
        voices = list(dict.fromkeys([*voices, settings.voice]))
        languages = _LANGUAGES
        if settings.language not in (tag for _, tag in languages):
            languages = [*languages, (settings.language, settings.language)]
        with gr.Row():
            language = gr.Dropdown(languages, value=settings.language, label="Language of the voice")
            voice = gr.Dropdown(voices, value=settings.voice, label="Voice", visible=len(voices) > 1)
        with gr.Row():
            blur = gr.Radio(_BLURS, value=settings.blur, label="Background blur", scale=3, min_width=300)
            radius = _slider(settings, "radius", "Strength of the blur", scale=2, step=1)
        with gr.Row():
            mood = gr.Radio(_MOODS, value=settings.mood, label="Mood", scale=3, min_width=300)
            expressiveness = _slider(settings, "expressiveness", "Expressiveness", scale=2)
        with gr.Row():
            head = _slider(settings, "head", "Head")
            blink_rate = _slider(settings, "blink_rate", "Blinking")
            gaze = _slider(settings, "gaze", "Wandering eyes")
        self.chosen: list[gr.Dropdown | gr.Radio | gr.Slider] = [
            voice, language, blur, radius, mood, expressiveness, head, blink_rate, gaze,
        ]  # fmt: skip


def _slider(settings: Settings, name: str, label: str, *, scale: int = 1, step: float = 0.1) -> gr.Slider:
    lowest, highest = limits(name)
    return gr.Slider(
        lowest,
        highest,
        value=getattr(settings, name),
        step=step,
        label=label,
        scale=scale,
        min_width=180,
        buttons=["reset"],
    )


def limits(name: str) -> tuple[float, float]:
    """The least and the greatest value of the settings' number *name*."""
    schema = Settings.model_json_schema()["properties"][name]
    return schema["minimum"], schema["maximum"]
