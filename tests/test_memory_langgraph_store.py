"""Our memory as LangGraph's store: items come back, are found, replaced and deleted; nobody gets another's."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from visavis.errors import InputError
from visavis.memory import Memory, MemoryStore

SPACE = ("shop", "maria", "preferences")


@pytest.fixture
def memory(tmp_path):
    with Memory.open(tmp_path, vectors="off") as memory:
        yield memory


@pytest.fixture
def store(memory):
    return MemoryStore(memory)


def keys(items):
    return [item.key for item in items]


def test_what_is_put_is_got(store):
    assert store.get(SPACE, "tea") is None
    store.put(SPACE, "tea", {"likes": "green tea", "cups": 3})
    item = store.get(SPACE, "tea")
    assert (item.namespace, item.key, item.value) == (SPACE, "tea", {"likes": "green tea", "cups": 3})
    assert item.created_at == item.updated_at or item.created_at < item.updated_at


def test_a_new_value_replaces_the_old_and_keeps_its_beginning(store):
    store.put(SPACE, "tea", {"likes": "green"})
    first = store.get(SPACE, "tea")
    store.put(SPACE, "tea", {"likes": "black"})
    second = store.get(SPACE, "tea")
    assert second.value == {"likes": "black"}
    assert second.created_at == first.created_at
    assert second.updated_at > first.updated_at
    assert keys(store.search(SPACE)) == ["tea"]
    assert store.search(SPACE, query="green") == [] or store.search(SPACE, query="green")[0].value == {"likes": "black"}


def test_search_by_meaning_filter_and_page(store):
    store.put(SPACE, "a", {"text": "allergic to peanuts", "kind": "health", "weight": 3})
    store.put(SPACE, "b", {"text": "rides a red bicycle", "kind": "hobby", "weight": 1})
    store.put((*SPACE, "deep"), "c", {"text": "bicycle repairs on Sundays", "kind": "hobby", "weight": 2})
    store.put(("shop", "maria"), "d", {"text": "no preference"}, index=False)
    assert store.search(SPACE, query="peanut allergy")[0].key == "a"
    assert store.search(SPACE, query="peanut allergy")[0].score is not None
    assert set(keys(store.search(SPACE, query="bicycle"))[:2]) == {"b", "c"}
    assert keys(store.search((*SPACE, "deep"))) == ["c"]
    assert set(keys(store.search(SPACE, filter={"kind": "hobby"}))) == {"b", "c"}
    assert keys(store.search(SPACE, filter={"weight": {"$gte": 2, "$lt": 3}})) == ["c"]
    assert keys(store.search(SPACE, filter={"weight": {"$ne": 3}, "kind": {"$gt": 5}})) == []
    assert keys(store.search(SPACE, limit=1, offset=1)) == ["b"]
    assert "d" not in keys(store.search(("shop", "maria"), query="preference"))
    with pytest.raises(InputError, match=r"\$near"):
        store.search(SPACE, filter={"weight": {"$near": 2}})


def test_deleting_leaves_no_byte(store, tmp_path):
    store.put(SPACE, "tea", {"likes": "Quokkamint"})
    store.put(SPACE, "tea", {"likes": "Quokkamint twice"})
    store.delete(SPACE, "tea")
    assert store.get(SPACE, "tea") is None
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and b"Quokkamint" in file.read_bytes()]


def test_items_go_with_the_user_and_are_no_facts(store, memory):
    mine = memory.of("shop", "maria")
    mine.remember("My name is Maria.", speaker="user")
    store.put(SPACE, "x", {"text": "My name is Bob."})
    assert [fact.value for fact in mine.facts()] == ["Maria"]
    assert keys(store.search(SPACE)) == ["x"]
    mine.forget(everything=True)
    assert store.get(SPACE, "x") is None


def test_nobody_gets_anothers(store):
    store.put(SPACE, "tea", {"likes": "green"})
    assert store.get(("shop", "bob", "preferences"), "tea") is None
    assert store.search(("other", "maria")) == []
    for call in (
        lambda: store.search(("shop",)),
        lambda: store.get(("shop",), "tea"),
        lambda: store.list_namespaces(),
        lambda: store.list_namespaces(prefix=("*", "maria")),
        lambda: store.list_namespaces(suffix=("preferences",)),
    ):
        with pytest.raises(InputError):
            call()


def test_namespaces_are_listed(store):
    for place in (("a",), ("a", "b"), ("c",)):
        store.put(("shop", "maria", *place), "k", {"x": 1})
    whose = ("shop", "maria")
    assert store.list_namespaces(prefix=whose) == [(*whose, "a"), (*whose, "a", "b"), (*whose, "c")]
    assert store.list_namespaces(prefix=whose, max_depth=3) == [(*whose, "a"), (*whose, "c")]
    assert store.list_namespaces(prefix=(*whose, "*", "b")) == [(*whose, "a", "b")]
    assert store.list_namespaces(prefix=whose, suffix=("b",)) == [(*whose, "a", "b")]
    assert store.list_namespaces(prefix=whose, limit=1, offset=2) == [(*whose, "c")]


def test_what_is_no_json_is_refused(store):
    with pytest.raises(InputError, match="no JSON"):
        store.put(SPACE, "x", {"thing": object()})


async def test_asynchronously(store):
    await asyncio.gather(*(store.aput(SPACE, str(n), {"n": n}) for n in range(5)))
    assert (await store.aget(SPACE, "3")).value == {"n": 3}
    assert len(await store.asearch(SPACE)) == 5
    await store.adelete(SPACE, "3")
    assert await store.aget(SPACE, "3") is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(min_size=1, max_size=12), st.dictionaries(st.text(max_size=8), json_values, max_size=4))
def test_any_json_under_any_key(store, key, value):
    if not all(_encodable(text) for text in (key, repr(value))):
        return
    store.put(SPACE, key, value)
    assert store.get(SPACE, key).value == value


def _encodable(text):
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
