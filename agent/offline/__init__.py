"""A chat model without weights: it finds, picks and joins the sentences that answer."""

from __future__ import annotations

from .chat import OfflineChat

__all__ = ["OfflineChat"]
