"""Turn-taking: the pure machine and the session that carries out what it decides."""
