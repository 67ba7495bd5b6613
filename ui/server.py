"""The page on a port of its own."""

from __future__ import annotations

import sys
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
            _, url, _ = page.launch(
                server_name=host,
                server_port=port,
                share=False,
                quiet=True,
                prevent_thread_lock=True,
                **launch_options(),
            )
        except OSError as exc:
            raise UnavailableError(f"The page cannot be shown on {host}:{port}.", "Choose another --port.") from exc
        sys.stdout.write(f"visavis is at {url} (Ctrl+C ends it)\n")
        sys.stdout.flush()
        page.block_thread()
