"""Share what several measurements need: servers, addresses, makers of load, and ways to count."""
