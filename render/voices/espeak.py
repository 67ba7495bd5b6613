"""The voice "espeak": espeak-ng, for 100 and more languages, with exact times of phonemes and words.

Text in several writing systems is read by several of its voices, one after another. espeak-ng has no readings for the Chinese
characters of Japanese (kanji); they are read in Mandarin.
"""

from __future__ import annotations

from typing import Final

REQUIRES: Final = {"espeakng_loader": "Run: pip install espeakng-loader"}
