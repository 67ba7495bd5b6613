"""Conversations in SQLite, one database for synchronous and asynchronous callers."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Final

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.sqlite import SqliteSaver

from ..errors import StorageError
from .in_threads import InThreads

_KEPT: Final = 4
"""Checkpoints of a conversation."""
_WIPE_S: Final = 4.0


class Conversations(InThreads, SqliteSaver):
    """LangGraph's SQLite checkpointer, usable from any thread and any event loop.

    Deleted rows are overwritten (``secure_delete``).
    """

    def __init__(self, path: str | Path) -> None:
        """Opens or makes the database at *path*. Raises ``StorageError`` when it cannot be used."""
        self.path = Path(path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, check_same_thread=False, timeout=30)
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            super().__init__(connection)
            self.setup()
        except (sqlite3.Error, OSError) as exc:
            raise StorageError(
                f"The conversations in {self.path} cannot be opened: {exc}.",
                "Check that the folder can be written; a damaged file can be moved away, a new one is made.",
            ) from exc

    def close(self) -> None:
        self.conn.close()

    def delete_thread(self, thread_id: str) -> None:
        """Deletes the conversation, and its bytes from the files. Raises ``StorageError`` when another process keeps reading."""
        super().delete_thread(str(thread_id))
        with self.lock:
            # secure_delete alone leaves remnants where a page was rearranged while the text still lived.
            self.conn.execute("VACUUM")
            deadline = time.monotonic() + _WIPE_S
            while self.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if time.monotonic() > deadline:
                    raise StorageError(
                        f"Another process is reading {self.path}, so deleted text is still in its log.",
                        "Try again when it is done.",
                    )
                time.sleep(0.02)

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Stores *checkpoint* and drops all but the last few before it: each holds the whole conversation."""
        stored = super().put(config, checkpoint, metadata, new_versions)
        where = (stored["configurable"]["thread_id"], stored["configurable"]["checkpoint_ns"])
        with self.cursor() as cursor:
            for table in ("checkpoints", "writes"):
                cursor.execute(
                    f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id < ("  # noqa: S608 - two fixed names
                    "SELECT checkpoint_id FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? "
                    "ORDER BY checkpoint_id DESC LIMIT 1 OFFSET ?)",
                    (*where, *where, _KEPT - 1),
                )
        return stored
