"""Who may do what: roles, the lock, the audit log, secrets."""
