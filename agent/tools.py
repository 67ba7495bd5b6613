"""What a model with tool calling may do with memory and knowledge."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from langchain.tools import ToolRuntime, tool
from langchain_core.tools import BaseTool
from langgraph.config import get_stream_writer

from . import quotes
from .quotes import Quote
from .who import Who, thread, who

if TYPE_CHECKING:
    from ..memory import Knowledge, Memory


def memory_tools(memory: Memory) -> list[BaseTool]:
    """``search_memory``, ``remember`` and ``forget``, each within the caller's own (tenant, user)."""

    @tool
    def search_memory(query: str, runtime: ToolRuntime[Who]) -> str:
        """Search what this user and you said in earlier conversations."""
        owner = who(runtime.context)
        hits = memory.of(owner.tenant, owner.user).recall(query, k=8)
        found = [
            Quote("memory", hit.id, hit.text, {"speaker": hit.speaker, "at": hit.at.isoformat(timespec="minutes")})
            for hit in hits
        ]
        return quotes.write(found) or "Nothing was found."

    @tool
    def remember(text: str, runtime: ToolRuntime[Who]) -> str:
        """Note something the user asked you to remember, in the user's own words."""
        owner = who(runtime.context)
        return memory.of(owner.tenant, owner.user).remember(text, speaker="user", at=datetime.now(UTC), thread=thread())

    @tool
    def forget(memory_id: str, runtime: ToolRuntime[Who]) -> str:
        """Delete one remembered turn by its id, when the user asks for it."""
        owner = who(runtime.context)
        memory.of(owner.tenant, owner.user).forget(memory_id)
        return "Forgotten."

    return [search_memory, remember, forget]


def knowledge_tools(knowledge: Knowledge) -> list[BaseTool]:
    """``search_knowledge`` within the caller's tenant."""

    @tool
    def search_knowledge(query: str, runtime: ToolRuntime[Who]) -> str:
        """Search the shop's documents: products, prices, delivery, returns, warranty, opening hours."""
        hits = knowledge.of(who(runtime.context).tenant).search(query, k=5)
        return quotes.write(
            Quote("knowledge", hit.id, hit.text, {"source": hit.source, "heading": hit.heading}) for hit in hits
        ) or ("Nothing was found.")

    return [search_knowledge]


@tool
def hand_over_to_human(reason: str) -> str:
    """Ask for a person to take over the conversation, when the user wants one or you cannot help."""
    get_stream_writer()({"handover": {"reason": reason, "thread": thread()}})
    return "A person has been asked to take over. Say so in one short sentence."
