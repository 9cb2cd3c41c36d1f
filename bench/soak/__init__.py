"""The soak: a mixed load for minutes or hours; memory and descriptors must not grow, and all bytes must be right."""
