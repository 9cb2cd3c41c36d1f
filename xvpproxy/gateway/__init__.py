"""A viewer in, its console out: accept, preamble, token, upstream, relay."""
