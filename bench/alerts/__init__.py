"""Count what alerts say while evaluators die at every line, and how long a card takes."""
