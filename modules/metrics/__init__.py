"""Numbers about Arvis itself: collected, kept, aggregated, and shown to those who ask."""
