"""How the tables of the history came to be: one file in `versions` for each step, run by `modules.history.migrate`."""
