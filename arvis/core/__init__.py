"""The core that the window talks to: signals for what happens, slots for what the user does."""
