"""Between the language model and the voice: when to speak what has been written so far."""
