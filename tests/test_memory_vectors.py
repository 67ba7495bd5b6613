"""The dense index, embedded and served, and the embeddings that fill it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.errors import BackendError, InputError, StorageError
from visavis.memory import Memory
from visavis.memory.embeddings import MODELS, HashingEncoder, OnnxEncoder, load
from visavis.memory.vectors import shelf_of

# The client of a Chroma server leaves its sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:.*socket.socket:pytest.PytestUnraisableExceptionWarning")

ROOMS = ["kitchen", "cellar", "attic", "garage", "garden", "balcony"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a Chroma server of our own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("chroma")
    chroma = Path(sys.executable).with_name("chroma")
    process = subprocess.Popen(
        [chroma, "run", "--path", folder, "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )
    for _ in range(300):
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/heartbeat", timeout=1),
        ):
            break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


@pytest.fixture(params=["embedded", "server"])
def vectors(request):
    return "embedded" if request.param == "embedded" else request.getfixturevalue("server")


def test_large_memories_are_searched_through_the_index(tmp_path, vectors):
    with Memory.open(tmp_path, vectors=vectors, exact_up_to=3) as memory:
        mine, other = memory.of("acme", "ada"), memory.of("acme", "eve")
        for room in ROOMS:
            mine.remember(f"the {room} is painted green", speaker="user")
            other.remember(f"the {room} is painted red", speaker="user")
        exact = [hit.id for hit in mine.recall("green kitchens", 3)]
        assert memory.reindex() == 12
        later = mine.remember("a kitchen is painted again", speaker="user")
        hits = mine.recall("green kitchens", 3)
        shard = next(shard for shard in memory._shards.values() if shard.owner == "ada")
        assert len(shard.vectors) == 1 < len(shard)
        assert hits[0].id == exact[0]
        assert later in {hit.id for hit in hits}
        assert all("red" not in hit.text for hit in mine.recall("painted", 20))
        mine.forget(hits[0].id)
        assert hits[0].id not in {hit.id for hit in mine.recall("green kitchens", 10)}
        assert memory._indexer.catch_up() > 0
        assert {hit.id for hit in mine.recall("green kitchens", 3)} >= {later}


def test_the_index_holds_no_text(tmp_path):
    with Memory.open(tmp_path) as memory:
        memory.of("SECRETtenant", "SECRETuser").remember("SECRETtext", speaker="SECRETspeaker", thread="SECRETthread")
        memory.reindex()
    files = [file for file in (tmp_path / "index").rglob("*") if file.is_file()]
    assert any(file.name == "chroma.sqlite3" for file in files)
    assert not any(b"SECRET" in file.read_bytes() for file in files)


def test_the_index_is_filled_when_nobody_waits(tmp_path, monkeypatch):
    monkeypatch.setattr("visavis.memory.indexing._QUIET_S", 0.01)
    monkeypatch.setattr("visavis.memory.indexing.BATCH", 4)
    with Memory.open(tmp_path) as memory:
        for room in ROOMS:
            memory.of("acme", "ada").remember(room, speaker="user")
        thread = memory._indexer._thread
        thread.join(30)
        assert memory._record.behind() <= 2


def test_two_processes_share_one_folder(tmp_path):
    code = (
        "import sys; from visavis.memory import Memory\nwith Memory.open(sys.argv[1], exact_up_to=0) as memory:\n"
        "    memory.of('a', 'b').remember('from elsewhere, a kitchen', speaker='user'); memory._indexer.catch_up()\n"
        "    print(len(memory.of('a', 'b').recall('kitchen')))"
    )
    with Memory.open(tmp_path, exact_up_to=0) as memory:
        mine = memory.of("a", "b")
        mine.remember("a green kitchen", speaker="user")
        memory.reindex()
        result = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
        assert result.stdout.strip() == "2"
        assert len(mine.recall("kitchen")) == 2


def test_a_server_that_is_down_is_not_missed(tmp_path, caplog):
    with Memory.open(tmp_path, vectors="http://127.0.0.1:9", exact_up_to=0) as memory:
        mine = memory.of("a", "b")
        mine.remember("a green kitchen", speaker="user")
        shelf = shelf_of("a", "b")
        memory._record.set_indexed(shelf, 0, memory._record.to_index(shelf, 0, 1)[0][0])
        assert mine.recall("kitchen")
        assert "without the dense index" in caplog.text
        mine.remember("a red kitchen", speaker="user")
        with pytest.raises(StorageError, match="Check that it is up"):
            memory._indexer.catch_up()


def test_what_is_no_address_is_refused(tmp_path):
    with pytest.raises(InputError, match="address"):
        Memory.open(tmp_path, vectors="ftp//nowhere")


class Fake:
    """A LangChain ``Embeddings`` by shape: one direction a topic."""

    def __init__(self, model: str = "one") -> None:
        self.model = model
        self.fail = False

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if self.fail:
            raise ConnectionError("down")
        return [
            [float("car" in text or "truck" in text), float("soup" in text or "stew" in text), 0.1] for text in texts
        ]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def test_langchain_embeddings_bridge_meaning(tmp_path):
    with Memory.open(tmp_path, Fake(), vectors="off") as memory:
        mine = memory.of("a", "b")
        mine.remember("I bought a truck", speaker="user")
        mine.remember("I cooked a stew", speaker="user")
        assert mine.recall("soup", 1)[0].text == "I cooked a stew"


def test_an_embedding_that_fails_loses_no_turn(tmp_path):
    embeddings = Fake()
    with Memory.open(tmp_path, embeddings, vectors="off") as memory:
        mine = memory.of("a", "b")
        embeddings.fail = True
        mine.remember("I bought a truck", speaker="user")
        with pytest.raises(BackendError, match="down"):
            mine.recall("car")
        embeddings.fail = False
        assert mine.recall("car")[0].text == "I bought a truck"


def test_two_embeddings_are_never_mixed(tmp_path):
    with Memory.open(tmp_path, vectors="off") as memory:
        memory.of("a", "b").remember("I bought a truck", speaker="user")
    with Memory.open(tmp_path, Fake(), vectors="off") as memory:
        with pytest.raises(StorageError, match="visavis memory reindex"):
            memory.of("a", "b")
        assert memory.reindex() == 1
        assert memory.of("a", "b").recall("car")[0].text == "I bought a truck"


@given(st.lists(st.text(max_size=80), max_size=6))
def test_hashing_gives_unit_or_zero_rows_and_the_same_ones_again(texts):
    rows = HashingEncoder().encode(texts)
    assert rows.shape == (len(texts), 384)
    assert rows.dtype == np.float32
    lengths = np.linalg.norm(rows, axis=1)
    assert np.all(np.isclose(lengths, 1.0, atol=1e-5) | (lengths == 0))
    np.testing.assert_array_equal(rows, HashingEncoder().encode(texts))


def test_hashing_bridges_spelling():
    rows = HashingEncoder().encode(["delivery address", "my adress for deliveries", "a brown horse"])
    assert rows[0] @ rows[1] > 0.3 > rows[0] @ rows[2]


def test_hashing_is_the_same_on_every_machine():
    (row,) = HashingEncoder().encode(["hello world"])
    assert np.flatnonzero(row)[:5].tolist() == [1, 29, 30, 136, 139]


def _tiny_model(folder: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="pip install onnx")
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = {"[UNK]": 0, "[PAD]": 1, "car": 2, "truck": 3, "soup": 4}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    table = np.array([[0, 0, 0.01], [0, 0, 5], [1, 0, 0], [1, 0.1, 0], [0, 1, 0]], np.float32)
    helper = onnx.helper
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])],
        "tiny",
        [
            helper.make_tensor_value_info(name, onnx.TensorProto.INT64, ["n", "t"])
            for name in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info("last_hidden_state", onnx.TensorProto.FLOAT, ["n", "t", 3])],
        [onnx.numpy_helper.from_array(table, "table")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    (folder / "onnx").mkdir()
    onnx.save(model, folder / "onnx" / "model.onnx")


def test_an_onnx_encoder_from_a_folder(tmp_path):
    _tiny_model(tmp_path / "tiny")
    encoder = load(tmp_path / "tiny")
    rows = encoder.encode(["truck", "car truck car car", "soup"])
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)
    assert rows[0] @ rows[1] > 0.9 > 0.3 > rows[0] @ rows[2]
    np.testing.assert_allclose(encoder.encode_query("truck"), rows[0], atol=1e-6)
    with Memory.open(tmp_path / "memory", tmp_path / "tiny", vectors="off") as memory:
        memory.of("a", "b").remember("truck", speaker="user")
        memory.of("a", "b").remember("soup", speaker="user")
        assert memory.of("a", "b").recall("car", 1)[0].text == "truck"


def test_a_folder_without_a_model_says_how_to_get_one(tmp_path):
    with pytest.raises(InputError, match="hf download"):
        load(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"no model")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(BackendError, match="cannot be loaded"):
        OnnxEncoder(tmp_path)


class Hub:
    """The model hub: hands out a folder, or fails, and notes what it was asked."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.asked: list[tuple[str, dict]] = []

    def __call__(self, repository, **options):
        self.asked.append((repository, options))
        if self.folder is None:
            raise ConnectionError("no route to the hub\nmore")
        return str(self.folder)


