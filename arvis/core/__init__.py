"""The core that the window talks to."""
