"""Small facts: what claims one, what does not, and which value holds when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.memory import Memory
from visavis.memory.claims import claims
from visavis.memory.facts import Claim, Statement, asked, holding, timeline

MAY = datetime(2024, 5, 7, 12, tzinfo=UTC)


def said(text: str) -> list[tuple[str, str]]:
    return [(claim.attribute, claim.value) for claim in claims(text, "user") if claim.kind != "not"]


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("My name is Anna Schmidt.", ("name", "Anna Schmidt")),
        ("Hi, I'm Ben!", ("name", "Ben")),
        ("Hello, this is Maria speaking.", ("name", "Maria")),
        ("please call me Bob", ("name", "Bob")),
        ("Please call me Bob.", ("name", "Bob")),
        ("I live in Berlin and I love it.", ("city", "Berlin")),
        ("We've just moved to Lyon last week.", ("city", "Lyon")),
        ("I moved from Paris to New York in May.", ("city", "New York")),
        ("I live at 5 Elm Street.", ("address", "5 Elm Street")),
        ("My address is now 12 Main Road, Springfield.", ("address", "12 Main Road, Springfield")),
        ("my new phone number is +49 170 1234567", ("phone", "+49 170 1234567")),
        ("You can reach me at 555-0137-22.", ("phone", "555-0137-22")),
        ("Please change my email to anna@mail.test, thanks!", ("e-mail", "anna@mail.test")),
        ("My order number is A-12345, when will it arrive?", ("order number", "A-12345")),
        ("I'm allergic to peanuts.", ("allergy", "peanuts")),
        ("I have a nut allergy", ("allergy", "nut")),
        ("I'm vegan now.", ("diet", "vegan")),
        ("I really like jazz.", ("likes", "jazz")),
        ("I can't stand cilantro", ("dislikes", "cilantro")),
        ("I work as a nurse at St. Mary's.", ("job", "nurse")),
        ("I'm a software engineer.", ("job", "software engineer")),
        ("I work for Siemens since 2019", ("employer", "Siemens")),
        ("My dog's name is Rex.", ("dog's name", "Rex")),
        ("I have a cat called Luna.", ("cat's name", "Luna")),
        ("My birthday is on 7 May.", ("birthday", "7 May")),
        ("I'm 34 years old", ("age", "34")),
        ("My favourite colour is teal, obviously.", ("favorite color", "teal")),
        ("I switched to the Gold plan.", ("plan", "Gold")),
        ("My shoe size is 42.", ("shoe size", "42")),
        ("Thanks! By the way, my gate code is 4417.", ("gate code", "4417")),
        ("I'm allergic to peanuts, soy and shellfish.", ("allergy", "shellfish")),
        ("I enjoy hiking and photography, thanks for asking", ("likes", "photography")),
        ("I love Berlin and I moved here in May.", ("likes", "Berlin")),
        ("My daughter Emma is allergic to nuts.", ("daughter's allergy", "nuts")),
        ("My son's name is Leo.", ("son", "Leo")),
        ("My daughter is 7.", ("daughter's age", "7")),
        ("My doctor is Dr. Lee.", ("doctor", "Dr Lee")),
        ("My laptop is a Dell XPS 13.", ("laptop", "Dell XPS 13")),
        ("I prefer to be called Liz.", ("name", "Liz")),
        ("my name is anna", ("name", "Anna")),
        ("i moved to new york last week", ("city", "New York")),
        ("im allergic to shellfish", ("allergy", "shellfish")),
        ("我叫李雷。", ("name", "李雷")),
        ("我住在成都，可以送货上门吗？", ("city", "成都")),
        ("我对海鲜和芒果都过敏！", ("allergy", "芒果")),
        ("我女儿今年6岁，要买票吗？", ("daughter's age", "6")),
        ("我妻子叫陈静，票是她订的", ("wife", "陈静")),
        ("我在招商银行做客户经理", ("employer", "招商银行")),
        ("I prefer aisle seats, if you can note that.", ("likes", "aisle seats")),
        ("my wifes name is carol", ("wife", "Carol")),
        ("I'm 67 years old, am I eligible?", ("age", "67")),
        ("我搬到上海了", ("city", "上海")),
        ("我现在住在北京市海淀区", ("city", "北京市海淀区")),
        ("我的电话是13800138000", ("phone", "13800138000")),
        ("我的订单号是AB-1234,什么时候到?", ("order number", "AB-1234")),
        ("我对花生过敏", ("allergy", "花生")),
        ("我喜欢喝绿茶。", ("likes", "绿茶")),
        ("我的狗叫旺财", ("dog's name", "旺财")),
        ("我的会员等级是金卡", ("会员等级", "金卡")),
    ],
)
def test_statements_are_facts(text, fact):
    assert fact in said(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hello!",
        "Thanks a lot, that is great.",
        "Good morning, how are you?",
        "Do I live in Berlin?",
        "What is my name?",
        "If I moved to Rome, what would shipping cost?",
        "I would like a refund.",
        "I might move to Oslo next year.",
        "I want to move to Oslo.",
        "He said my name is Mud.",
        'She wrote "my name is Eve" on it.',
        "> my name is Quoted",
        "My question is about the invoice from May.",
        "I'm sorry.",
        "I'm not sure.",
        "I'm happy with it.",
        "I'm German.",
        "I like it.",
        "I love you",
        "My parcel is late.",
        "My password is Hunter2.",
        "My package is number 5.",
        "Imagine I live in Paris.",
        "I almost moved to Rome.",
        "I used to live in Rome.",
        "I'll be in Rome on Monday.",
        "Is my address 5 Elm Street?",
        "Can you call me back?",
        "My problem is the Wi-Fi.",
        "I'm looking for Anna.",
        "I need size information",
        "This is Unacceptable.",
        "Sorry, I'm Late.",
        "Call me ASAP.",
        "call me back tomorrow",
        "My phone is broken.",
        "My address is wrong on the invoice.",
        "My bill is 40 dollars too high.",
        "My appointment is on Friday at 3.",
        "My parents are visiting from Spain.",
        "I'm staying at the Hilton until Sunday.",
        "i live in a small flat",
        "I'm a winner!",
        "I like the blue one better.",
        "I love my new phone.",
        "I hate to bother you again.",
        "I don't like the new website.",
        "你好!",
        "谢谢你的帮助。",
        "我叫什么?",
        "如果我搬到上海,运费是多少?",
        "我想搬到北京",
        "他说我叫小明",
        "我的问题是发票",
        "我对任何东西都不过敏",
        "我的银行卡号是6222020000000000000，退到这里",
        "我叫了一辆车",
        "My name is Bond, James Bond. Just kidding.",
        "my name is spelt wrong on the ticket",
        "我喜欢这个吗",
        "",
    ],
)
def test_talk_is_no_fact(text):
    assert said(text) == []


def test_agents_state_no_facts(tmp_path):
    with Memory.open(tmp_path, vectors="off") as memory:
        mine = memory.of("acme", "ada")
        for speaker in ("agent", "Assistant", "BOT"):
            mine.remember("My name is Max and I live in Berlin.", speaker=speaker)
        assert mine.facts() == []


def test_facts_belong_to_who_states_them(tmp_path):
    with Memory.open(tmp_path, vectors="off") as memory:
        mine = memory.of("acme", "ada")
        mine.remember("I live in Berlin.", speaker="Ada")
        mine.remember("I live in Rome.", speaker="Ben")
        assert {(fact.subject, fact.value) for fact in mine.facts()} == {("user", "Berlin"), ("Ben", "Rome")}
        assert mine.recall("Where does Ben live?")[0].text == "I live in Rome."
        assert (
            mine.recall("Where does Ada live?")[0].text
            == mine.recall("Where do I live?")[0].text
            == "I live in Berlin."
        )


def test_the_present_value_comes_first_and_the_old_one_on_demand(tmp_path):
    with Memory.open(tmp_path, vectors="off") as memory:
        mine = memory.of("acme", "ada")
        for days, city in enumerate(("Paris", "Rome", "Oslo")):
            mine.remember(f"I moved to {city}.", speaker="user", at=MAY + timedelta(days=days))
        texts = [hit.text for hit in mine.recall("Where do I live?")]
        assert texts == ["I moved to Oslo."]
        assert [hit.text for hit in mine.recall("Where did I live before?")][:2] == [
            "I moved to Rome.",
            "I moved to Paris.",
        ]
        assert mine.recall("What was my original city?")[0].text == "I moved to Paris."
        assert mine.recall("Where do I live?", as_of=MAY + timedelta(hours=30))[0].text == "I moved to Rome."
        assert mine.recall("What happened in Paris?")[0].text == "I moved to Paris."
        assert [fact.value for fact in mine.facts(as_of=MAY)] == ["Paris"]


def test_what_is_no_longer_so_is_no_longer_known(tmp_path):
    with Memory.open(tmp_path, vectors="off") as memory:
        mine = memory.of("acme", "ada")
        mine.remember("I'm allergic to nuts. I'm allergic to soy.", speaker="user", at=MAY)
        mine.remember("I'm not allergic to nuts any more.", speaker="user", at=MAY + timedelta(days=1))
        assert [fact.value for fact in mine.facts()] == ["soy"]
        mine.remember("I like jazz.", speaker="user", at=MAY + timedelta(days=2))
        mine.remember("I hate jazz.", speaker="user", at=MAY + timedelta(days=3))
        assert {(fact.attribute, fact.value) for fact in mine.facts()} == {("allergy", "soy"), ("dislikes", "jazz")}


def test_imports_out_of_order_end_up_in_order(tmp_path):
    with Memory.open(tmp_path, vectors="off") as memory:
        mine = memory.of("acme", "ada")
        mine.remember("I moved to Oslo.", speaker="user", at=MAY + timedelta(days=5))
        mine.remember("I moved to Rome.", speaker="user", at=MAY)
        assert [fact.value for fact in mine.facts()] == ["Oslo"]


_CLAIMS = st.tuples(
    st.sampled_from("AB"),
    st.sampled_from(["x", "y", "z", ""]),
    st.sampled_from(["is", "has", "not"]),
    st.integers(0, 9),
)


@given(st.lists(_CLAIMS.filter(lambda one: one[1] or one[2] == "not"), max_size=12), st.randoms())
def test_the_timeline_does_not_depend_on_the_order_of_arrival(made, rng):
    statements = [
        Statement(str(place), Claim("user", attribute, value, kind), MAY + timedelta(days=day), str(place), place)
        for place, (attribute, value, kind, day) in enumerate(made)
    ]
    shuffled = list(statements)
    rng.shuffle(shuffled)
    facts = timeline(statements)
    assert {(fact.id, fact.valid_to) for fact in facts} == {(fact.id, fact.valid_to) for fact in timeline(shuffled)}
    assert len(facts) == sum(one.claim.kind != "not" for one in statements)
    assert all(fact.valid_to is None or fact.valid_to >= fact.valid_from for fact in facts)
    keys = [(fact.attribute, fact.value) for fact in holding(facts, datetime.max.replace(tzinfo=UTC))]
    assert len(keys) == len(set(keys))


@given(st.text(max_size=300))
def test_any_text_may_be_said(text):
    for claim in claims(text, "user"):
        assert claim.attribute
        assert claim.value or claim.kind == "not"


@pytest.mark.parametrize(
    ("query", "attribute"),
    [
        ("What's my e-mail address?", "e-mail"),
        ("where do I live", "city"),
        ("我住在哪里", "city"),
        ("my dog's name?", "dog's name"),
        ("我的电话", "phone"),
    ],
)
def test_questions_ask_for_attributes(query, attribute):
    assert asked(query, {"e-mail", "address", "city", "dog's name", "phone", "gate code"}) == {attribute}
