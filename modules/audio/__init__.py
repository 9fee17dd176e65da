"""Sound: chunks, files, resampling, devices, playback."""
