"""The stack of docker-compose.yaml, really built, started, killed piece by piece and compared."""
