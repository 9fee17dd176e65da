"""`python -m arvis` is the `arvis` command."""

from arvis.cli.main import main

if __name__ == "__main__":
    main()
