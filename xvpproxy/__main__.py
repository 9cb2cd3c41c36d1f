"""`python -m xvpproxy` is the `xvpproxy` command."""

from .cli.main import main

main()
