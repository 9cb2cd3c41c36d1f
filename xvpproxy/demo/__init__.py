"""A console to look at without a cloud: a test card that speaks RFB 3.8.

`font`, `canvas` and `palette` are a screen of indexed colours in plain Python;
`testcard` and `panels` paint it; `pixels` and `encodings` turn it into what a
viewer asked for; `console` is the protocol.  `site` puts the gateway and some
consoles together, and `check` walks the whole loop without a window.
"""
