"""The web page: ``serve`` opens it, ``build`` makes it for an app of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gradio as gr

    from ..settings import Settings
    from .host import Host

__all__ = ["build", "serve"]


def build(host: Host, settings: Settings) -> gr.Blocks:
    """The page as Gradio blocks, answered by *host*. Launch it with ``theme.launch_options()``."""
    from .blocks import build

    return build(host, settings)


def serve(settings: Settings, *, knowledge: Path | None = None, host: str = "127.0.0.1", port: int = 7860) -> None:
    """Show the page at http://*host*:*port*/ until interrupted.

    *knowledge* is a file or folder that is added to the tenant's knowledge base first. Raises ``StorageError``, ``ModelError``,
    ``InputError``, and ``UnavailableError`` when the port is taken.
    """
    from .server import serve

    serve(settings, knowledge=knowledge, host=host, port=port)
