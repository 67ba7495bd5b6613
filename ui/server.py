"""The page on a port of its own."""

from __future__ import annotations

from pathlib import Path

from ..errors import UnavailableError
from ..settings import Settings
from .agent_host import AgentHost
from .blocks import build
from .theme import launch_options


def serve(settings: Settings, *, knowledge: Path | None, host: str, port: int) -> None:
    """See ``visavis.ui.serve``."""
    with AgentHost.open(settings, knowledge=knowledge) as answering:
        page = build(answering, settings)
        try:
            page.launch(server_name=host, server_port=port, share=False, inbrowser=False, **launch_options())
        except OSError as exc:
            raise UnavailableError(f"The page cannot be shown on {host}:{port}.", "Choose another --port.") from exc
        finally:
            page.close()
