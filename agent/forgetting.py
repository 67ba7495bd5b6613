"""Everything about one user, gone from every file that is ours."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from ..errors import StorageError
from .turns import Turns
from .who import OWNER, Who, owner_mark

if TYPE_CHECKING:
    from ..memory import Memory


def conversations_of(owner: Who, saver: BaseCheckpointSaver[Any]) -> list[str]:
    """The ids of the conversations that *owner* began."""
    kept = saver.list(None, filter={OWNER: owner_mark(owner)})
    return sorted({str(item.config["configurable"]["thread_id"]) for item in kept})


def forget_everything(
    owner: Who, *, memory: Memory, saver: BaseCheckpointSaver[Any], turns: Turns, media: Path
) -> None:
    """Delete what is remembered about *owner*, the conversations *owner* began, and the folder *media* of *owner*'s videos.

    Waits for answers that are under way. Raises ``StorageError``.
    """
    threads = conversations_of(owner, saver)
    with ExitStack() as held:
        for thread in threads:
            held.enter_context(turns.hold(thread))
        memory.of(owner.tenant, owner.user).forget(everything=True)
        for thread in threads:
            saver.delete_thread(thread)
    try:
        if media.exists():
            shutil.rmtree(media)
    except OSError as exc:
        raise StorageError(f"{media} cannot be deleted: {exc.strerror or exc}.", "Delete it by hand.") from exc
