"""The web page: ``python app.py``."""

from __future__ import annotations

from visavis.settings import Settings
from visavis.ui import serve

if __name__ == "__main__":
    serve(Settings())
