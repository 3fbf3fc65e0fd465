"""The boards 看板: what each shows, what is asked for it, and what a viewer gets."""
