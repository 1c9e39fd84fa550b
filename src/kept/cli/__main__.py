"""`python -m kept.cli` is `kept`."""

from kept.cli import main

main()
