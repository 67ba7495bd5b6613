"""Memory and knowledge as LangChain retrievers."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field

from .knowledge import Library
from .store import Mine


class MemoryRetriever(BaseRetriever):
    """What one user said and was told, best first: ``MemoryRetriever(mine=memory.of("shop", "maria"))``.

    Documents carry ``id`` and, as metadata, ``speaker``, ``at`` (ISO), ``thread``, ``score`` and ``why``.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    mine: Mine
    k: int = Field(default=8, ge=1)
    """How many turns at most; ``invoke(query, k=…)`` overrides it."""

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - the signature is LangChain's
        k: int | None = None,
    ) -> list[Document]:
        return [
            _document(
                hit.id,
                hit.text,
                speaker=hit.speaker,
                at=hit.at.isoformat(),
                thread=hit.thread,
                score=hit.score,
                why=hit.why,
            )
            for hit in self.mine.recall(query, k or self.k)
        ]


class KnowledgeRetriever(BaseRetriever):
    """What one tenant's documents say, best first: ``KnowledgeRetriever(library=knowledge.of("shop"))``.

    Documents carry ``id`` and, as metadata, ``source``, ``heading``, ``score`` and ``confidence``.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    library: Library
    k: int = Field(default=5, ge=1)
    """How many passages at most; ``invoke(query, k=…)`` overrides it."""

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - the signature is LangChain's
        k: int | None = None,
    ) -> list[Document]:
        return [
            _document(
                hit.id,
                hit.text,
                source=hit.source,
                heading=hit.heading,
                score=hit.score,
                confidence=hit.confidence,
            )
            for hit in self.library.search(query, k or self.k)
        ]


def _document(key: str, text: str, **metadata: Any) -> Document:
    return Document(text, id=key, metadata=metadata)
