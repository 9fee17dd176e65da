"""Set-up of a clone: what `make` calls. Uses the standard library only, for it runs before anything is installed."""
