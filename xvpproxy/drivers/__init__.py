"""Where an instance's console is: one driver for each kind of hypervisor."""
