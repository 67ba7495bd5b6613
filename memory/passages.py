"""One tenant's passages in RAM, and how they are ranked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from .embeddings import Encoder, Vectors
from .relevance import Entries, Entry
from .types import Passage

_SIMILAR: Final = 5.0
"""What the similarity of an embedding of weight 1 counts for beside the learned score."""
_LEAST: Final = 0.3
"""Share of the query's words from which a passage may be meant."""


class Index:
    """Passages with their words and vectors; rebuilt when a document of the tenant changes."""

    def __init__(self, epoch: int, rows: Sequence[Any]) -> None:
        """*rows*: (passage, source, heading, text, vector as float16 bytes) each."""
        self.epoch = epoch
        self._rows = [row[:4] for row in rows]
        self._entries = Entries([Entry.under(heading, text) for _, _, heading, text in self._rows])
        joined = np.frombuffer(b"".join(row[4] for row in rows), "<f2").astype(np.float32)
        self._vectors: Vectors = joined.reshape(len(rows), -1) if rows else joined.reshape(0, 0)

    def search(self, query: str, k: int, encoder: Encoder) -> list[Passage]:
        """At most *k* passages, best first; none that speaks of nothing in *query* and is not like it either."""
        if not self._rows:
            return []
        similar = self._vectors @ encoder.encode_query(query)
        found = [
            (fit.score + _SIMILAR * encoder.weight * float(similar[fit.place]), fit)
            for fit in self._entries.fits(query)
            if fit.answered >= _LEAST or similar[fit.place] >= encoder.floor
        ]
        found.sort(key=lambda scored: -scored[0])
        return [
            Passage(str(key), text, source, heading, round(score, 4), round(1 / (1 + math.exp(-fit.log_odds)), 4))
            for score, fit in found[:k]
            for key, source, heading, text in [self._rows[fit.place]]
        ]
