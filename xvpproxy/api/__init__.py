"""From an instance to an access URL: the part of Nova's compute API that consoles need, over HTTP."""
