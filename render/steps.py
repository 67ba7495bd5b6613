"""The stages of an avatar as LangChain Runnables, each with its own name in traces, and as a tool."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import Runnable, RunnableLambda
from langchain_core.tools import BaseTool, StructuredTool

from . import performance, pipeline
from .sentences import split
from .types import Clip, Speech

if TYPE_CHECKING:
    from .avatar import Avatar


def speak(avatar: Avatar) -> Runnable[Any, list[Speech]]:
    """Text or message -> list of ``Speech``, padded to whole frames."""

    def run(said: Any) -> list[Speech]:
        cast = avatar.prepare()
        sentences = split([performance.text_of(said)], language=avatar.settings.language)
        return list(pipeline.speak(sentences, cast.voice, cast.fps, pipeline.Stopwatch()))

    return RunnableLambda(run, name="speak")


def animate(avatar: Avatar) -> Runnable[Any, list[pipeline.Shot]]:
    """``Speech`` or a list of them -> list of ``Shot``; their layers are made as they are taken."""

    def run(speeches: Speech | Iterable[Speech]) -> list[pipeline.Shot]:
        cast, watch = avatar.prepare(), pipeline.Stopwatch()
        wanted = [speeches] if isinstance(speeches, Speech) else speeches
        scenes = pipeline.act(wanted, cast.gestures, cast.fps, watch)
        return list(pipeline.animate(scenes, cast.animator, cast.portrait, watch))

    return RunnableLambda(run, name="animate")


def compose(avatar: Avatar) -> Runnable[Any, list[pipeline.Take]]:
    """List of ``Shot`` -> list of ``Take``; their frames are made as they are taken."""

    def run(shots: Iterable[pipeline.Shot]) -> list[pipeline.Take]:
        return list(pipeline.shoot(shots, avatar.prepare().backdrop, pipeline.Stopwatch()))

    return RunnableLambda(run, name="compose")


def encode(avatar: Avatar) -> Runnable[Any, Clip]:
    """List of ``Take`` -> ``Clip``."""

    def run(takes: Iterable[pipeline.Take]) -> Clip:
        return performance.publish(takes, avatar.prepare(), avatar.settings)

    return RunnableLambda(run, name="encode")


def tool(avatar: Avatar, name: str = "make_video") -> BaseTool:
    """Text -> the path of a video; the ``Clip`` is the tool message's artifact."""

    def make_video(text: str) -> tuple[str, Clip]:
        """Make a video in which the portrait speaks the text. Give the exact words to be spoken."""
        clip = avatar.say(text)
        return f"{clip.path} ({clip.duration_s:.1f} s)", clip

    return StructuredTool.from_function(make_video, name=name, response_format="content_and_artifact")
