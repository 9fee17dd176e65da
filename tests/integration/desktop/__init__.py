"""What other programs of the desktop get from Arvis, on a bus of the test's own."""
