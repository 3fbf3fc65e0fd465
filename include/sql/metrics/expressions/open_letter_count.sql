sum(open_letters)
