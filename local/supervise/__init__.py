"""Keep the stack running: start it in order, restart what dies, stop it, and tell the commands how it stands."""
