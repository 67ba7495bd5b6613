"""Memory as LangChain's ``VectorStore``: documents kept in our record, found by our recall, for anybody's RAG chain."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from ..errors import InputError
from .store import Memory, Mine
from .types import Recollection, Turn

_SPEAKER: Final = "tool"
"""Documents are no statements of the user, so nothing in them becomes a fact."""
_MARK: Final = "document:"
"""Begins the thread of a turn that holds a document; the rest of it is the document's id and metadata, as JSON."""
_ALL: Final = 1_000_000


class MemoryVectorStore(VectorStore):
    """Documents in the memory of one ``(tenant, user)``: ``MemoryVectorStore(memory.of("shop", "manuals"))``.

    Documents are ranked by words and vectors together (see ``Mine.recall``), so there are no distances: the searches that need them
    (by score, by vector, for diversity) raise ``NotImplementedError``. Give the documents a user of their own, unless the agent is
    to be reminded of them as of what the user said. Adding, deleting and getting read the list of all documents once a call.
    Every method raises ``InputError`` for what cannot be kept, and ``StorageError``.
    """

    def __init__(self, mine: Mine) -> None:
        self._mine = mine
        self._opened: Memory | None = None

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        path: str | Path = "",
        tenant: str = "default",
        user: str = "documents",
        **kwargs: Any,  # noqa: ARG003 - the signature is LangChain's
    ) -> Self:
        """A store in the folder *path*, which is made if need be, with *texts* in it. ``close`` it, or use it in ``with``."""
        if not path:
            raise InputError("Where to keep the documents is not said.", "Give path= a folder.")
        memory = Memory.open(path, embedding)
        made = cls(memory.of(tenant, user))
        made._opened = memory
        made.add_texts(texts, metadatas, ids=ids)
        return made

    def add_documents(self, documents: list[Document], **kwargs: Any) -> list[str]:
        """Keep *documents*; those whose id is there replace it. *ids* in *kwargs* come before the documents' own."""
        ids = kwargs.get("ids") or [document.id for document in documents]
        if len(ids) != len(documents):
            raise InputError(f"{len(documents)} documents have {len(ids)} ids.", "Give one id for each.")
        keys = [key or uuid.uuid4().hex for key in ids]
        threads = [_thread(key, each.metadata) for key, each in zip(keys, documents, strict=True)]
        before = self._kept()
        for key, thread, document in zip(keys, threads, documents, strict=True):
            self._mine.remember(document.page_content, speaker=_SPEAKER, thread=thread)
            for turn in before.pop(key, ()):
                self._mine.forget(turn.id)
        return keys

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:  # noqa: ARG002
        """Delete these documents, or all; nothing of them is left in any file. Ids that are not there are passed over."""
        kept = self._kept()
        for key in list(kept) if ids is None else ids:
            for turn in kept.pop(key, ()):
                self._mine.forget(turn.id)
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Those of the documents that are there."""
        kept = self._kept()
        return [_document(kept[key][-1]) for key in ids if key in kept]

    def similarity_search(
        self,
        query: str,
        k: int = 4,
        *,
        filter: Mapping[str, Any] | None = None,  # noqa: A002 - the name all vector stores use
        **kwargs: Any,  # noqa: ARG002
    ) -> list[Document]:
        """The *k* documents that have most to do with *query*, best first; where fewer have anything, the newest others follow.

        *filter*: values that the metadata must have. Of documents that say the same, the others come last.
        """
        found: dict[str, Document] = {}
        for turn in self._ranked(query, k):
            document = _document(turn)
            if document.id and all(document.metadata.get(name) == value for name, value in (filter or {}).items()):
                found.setdefault(document.id, document)
            if len(found) == k:
                break
        return list(found.values())

    def close(self) -> None:
        """Close the memory that ``from_texts`` opened; one that was given stays open."""
        if self._opened is not None:
            self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ranked(self, query: str, k: int) -> Iterator[Turn | Recollection]:
        """All documents; recall is asked for more and more as long as it has more."""
        asked, given = k, 0
        while True:
            hits = self._mine.recall(query, asked)
            yield from (hit for hit in hits[given:] if hit.thread.startswith(_MARK))
            if len(hits) < asked:
                break
            asked, given = 4 * asked, len(hits)
        yield from (turns[-1] for turns in reversed(self._kept().values()))

    def _kept(self) -> dict[str, list[Turn]]:
        """The turns of each document by its id, oldest first; more than one only if replacing it was broken off."""
        kept: dict[str, list[Turn]] = {}
        for turn in self._mine.turns(_ALL):
            if turn.thread.startswith(_MARK):
                kept.setdefault(_document(turn).id or "", []).append(turn)
        return kept


def _thread(key: str, metadata: Mapping[str, Any]) -> str:
    try:
        return _MARK + json.dumps([key, metadata], ensure_ascii=False)
    except (TypeError, ValueError) as exc:
        raise InputError(
            f"The metadata of {key!r} is no JSON: {exc}.", "Use strings, numbers, lists and mappings."
        ) from exc


def _document(turn: Turn | Recollection) -> Document:
    key, metadata = json.loads(turn.thread.removeprefix(_MARK))
    return Document(turn.text, id=key, metadata=metadata)
