"""Text to unit vectors: hashing (always there), an ONNX sentence encoder from a folder, or any LangChain ``Embeddings``."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from ..errors import BackendError, InputError
from .words import STOPWORDS, is_cjk, stem, words

Vectors = NDArray[np.float32]

MODELS: Final = {
    "minilm": "sentence-transformers/all-MiniLM-L6-v2",
    "multilingual": "intfloat/multilingual-e5-small",
}
"""Sentence encoders by name, both 384 numbers wide and with weights in ONNX: English, and a hundred languages."""
_E5: Final = re.compile(r"\be5\b", re.IGNORECASE)


class Embeddings(Protocol):
    """The two methods of ``langchain_core.embeddings.Embeddings`` that are used here."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]: ...

    def embed_query(self, text: str) -> list[float]: ...


class Encoder(Protocol):
    """What the index works with."""

    @property
    def name(self) -> str:
        """Identifies the vectors it makes; those of different names are never mixed."""
        ...

    @property
    def weight(self) -> float:
        """Of the dense score beside BM25's, both standardised."""
        ...

    @property
    def floor(self) -> float:
        """The cosine below which two texts have nothing to do with each other."""
        ...

    @property
    def local(self) -> bool:
        """Whether it is quick enough (a few milliseconds) to run before a reply is given."""
        ...

    def encode(self, texts: list[str]) -> Vectors:
        """Unit rows, float32 (n, size). Raises ``BackendError``."""
        ...

    def encode_query(self, text: str) -> Vectors:
        """A unit vector, float32 (size,). Raises ``BackendError``."""
        ...


_SIZE: Final = 384


class HashingEncoder:
    """Words and character n-grams, hashed with a sign into 384 buckets (the "hashing trick", Weinberger et al. 2009).

    Needs no weights and gives the same vector on every machine. It bridges spelling and inflection, not meaning.
    """

    name = f"hashing-{_SIZE}"
    weight = 0.2
    floor = 0.35
    local = True

    def encode(self, texts: list[str]) -> Vectors:
        rows = np.zeros((len(texts), _SIZE), np.float32)
        for row, text in zip(rows, texts, strict=True):
            parts = [_features(word) for word in words(text) if word not in STOPWORDS]
            if not parts:
                continue
            counts = np.bincount(
                np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]), _SIZE
            )
            row += np.sign(counts) * np.sqrt(np.abs(counts))
        return unit(rows)

    def encode_query(self, text: str) -> Vectors:
        return np.asarray(self.encode([text])[0])


