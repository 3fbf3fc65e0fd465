"""Make the servers of the stack: what each is started with, when it is ready, how its process starts and stops."""
