"""The parts of the page that show somebody's text, and the portrait.

Gradio evaluates HTML templates as JavaScript, and its chat renders HTML even without Markdown; so no text of anybody's goes into
either. Templates here are constant, values travel as JSON, and the scripts in ``assets/`` write them as text nodes. These are
functions and not classes, as Gradio writes a ``.pyi`` file beside every module that derives from its components.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import PureWindowsPath
from typing import Any, Literal

import gradio as gr
from gradio.data_classes import FileData
from gradio.processing_utils import save_file_to_cache, save_img_array_to_cache
from gradio.utils import get_upload_folder

from ..render.types import Bytes, Clip
from .live import Broadcasts

Phase = Literal["idle", "thinking", "done"]


def asset(name: str) -> str:
    """The text of the file *name* in ``assets/``."""
    return files(__package__).joinpath("assets", name).read_text(encoding="utf-8")


def stage(broadcasts: Broadcasts) -> gr.HTML:
    """The portrait, at rest, thinking or speaking; its value is a ``scene``. The player gets its media from *broadcasts*."""

    async def more(ask: dict[str, Any]) -> dict[str, Any] | None:
        return await broadcasts.more(ask)

    return _component("stage", server_functions=[more])


def scene(phase: Phase, *, still: Bytes | None = None, live: str = "", clip: Clip | None = None) -> dict[str, Any]:
    """What the stage is to show.

    *still*: the portrait at rest, uint8 (h, w, 3); None leaves the one that is there. *live*: key of the broadcast to play as soon
    as it begins. *clip*: the finished video, to be saved, and played where the broadcast could not be.
    """
    shown: dict[str, Any] = {"phase": phase, "live": live}
    if still is not None:
        shown["still"] = _file(save_img_array_to_cache(still, cache_dir=get_upload_folder(), format="png"))
    if clip is not None:
        shown["clip"] = _file(save_file_to_cache(clip.path, cache_dir=get_upload_folder()))
        shown["captions"] = _file(save_file_to_cache(clip.captions, cache_dir=get_upload_folder()))
    return shown


def conversation() -> gr.HTML:
    """What was said; its value is ``{"turns": [{"role": "user" | "assistant", "text"}], "busy": still writing?}``."""
    return _component("conversation")


def recollections() -> gr.HTML:
    """What the agent was reminded of for its last answer; its value is a list of ``rows``.

    A button beside what is the visitor's own triggers the event ``forget`` with its ``id``.
    """
    return _component("recollections")


def rows(items: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """*items* of ``events.Recalled`` as they are shown: of a document its name, not where it lies."""
    return [_row(item) for item in items]


def lines(role: Literal["alert", "status"]) -> gr.HTML:
    """Lines of text, announced to screen readers when they change, nothing when there are none; its value is a list of strings."""
    return _component("lines", elem_id=f"vv-{role}")


def _component(name: str, *, elem_id: str | None = None, **options: Any) -> gr.HTML:
    return gr.HTML(
        html_template=asset(f"{name}.html"),
        js_on_load=asset(f"{name}.js"),
        apply_default_css=False,
        elem_id=elem_id or name,
        **options,
    )


def _file(path: str) -> dict[str, Any]:
    return FileData(path=path).model_dump()


def _row(item: Mapping[str, Any]) -> dict[str, str]:
    told = {name: str(item.get(name) or "") for name in ("id", "kind", "speaker", "text", "why")}
    document = PureWindowsPath(str(item.get("source") or "")).name  # knows both kinds of slashes
    source = " – ".join(filter(None, (document, item.get("heading"), item.get("attribute"))))
    return {**told, "source": source, "at": str(item.get("at") or item.get("since") or "")[:10]}
