"""How the page looks: warm neutrals, one accent, the fonts the visitor's machine has."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import gradio as gr
from gradio.themes import Color, Font

_SANS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")

_ACCENT = Color(
    c50="#eef6f4", c100="#d5e9e4", c200="#add4cb", c300="#7fbaae", c400="#519c8f", c500="#2f7f73",
    c600="#226a60", c700="#1d564f", c800="#1a4540", c900="#173935", c950="#0a211f", name="pine",
)  # fmt: skip
_PAPER = Color(
    c50="#faf9f6", c100="#f3f1ec", c200="#e7e3db", c300="#d3cec3", c400="#a8a297", c500="#7c776d",
    c600="#5c5851", c700="#44413c", c800="#2a2826", c900="#1c1b1a", c950="#131312", name="paper",
)  # fmt: skip


def theme() -> gr.themes.Base:
    """Without a font or file from elsewhere."""
    made: gr.themes.Base = gr.themes.Base(
        primary_hue=_ACCENT,
        secondary_hue=_ACCENT,
        neutral_hue=_PAPER,
        radius_size="lg",
        font=[Font(name) for name in _SANS],
        font_mono=[Font(name) for name in _MONO],
    ).set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="*neutral_900",
        block_background_fill="transparent",
        block_border_width="0px",
        block_shadow="none",
        block_label_background_fill="transparent",
        block_title_text_weight="500",
        block_title_text_color="*neutral_600",
        block_title_text_color_dark="*neutral_300",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_500",
        button_primary_background_fill_hover_dark="*primary_600",
        button_primary_text_color="#ffffff",
        input_background_fill="#ffffff",
        input_background_fill_dark="*neutral_900",
        input_border_color="*neutral_300",
        input_border_color_dark="*neutral_700",
        input_border_width="1px",
        input_border_color_focus="*primary_500",
        input_border_color_focus_dark="*primary_400",
        slider_color="*primary_500",
    )
    return made


def launch_options() -> dict[str, Any]:
    """What ``Blocks.launch`` and ``gradio.mount_gradio_app`` need so that the page looks and behaves as it should, offline."""
    return {
        "theme": theme(),
        "css": files(__package__).joinpath("assets", "style.css").read_text(encoding="utf-8"),
        "footer_links": [],
        "run_history": False,
        "ssr_mode": False,
        "pwa": False,
        "enable_monitoring": False,
        "mcp_server": False,
        "show_error": False,
        "max_file_size": "40mb",
    }
