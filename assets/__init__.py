"""Icons, sounds, styles and sample speech, read through importlib.resources."""