@lru_cache(maxsize=65_536)
def _features(word: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Buckets and signed weights of one word."""
    if is_cjk(word):
        grams = {word[i : i + n]: 1.0 for n in (1, 2, 3) for i in range(len(word) - n + 1)}
    else:
        framed = f"<{word}>"
        grams = {framed[i : i + n]: 0.5 for n in (3, 4) for i in range(len(framed) - n + 1)}
        grams[stem(word)] = 2.0
    hashes = [zlib.crc32(gram.encode()) for gram in grams]
    buckets = np.array([value % _SIZE for value in hashes], np.int64)
    signs = np.array([1.0 if value >> 31 else -1.0 for value in hashes])
    scale = np.array(list(grams.values())) / np.sqrt(len(grams))
    return buckets, signs * scale


class OnnxEncoder:
    """A BERT-like sentence encoder in ONNX, such as all-MiniLM-L6-v2: mean of the token states over the attention mask."""

    weight = 0.7
    local = True

    def __init__(self, folder: Path, model_name: str = "") -> None:
        """*model_name* (the folder's by default) tells the E5 family (Wang et al. 2022), which wants "query: " or "passage: "
        before each text.

        Raises ``InputError`` when the folder lacks ``model.onnx`` or ``tokenizer.json``, ``BackendError`` when they do not load.
        """
        models = [folder / "model.onnx", folder / "onnx" / "model.onnx"]
        model = next((file for file in models if file.is_file()), None)
        tokenizer = folder / "tokenizer.json"
        if model is None or not tokenizer.is_file():
            raise InputError(
                f"{folder} holds no sentence encoder.",
                "Give a folder with model.onnx (or onnx/model.onnx) and tokenizer.json, for example from "
                "`hf download sentence-transformers/all-MiniLM-L6-v2 --local-dir FOLDER`.",
            )
        self._asymmetric = _E5.search(model_name or folder.name) is not None
        self.floor = 0.8 if self._asymmetric else 0.35
        self.name = f"onnx-{zlib.crc32(model.read_bytes()):08x}"
        try:
            import onnxruntime
            from tokenizers import Tokenizer

            self._session: Any = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
            self._tokenizer: Any = Tokenizer.from_file(str(tokenizer))
        except Exception as exc:
            raise BackendError(
                f"The sentence encoder in {folder} cannot be loaded: {exc}.", "Fetch its files again."
            ) from exc
        self._tokenizer.enable_truncation(max_length=256)
        self._tokenizer.enable_padding()
        self._inputs = {value.name for value in self._session.get_inputs()}

    def encode(self, texts: list[str]) -> Vectors:
        if self._asymmetric:
            texts = [f"passage: {text}" for text in texts]
        rows = [self._batch(texts[start : start + 32]) for start in range(0, len(texts), 32)]
        return np.concatenate(rows) if rows else np.zeros((0, 0), np.float32)

    def encode_query(self, text: str) -> Vectors:
        return np.asarray(self._batch([f"query: {text}" if self._asymmetric else text])[0])

    def _batch(self, texts: list[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch(texts)
        mask = np.array([one.attention_mask for one in encoded], np.int64)
        feeds = {
            "input_ids": np.array([one.ids for one in encoded], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.array([one.type_ids for one in encoded], np.int64),
        }
        states = self._session.run(None, {name: feed for name, feed in feeds.items() if name in self._inputs})[0]
        weights = mask[:, :, None].astype(np.float32)
        return unit((states * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9))


class LangChainEncoder:
    """Any object with LangChain's ``embed_documents`` and ``embed_query``."""

    weight = 0.7
    floor = 0.35
    local = False

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings
        model = next(
            (str(getattr(embeddings, key)) for key in ("model_name", "model", "size") if hasattr(embeddings, key)), ""
        )
        self.name = ":".join(part for part in (type(embeddings).__name__, model) if part)

    def encode(self, texts: list[str]) -> Vectors:
        return self._checked(lambda: self._embeddings.embed_documents(texts), len(texts))

    def encode_query(self, text: str) -> Vectors:
        return np.asarray(self._checked(lambda: [self._embeddings.embed_query(text)], 1)[0])

    def _checked(self, call: Callable[[], list[list[float]]], count: int) -> Vectors:
        try:
            rows = np.array(call(), np.float32)
        except Exception as exc:
            raise BackendError(
                f"The embedding {self.name} failed: {exc}.", "Check that its service is up and its key is set."
            ) from exc
        if rows.ndim != 2 or len(rows) != count or not np.isfinite(rows).all():
            raise BackendError(
                f"The embedding {self.name} returned no vectors of one length.", "Choose another embedding."
            )
        return unit(rows)


def unit(rows: Vectors) -> Vectors:
    """A vector or rows of them scaled to length 1; zeros stay zeros."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.ascontiguousarray(rows / np.maximum(lengths, 1e-12), np.float32)


def load(
    embeddings: str | Path | Embeddings | Encoder | None = None, *, cache: Path | None = None, offline: bool = False
) -> Encoder:
    """The encoder for *embeddings*: None or "hashing", "minilm" or "multilingual" (fetched from the model hub once), the folder
    of an ONNX model, a LangChain ``Embeddings``, or an encoder itself.

    *cache* is where models are kept (the hub's own cache by default); *offline*: fetch nothing.
    Raises ``InputError`` for a folder without a model, ``BackendError`` when its files cannot be had or do not load.
    """
    match embeddings:
        case None | "hashing":
            return HashingEncoder()
        case "minilm" | "multilingual":
            repository = MODELS[embeddings]
            return OnnxEncoder(fetched(repository, cache=cache, offline=offline), repository)
        case str() | Path():
            return OnnxEncoder(Path(embeddings))
        case HashingEncoder() | OnnxEncoder() | LangChainEncoder():
            return embeddings
    return LangChainEncoder(cast("Embeddings", embeddings))


def fetched(repository: str, *, cache: Path | None, offline: bool) -> Path:
    """The folder of an ONNX model of the Hugging Face hub. Raises ``BackendError`` when it is neither here nor to be had."""
    from huggingface_hub import snapshot_download

    try:
        folder = snapshot_download(
            repository,
            allow_patterns=["onnx/model.onnx", "tokenizer.json"],
            cache_dir=None if cache is None else cache / "embeddings",
            local_files_only=offline,
        )
    except Exception as exc:  # the hub's client raises its own, its HTTP library's and the system's errors
        reason = str(exc).strip().partition("\n")[0].rstrip(".") or type(exc).__name__
        raise BackendError(
            f"The sentence encoder {repository} cannot be fetched: {reason}.",
            f"Connect to the hub, or run `hf download {repository} --local-dir FOLDER` elsewhere and give FOLDER.",
        ) from exc
    return Path(folder)
