"""The figures as other programs get them."""
