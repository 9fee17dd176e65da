"""Taking the assistant's own voice out of what the microphone hears."""
