sum(is_stopped)
