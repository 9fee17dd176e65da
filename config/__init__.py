"""Settings: the schema, and what is made of it."""
