"""A network that is away for a minute, between each two that talk to one another."""
