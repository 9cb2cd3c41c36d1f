"""The benchmark: what the gateway costs beside other proxies, measured in alternating rounds on loopback."""
