"""Whole conversations with the demo shop."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from visavis.agent import Who, build_agent
from visavis.memory import Knowledge, Memory

SHOP = Path(__file__).parents[1] / "examples" / "knowledge"

Say = Callable[..., str]


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    with Knowledge.open(tmp_path_factory.mktemp("knowledge")) as opened:
        opened.of("shop").add(SHOP)
        yield opened


@pytest.fixture
def say(tmp_path: Path, knowledge: Knowledge) -> Iterator[Say]:
    with Memory.open(tmp_path / "memory") as memory:
        agent = build_agent(memory=memory, knowledge=knowledge, checkpointer=tmp_path / "conversations.sqlite")

        def say(text: str, thread: str = "1") -> str:
            state = {"messages": [("user", text)]}
            out = agent.invoke(state, {"configurable": {"thread_id": thread}}, context=Who("shop", "maria"))
            return str(out["messages"][-1].text)

        yield say
        agent.checkpointer.close()


def test_the_shop_is_a_believable_size() -> None:
    entries = [
        line
        for file in SHOP.glob("*.md")
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.startswith("## ")
    ]
    assert 60 <= len(entries) <= 120


@pytest.mark.parametrize(
    "talk",
    [
        [
            ("Hi, I'm Maria and my order number is A-1043.", "order number is A-1043"),
            ("How long does shipping to Alaska take?", "7 to 10 working days"),
            ("and how long for Canada?", "6 to 8 working days"),
            ("How much does it cost?", "$19.90"),
            ("And to Hawaii?", "$14.90"),
            ("Can I still return it? And what was my order number again?", "within 60 days of delivery"),
            ("thanks a lot!", "You're welcome"),
            ("Where are you located?", "18 Harbor Street"),
            ("What's the weather on Mars?", "I don't know"),
            ("yes please", "207 555 0142"),
            ("bye", "Goodbye, Maria"),
        ],
        [
            ("how fast is the ridgeline", "20 miles per hour"),
            ("and how heavy?", "the Ridgeline 51"),
            ("how far does it go?", "40 to 70 miles"),
            ("Which bikes do you sell?", "Larch, a city bike"),
            ("yes", "Pip, a children's bike"),
            ("Can I pay in instalments?", "from $300"),
            ("My parcel came broken", "take two photos"),
            ("Do you have a discount for students?", "10 percent off"),
        ],
        [
            ("你好，我叫李雷，我的订单号是B-77712", "您的订单号是B-77712"),
            ("你们几点开门？", "上午十点"),
            ("寄到加拿大要多久？", "六到八个工作日"),
            ("那阿拉斯加呢？", "七到十个工作日"),
            ("怎么退货？可以换尺码吗？", "换"),
            ("我的订单号是多少？", "B-77712"),
            ("你们卖手机吗？", "不清楚"),
            ("好的", "207 555 0142"),
            ("谢谢", "不客气"),
        ],
    ],
    ids=["order", "products", "中文"],
)
def test_conversation(say: Say, talk: list[tuple[str, str]]) -> None:
    for question, expected in talk:
        assert expected in say(question), question


def test_another_day_in_another_conversation(say: Say) -> None:
    say("Hi, I'm Maria and my order number is A-1043.", thread="monday")
    say("I live in Juneau.", thread="monday")
    assert say("What was my order number again?", thread="tuesday") == "Your order number is A-1043."
    assert say("Where do I live?", thread="tuesday") == "You live in Juneau."
    say("I moved to Sitka.", thread="tuesday")
    assert say("Where do I live?", thread="wednesday") == "You live in Sitka."
    assert "Juneau" in say("Where did I live before?", thread="wednesday")


def test_what_stands_beside_a_question_is_not_answered(say: Say) -> None:
    say("Hello! My order number is A-1043. Can I return a helmet?")
    assert say("Hi, it's me again. What was my order number?", "2") == "Hello! Your order number is A-1043."
    assert "within 60 days" in say("I lost the invoice. Can I still return the bike?", "2")


def test_the_program_is_started_again_in_between(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from visavis.agent import Who, build_agent; from visavis.memory import Knowledge, Memory\n"
        "data, shop = Path(sys.argv[1]), sys.argv[2]\n"
        "with Memory.open(data / 'memory') as memory, Knowledge.open(data / 'knowledge') as knowledge:\n"
        "    knowledge.of('shop').add(shop)\n"
        "    agent = build_agent(memory=memory, knowledge=knowledge, checkpointer=data / 'conversations.sqlite')\n"
        "    for text in sys.argv[3:]:\n"
        "        state, config = {'messages': [('user', text)]}, {'configurable': {'thread_id': '1'}}\n"
        "        print(agent.invoke(state, config, context=Who('shop', 'maria'))['messages'][-1].text)\n"
        "    agent.checkpointer.close()\n"
    )

    def run(*said: str) -> list[str]:
        command = [sys.executable, "-c", script, str(tmp_path), str(SHOP / "shipping.md"), *said]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    run("Hi, I'm Maria and my order number is A-1043.", "How long does shipping to Alaska take?")
    assert run("And what was my order number again?", "And to Canada?") == [
        "Your order number is A-1043.",
        "Parcels to Canada take 6 to 8 working days, including customs. We do not send complete bikes to Canada.",
    ]


def test_a_person_is_asked_to_take_over(tmp_path: Path, knowledge: Knowledge) -> None:
    agent = build_agent(knowledge=knowledge, checkpointer=tmp_path / "conversations.sqlite")
    config = {"configurable": {"thread_id": "1"}}
    reasons = []
    for text in ("What's the weather on Mars?", "yes please"):
        parts = agent.stream({"messages": [("user", text)]}, config, context=Who("shop", "maria"), stream_mode="custom")
        reasons += [part["handover"]["reason"] for part in parts if "handover" in part]
    assert reasons == ["What's the weather on Mars?"]
    agent.checkpointer.close()
