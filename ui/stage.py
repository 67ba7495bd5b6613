"""The parts of the page that show somebody's text, and the portrait.

Gradio evaluates HTML templates as JavaScript, and its chat renders HTML even without Markdown; so no text of anybody's goes into
either. Templates here are constant, values travel as JSON, and the scripts in ``assets/`` write them as text nodes. These are
functions and not classes, as Gradio writes a ``.pyi`` file beside every module that derives from its components.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path, PureWindowsPath
from typing import Any, Literal

import gradio as gr
from gradio.data_classes import FileData
from gradio.processing_utils import save_file_to_cache, save_img_array_to_cache
from gradio.utils import get_upload_folder

from ..render.types import Bytes, Clip
from .host import Held, Visitor
from .live import Broadcasts

Phase = Literal["still", "idle", "thinking", "done"]
"""Another picture of the portrait at rest; silence; an answer begins; it is complete."""


def asset(name: str) -> str:
    """The text of the file *name* in ``assets/``."""
    return files(__package__).joinpath("assets", name).read_text(encoding="utf-8")


def stage(broadcasts: Broadcasts) -> gr.HTML:
    """The portrait, at rest, thinking or speaking; its value is a ``scene``. The player gets its media from *broadcasts*."""

    async def more(ask: dict[str, Any]) -> dict[str, Any] | None:
        return await broadcasts.more(ask)

    return _component("stage", server_functions=[more])


def scene(
    phase: Phase, shelf: Path | None = None, *, still: Bytes | None = None, live: str = "", clip: Clip | None = None
) -> dict[str, Any]:
    """What the stage is to show.

    *shelf*: where files for the browser are put. *still*: the portrait at rest, uint8 (h, w, 3); None leaves the one that is there.
    *live*: key of the broadcast to play as soon as it begins. *clip*: the finished video, to be saved, and played where the
    broadcast could not be.
    """
    folder = str(shelf or get_upload_folder())
    shown: dict[str, Any] = {"phase": phase, "live": live}
    if still is not None:
        shown["still"] = _file(save_img_array_to_cache(still, cache_dir=folder, format="png"))
    if clip is not None:
        shown["clip"] = _file(save_file_to_cache(clip.path, cache_dir=folder))
        shown["captions"] = _file(save_file_to_cache(clip.captions, cache_dir=folder))
    return shown


def shelf(visitor: Visitor) -> Path:
    """The folder for files that only this visit is shown; its parent holds those of all visits of the same visitor."""
    return Path(get_upload_folder()) / sha256(f"{visitor.tenant}\0{visitor.user}".encode()).hexdigest() / visitor.thread


def clear(folder: Path) -> None:
    """Delete a shelf, or all shelves of a visitor."""
    shutil.rmtree(folder, ignore_errors=True)


def conversation() -> gr.HTML:
    """What was said; its value is ``{"turns": [{"role": "user" | "assistant", "text"}], "busy": still writing?}``."""
    return _component("conversation")


def recollections() -> gr.HTML:
    """What the agent was reminded of for its last answer; its value is a list of ``rows``.

    A button beside what is the visitor's own triggers ``forget`` with its ``id``.
    """
    return _component("recollections")


def rows(items: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """*items* of ``events.Recalled`` as they are shown: of a document its name, not where it lies."""
    return [_row(item) for item in items]


def about() -> gr.HTML:
    """What is held about the visitor; its value is a ``profile``.

    Buttons trigger ``forget`` with the ``id`` of a fact, ``download`` and, once confirmed, ``forget_me``. A value with
    ``forgotten``, the key of the visitor's name in the browser's storage, makes the visitor a stranger who opens the page.
    """
    return _component("about")


def profile(held: Held, everything: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """*held* as it is shown. *everything*: an export that the browser is to save as a file."""
    shown: dict[str, Any] = {
        "turns": held.turns,
        "known": [
            {"id": one.id, "text": f"{one.what[:1].upper()}{one.what[1:]}: {one.value}", "since": one.since}
            for one in held.known
        ],
    }
    if everything is not None:
        shown["file"] = json.dumps(everything, ensure_ascii=False, indent=2)
    return shown


def lines(name: str, role: Literal["alert", "status"]) -> gr.HTML:
    """Lines of text, announced to screen readers when they change, nothing when there are none; its value is a list of strings."""
    return _component("lines", elem_id=f"vv-{name}", elem_classes=[f"vv-{role}"])


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
