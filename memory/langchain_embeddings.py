"""Our sentence encoders for other people's vector stores."""

from __future__ import annotations

from pathlib import Path

from langchain_core.embeddings import Embeddings

from .embeddings import load


class LocalEmbeddings(Embeddings):
    """An encoder that runs here, by its name: "hashing" (no weights), "minilm", "multilingual", or the folder of an ONNX model.

    Raises ``InputError`` and ``BackendError`` when the model cannot be had.
    """

    def __init__(self, name: str | Path = "hashing") -> None:
        self._encoder = load(name)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Unit vectors."""
        return [[float(value) for value in row] for row in self._encoder.encode(texts)]

    def embed_query(self, text: str) -> list[float]:
        """A unit vector."""
        return [float(value) for value in self._encoder.encode_query(text)]
