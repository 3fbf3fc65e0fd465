"""Hours of a running stack: what stays flat, and what grows until whom."""
