"""The web demo: ``python app.py`` answers for the shop in ``examples/knowledge``."""

from __future__ import annotations

from pathlib import Path

from visavis.settings import Settings
from visavis.ui import serve

SHOP = Path(__file__).parent / "examples" / "knowledge"

if __name__ == "__main__":
    serve(Settings(), knowledge=SHOP if SHOP.is_dir() else None)
