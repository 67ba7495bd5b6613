"""Memory and knowledge pass LangChain's standard tests of retrievers."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.retrievers import BaseRetriever
from langchain_tests.integration_tests import RetrieversIntegrationTests

from visavis.memory import Knowledge, KnowledgeRetriever, Memory, MemoryRetriever

SHIPPING = "# Shipping\n\n" + "\n\n".join(
    f"## To {place}\nShipping to {place} takes a week." for place in ("A", "B", "C", "D")
)


class TestMemoryRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def _filled(self, tmp_path):
        with Memory.open(tmp_path, vectors="off") as memory:
            self.mine = memory.of("shop", "maria")
            for place in ("Alaska", "Texas", "Maine", "Ohio"):
                self.mine.remember(f"I want shipping to {place}.", speaker="user", thread="t")
            yield

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return MemoryRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"mine": self.mine}

    @property
    def retriever_query_example(self) -> str:
        return "shipping to Texas"

    def test_documents_say_where_they_are_from(self):
        document = MemoryRetriever(mine=self.mine).invoke("shipping to Texas")[0]
        assert document.page_content == "I want shipping to Texas."
        assert document.id == next(turn.id for turn in self.mine.turns() if "Texas" in turn.text)
        assert set(document.metadata) == {"speaker", "at", "thread", "score", "why"}


class TestKnowledgeRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def _filled(self, tmp_path):
        (tmp_path / "shipping.md").write_text(SHIPPING)
        with Knowledge.open(tmp_path / "knowledge") as knowledge:
            self.library = knowledge.of("shop")
            self.library.add(tmp_path / "shipping.md")
            yield

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return KnowledgeRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"library": self.library}

    @property
    def retriever_query_example(self) -> str:
        return "how long does shipping take"

    def test_documents_cite_file_and_heading(self):
        document = KnowledgeRetriever(library=self.library).invoke("shipping to C")[0]
        assert document.metadata["source"].endswith("shipping.md")
        assert document.metadata["heading"].startswith("Shipping > To ")
