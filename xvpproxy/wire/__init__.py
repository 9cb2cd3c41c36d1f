"""What the bytes mean: no sockets, clocks or configuration in here."""
