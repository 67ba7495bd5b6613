"""Our memory as the vector store of somebody else's RAG chain; their splitter, their prompt, their model.

python examples/memory_as_vector_store.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from langchain_core.documents import Document
from langchain_core.language_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda, RunnablePassthrough
from langchain_text_splitters import MarkdownHeaderTextSplitter

from visavis.memory import Memory, MemoryVectorStore

SHOP = Path(__file__).parent / "knowledge" / "shipping.md"
PROMPT = ChatPromptTemplate.from_messages([("system", "Answer from this:\n{context}"), ("user", "{question}")])


def joined(documents: list[Document]) -> str:
    return "\n\n".join(document.page_content for document in documents)


def main() -> tuple[str, str]:
    splitter = MarkdownHeaderTextSplitter([("##", "question")])
    with tempfile.TemporaryDirectory() as folder, Memory.open(folder) as memory:
        store = MemoryVectorStore(memory.of("shop", "manuals"))
        store.add_documents(splitter.split_text(SHOP.read_text(encoding="utf-8")))
        retriever = store.as_retriever(search_kwargs={"k": 2})
        context = retriever | RunnableLambda(joined)
        model = FakeListChatModel(responses=["About a week."])
        chain = {"context": context, "question": RunnablePassthrough()} | PROMPT | model | StrOutputParser()
        question = "How long do parcels to Alaska take?"
        return context.invoke(question), chain.invoke(question)


if __name__ == "__main__":
    print(*main(), sep="\n\n")
