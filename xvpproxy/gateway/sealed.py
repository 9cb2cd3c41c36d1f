"""TLS without a socket: ciphertext in, plaintext out, and back.

It is the standard library's `ssl.SSLObject` over two memory BIOs: the one TLS
stack of the gateway, for viewers and for consoles.  A memory BIO never gives
back the memory of the largest batch that it held, so all connections share two
of them, which are empty whenever no method here is running, also after a
failed one.  For one thread only.
"""
