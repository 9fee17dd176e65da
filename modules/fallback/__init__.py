"""Circuit breakers, deadlines, and chains of engines that are themselves engines: they fail over instead of failing."""
