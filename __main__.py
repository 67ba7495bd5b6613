"""``python -m visavis``."""

from .cli import main

main()
