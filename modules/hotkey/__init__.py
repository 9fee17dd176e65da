"""Global keys."""