@pytest.mark.parametrize(("name", "prefixed"), [("minilm", False), ("multilingual", True)])
def test_encoders_by_name_come_from_the_hub(tmp_path, monkeypatch, name, prefixed):
    _tiny_model(tmp_path / "snapshot")
    hub = Hub(tmp_path / "snapshot")
    monkeypatch.setattr("huggingface_hub.snapshot_download", hub)
    encoder = load(name, cache=tmp_path / "cache", offline=True)
    assert hub.asked == [
        (
            MODELS[name],
            {
                "allow_patterns": ["onnx/model.onnx", "tokenizer.json"],
                "cache_dir": tmp_path / "cache" / "embeddings",
                "local_files_only": True,
            },
        )
    ]
    seen = []
    batch = encoder._batch
    monkeypatch.setattr(encoder, "_batch", lambda texts: seen.extend(texts) or batch(texts))
    encoder.encode(["truck"])
    encoder.encode_query("car")
    assert seen == (["passage: truck", "query: car"] if prefixed else ["truck", "car"])


def test_a_hub_out_of_reach_is_one_line_with_the_fix(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.snapshot_download", Hub(None))
    with pytest.raises(BackendError, match=r"no route to the hub\..*hf download") as caught:
        load("minilm")
    assert "\n" not in str(caught.value)


def test_one_encoder_serves_several_stores(tmp_path, monkeypatch):
    encoder = load("hashing")
    assert load(encoder) is encoder


def test_the_settings_name_the_embedding_and_reindex_changes_it(tmp_path, monkeypatch):
    from visavis.agent.session import Session, reindex
    from visavis.errors import StorageError
    from visavis.settings import Settings

    _tiny_model(tmp_path / "tiny")
    (tmp_path / "faq.md").write_text("# Trucks\nA truck is towed.")
    settings = Settings(data=tmp_path / "data")
    with Session.open(settings, knowledge=tmp_path / "faq.md") as session:
        session.memory.of("default", "guest").remember("My truck is red.", speaker="user")
    changed = settings.with_changes(embeddings=str(tmp_path / "tiny"))
    with Session.open(changed) as session, pytest.raises(StorageError, match="reindex"):
        session.knowledge.of("default")
    assert reindex(changed) == (1, 1)
    with Session.open(changed) as session:
        assert session.memory.of("default", "guest").recall("car")
        assert session.knowledge.of("default").search("car")
