"""Our memory passes LangChain's standard suites: vector stores, key-value stores, embeddings. And what the suites do not ask."""

from __future__ import annotations

import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough
from langchain_tests.integration_tests import (
    BaseStoreAsyncTests,
    BaseStoreSyncTests,
    EmbeddingsIntegrationTests,
    VectorStoreIntegrationTests,
)
from langchain_tests.unit_tests import EmbeddingsUnitTests

from visavis.agent import OfflineChat
from visavis.errors import InputError
from visavis.memory import LocalEmbeddings, Memory, MemoryKeyValueStore, MemoryVectorStore


@pytest.fixture
def memory(tmp_path):
    with Memory.open(tmp_path / "memory", vectors="off") as memory:
        yield memory


@pytest.fixture
def store(memory):
    return MemoryVectorStore(memory.of("shop", "manuals"))


class TestVectorStore(VectorStoreIntegrationTests):
    @pytest.fixture(params=["off", "embedded"])
    def vectorstore(self, tmp_path, request):
        with Memory.open(tmp_path / "memory", self.get_embeddings(), vectors=request.param) as memory:
            yield MemoryVectorStore(memory.of("shop", "manuals"))


class TestKeyValueStore(BaseStoreSyncTests[str]):
    @pytest.fixture
    def kv_store(self, memory):
        return MemoryKeyValueStore(memory, "shop", "maria")

    @pytest.fixture
    def three_values(self):
        return "one", {"two": [2]}, 3


class TestKeyValueStoreAsync(BaseStoreAsyncTests[str]):
    @pytest.fixture
    async def kv_store(self, memory):
        return MemoryKeyValueStore(memory, "shop", "maria")

    @pytest.fixture
    def three_values(self):
        return "one", {"two": [2]}, 3


class TestEmbeddings(EmbeddingsIntegrationTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return LocalEmbeddings

    @property
    def embedding_model_params(self):
        return {"name": "hashing"}


class TestEmbeddingsAsAUnit(EmbeddingsUnitTests):
    embeddings_class = TestEmbeddings.embeddings_class
    embedding_model_params = TestEmbeddings.embedding_model_params


TEXTS = ["Parcels to Alaska take a week.", "Returns are free for 60 days.", "The workshop opens at nine."]


def test_the_best_come_first_and_the_rest_follow(store):
    store.add_texts(TEXTS, [{"file": "a"}, {"file": "b"}, {"file": "a"}])
    found = store.similarity_search("When does the workshop open?", k=3)
    assert found[0].page_content == TEXTS[2]
    assert {document.page_content for document in found} == set(TEXTS)
    assert [each.page_content for each in store.similarity_search("workshop", k=3, filter={"file": "b"})] == [TEXTS[1]]


def test_documents_that_say_the_same_are_all_there(store):
    store.add_texts(["The same.", "The same.", "Another."], ids=["1", "2", "3"])
    assert {each.id for each in store.similarity_search("the same", k=3)} == {"1", "2", "3"}


def test_it_serves_somebody_elses_rag_chain(store):
    store.add_texts(TEXTS)
    retriever = store.as_retriever(search_kwargs={"k": 1})
    prompt = ChatPromptTemplate.from_messages([("system", "{context}"), ("user", "{question}")])
    chain = {
        "context": retriever | (lambda found: found[0].page_content),
        "question": RunnablePassthrough(),
    } | prompt
    assert chain.invoke("How long do parcels to Alaska take?").to_messages()[0].text == TEXTS[0]
    assert isinstance((chain | OfflineChat() | StrOutputParser()).invoke("How long do parcels to Alaska take?"), str)


def test_documents_are_apart_from_what_was_said_and_are_no_facts(memory, store):
    mine = memory.of("shop", "manuals")
    mine.remember("I was told that the workshop is closed.", speaker="user")
    store.add_texts(["My name is Otto. I live in Graz."])
    assert mine.facts() == []
    assert [each.page_content for each in store.similarity_search("workshop", k=4)] == [
        "My name is Otto. I live in Graz."
    ]
    store.delete()
    assert [turn.text for turn in mine.turns()] == ["I was told that the workshop is closed."]


def test_nothing_is_left_of_what_is_deleted_or_replaced(store, tmp_path):
    store.add_texts(["Quokkamint one.", "Quokkamint two."], ids=["1", "2"])
    store.add_texts(["Tea."], ids=["1"])
    store.delete(["2"])
    assert [each.page_content for each in store.get_by_ids(["1", "2"])] == ["Tea."]
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and b"Quokkamint" in file.read_bytes()]


@pytest.mark.parametrize(
    ("documents", "options"),
    [
        ([Document("")], {}),
        ([Document("a", metadata={"when": object()})], {}),
        ([Document("a"), Document("b")], {"ids": ["1"]}),
    ],
    ids=["empty", "no JSON", "ids missing"],
)
def test_what_cannot_be_kept_is_told(store, documents, options):
    with pytest.raises(InputError):
        store.add_documents(documents, **options)
    assert store.similarity_search("a") == []


def test_a_store_of_its_own(tmp_path):
    with MemoryVectorStore.from_texts(TEXTS, LocalEmbeddings(), ids=["1", "2", "3"], path=tmp_path) as store:
        assert store.similarity_search("returns", k=1)[0].id == "2"
    with MemoryVectorStore.from_documents([Document("Another.")], LocalEmbeddings(), path=tmp_path) as store:
        assert len(store.similarity_search("returns", k=9)) == 4
    with pytest.raises(InputError, match="path="):
        MemoryVectorStore.from_texts(TEXTS, LocalEmbeddings())
