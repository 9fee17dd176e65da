"""Global keys: a key or a combination that is seen while another window has focus."""
