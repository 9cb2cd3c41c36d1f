"""xvpproxy: from an access URL to a machine's console.

A viewer opens an access URL at the gateway; the gateway checks the URL's token
in the stores that Nova's consoleauth uses, reaches the console and relays the
bytes.  `service.py` puts the parts together; `gateway/session.py` is the life
of one viewer, top to bottom.
"""

__version__ = "0.1.0"
