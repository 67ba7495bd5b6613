"""Somebody else's chain in front of our avatar, and what its stages are called in ``astream_events``.

python examples/chain_with_a_face.py
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from langchain_core.documents import Document
from langchain_core.runnables import RunnableLambda

from visavis.memory import Knowledge, KnowledgeRetriever
from visavis.render.avatar import Avatar

SHOP = Path(__file__).parent / "knowledge"


def best(documents: list[Document]) -> str:
    return documents[0].page_content.partition(". ")[0] + "."


async def main() -> list[str]:
    with tempfile.TemporaryDirectory() as folder, Knowledge.open(Path(folder) / "knowledge") as knowledge:
        library = knowledge.of("shop")
        library.add(SHOP)
        retriever = KnowledgeRetriever(library=library, name="search_documents")
        face = Avatar(voice="tone", animator="still", blur="off", size=128, fps=10, data=Path(folder))
        chain = retriever | RunnableLambda(best).with_config(run_name="pick_the_best") | face

        events = chain.astream_events("How long does shipping take?", version="v2")
        return [event["name"] async for event in events if event["event"].endswith("_end")]


if __name__ == "__main__":
    print(*asyncio.run(main()), sep="\n")
