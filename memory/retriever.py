"""Memory and knowledge as LangChain retrievers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field

from .knowledge import Library
from .store import Mine
from .types import Passage, Recollection


class _Retriever(BaseRetriever):
    """Hits as documents: id and text, everything else as metadata."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    k: int = Field(ge=1)
    """How many at most; ``invoke(query, k=…)`` overrides it."""

    @abstractmethod
    def _hits(self, query: str, k: int) -> Sequence[Recollection | Passage]: ...

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - the signature is LangChain's
        k: int | None = None,
    ) -> list[Document]:
        return [_document(hit) for hit in self._hits(query, k or self.k)]


class MemoryRetriever(_Retriever):
    """What one user said and was told, best first: ``MemoryRetriever(mine=memory.of("shop", "maria"))``.

    Documents carry ``id`` and, as metadata, ``speaker``, ``at`` (ISO), ``thread``, ``score`` and ``why``.
    """

    mine: Mine
    k: int = Field(default=8, ge=1)

    def _hits(self, query: str, k: int) -> Sequence[Recollection]:
        return self.mine.recall(query, k)


class KnowledgeRetriever(_Retriever):
    """What one tenant's documents say, best first: ``KnowledgeRetriever(library=knowledge.of("shop"))``.

    Documents carry ``id`` and, as metadata, ``source``, ``heading``, ``score`` and ``confidence``.
    """

    library: Library
    k: int = Field(default=5, ge=1)

    def _hits(self, query: str, k: int) -> Sequence[Passage]:
        return self.library.search(query, k)


def _document(hit: Recollection | Passage) -> Document:
    told = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(hit).items()}
    return Document(told.pop("text"), id=told.pop("id"), metadata=told)
