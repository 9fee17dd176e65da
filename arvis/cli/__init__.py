"""The `arvis` command."""
