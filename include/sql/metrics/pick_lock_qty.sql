sumOrNull(pick_lock)
