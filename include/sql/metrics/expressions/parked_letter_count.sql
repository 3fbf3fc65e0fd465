sum(parked_letters)
