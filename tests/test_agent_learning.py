"""Facts that a model reads in a conversation: only what was said, once per quiet conversation, never on an answer's way."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from visavis.agent import LearnMiddleware, Who, build_agent
from visavis.agent.learning import read
from visavis.memory import Memory

WHO = Who("shop", "maria")
ON = {"configurable": {"thread_id": "t"}}


class Model(GenericFakeChatModel):
    """Answers "Fine." to people, and *facts* when it is asked for facts; counts the latter."""

    facts: str
    asked: list = []  # noqa: RUF012 - a pydantic field
    fails: bool = False

    def bind_tools(self, tools, **kwargs):
        return self

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        wants_facts = "JSON object" in messages[0].text
        if wants_facts:
            self.asked.append(messages[0].text)
            if self.fails:
                raise RuntimeError("the model is down")
        self.messages = iter([AIMessage(self.facts if wants_facts else "Fine.")])
        return super()._generate(messages, stop, run_manager, **kwargs)


def model(facts, **options):
    return Model(messages=iter([]), facts=facts, asked=[], **options)


@pytest.fixture
def memory(tmp_path: Path):
    with Memory.open(tmp_path, vectors="off") as memory:
        yield memory


def talk(agent, *texts):
    for text in texts:
        agent.invoke({"messages": [("user", text)]}, ON, context=WHO)


def learned(memory):
    return {(fact.attribute, fact.value) for fact in memory.of(*("shop", "maria")).facts()}


def test_one_call_learns_what_was_said(memory):
    chat = model(
        '{"message": 2, "attribute": "Boat", "value": "wooden sloop", "replaces": true}\n'
        '{"message": 2, "attribute": "boat", "value": "golden yacht", "replaces": true}\n'
        '{"message": 3, "attribute": "plan", "value": "a trip to Norway"}\nThat is all {"x":'
    )
    agent = build_agent(chat, memory=memory)
    talk(agent, "Hello!", "We sail a wooden sloop in summer.", "Should I do a trip to Norway?")
    assert chat.asked == []
    agent.finish()
    assert len(chat.asked) == 1
    assert ("boat", "wooden sloop") in learned(memory)
    assert not any("yacht" in value or "Norway" in value for _, value in learned(memory))
    agent.finish()
    assert len(chat.asked) == 1


def test_it_happens_by_itself_when_the_conversation_is_quiet(memory):
    chat = model('{"message": 1, "attribute": "boat", "value": "sloop", "replaces": true}')
    done = threading.Event()
    learn = LearnMiddleware(memory, chat, quiet_s=0.05)
    look = learn._look
    learn._look = lambda key: (look(key), done.set())
    agent = build_agent("offline", memory=memory, middleware=[learn])
    talk(agent, "We sail a sloop.")
    assert done.wait(10)
    assert ("boat", "sloop") in learned(memory)


def test_the_offline_model_is_never_asked(memory):
    agent = build_agent(memory=memory)
    assert agent.learner is None
    talk(agent, "We sail a sloop.")
    agent.finish()


def test_a_model_that_fails_costs_nothing(memory, caplog):
    agent = build_agent(model("", fails=True), memory=memory)
    talk(agent, "We sail a sloop.")
    agent.finish()
    assert "No facts were learned" in caplog.text
    assert "sloop" not in caplog.text
    assert len(memory.of("shop", "maria").turns()) == 2


def test_who_was_forgotten_is_not_asked_about(memory):
    chat = model('{"message": 1, "attribute": "boat", "value": "sloop"}')
    agent = build_agent(chat, memory=memory)
    talk(agent, "We sail a sloop.")
    memory.of("shop", "maria").forget(everything=True)
    agent.finish()
    assert chat.asked == []
    assert learned(memory) == set()


@given(st.text(max_size=200))
def test_whatever_a_model_answers(answer):
    assert read(answer, []) == []
