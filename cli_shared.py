"""What the commands share: their options by name, the settings, and how results are printed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from .settings import Settings

Portrait = Annotated[
    Path | None, typer.Option(help="Photo or short video of the speaker; default: the demo photograph.")
]
Voice = Annotated[str | None, typer.Option(help="Voice backend.")]
Language = Annotated[str | None, typer.Option(help="Such as en-us, zh, ar; default: by the text.")]
Blur = Annotated[str | None, typer.Option(help="off, gaussian, guided or depth.")]
Radius = Annotated[float | None, typer.Option(help="Of the blur, 5 to 30.")]
Bokeh = Annotated[bool | None, typer.Option("--bokeh", help="Lights become discs, as a lens shows them.")]
Background = Annotated[
    str | None, typer.Option(help='Instead of the photo\'s own: a picture, #RRGGBB or "transparent".')
]
Size = Annotated[int | None, typer.Option(help="Width and height in pixels.")]
Fps = Annotated[float | None, typer.Option(help="Frames per second.")]
Out = Annotated[
    Path | None, typer.Option(help="A file .mp4 or .webm, overwritten if it exists, or a new folder for pictures.")
]
Seed = Annotated[int | None, typer.Option(help="Same seed, same pictures.")]
Audio = Annotated[
    Path | None, typer.Option(help="A recording to speak, audio or video file; TEXT is what is said in it.")
]
Expressiveness = Annotated[float | None, typer.Option(help="Of mouth and brows, 0 to 2; 1 is natural.")]
Head = Annotated[float | None, typer.Option(help="Head movement, 0 to 2; 1 is natural.")]
BlinkRate = Annotated[float | None, typer.Option(help="How often the eyes blink, 0 to 3; 1 is natural.")]
Gaze = Annotated[float | None, typer.Option(help="How far the eyes wander, 0 to 2; 1 is natural.")]
Strict = Annotated[bool | None, typer.Option("--strict", help="Refuse a photo that will not look right.")]
Mood = Annotated[str | None, typer.Option(help="neutral, friendly or serious.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
User = Annotated[str | None, typer.Option(help="Whose memory.")]
Tenant = Annotated[str | None, typer.Option(help="Whose customers.")]
Thread = Annotated[str, typer.Option(help="Which conversation.")]
Model = Annotated[str | None, typer.Option(help='"offline", or provider:name, such as ollama:llama3.')]
Knowledge = Annotated[Path | None, typer.Option(help="File or folder to answer from; added to the knowledge base.")]


def settings_with(**changes: Any) -> Settings:
    """The settings, with the options that were given. Raises ``InputError``."""
    from .settings import Settings

    return Settings().with_changes(**changes)


def print_line(text: str) -> None:
    """A result, for people."""
    sys.stdout.write(f"{text}\n")


def print_json(value: Any) -> None:
    """A result, for programs."""
    print_line(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_rows(rows: list[Any], as_json: bool) -> None:
    """A list of results, one a line for people."""
    if as_json:
        print_json(rows)
        return
    for row in rows:
        print_line("  ".join(str(value) for value in row.values()) if isinstance(row, dict) else str(row))


def plain(value: Any) -> Any:
    """*value* as what JSON can hold."""
    from dataclasses import asdict, is_dataclass

    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
