"""The daily push 日报: when an edition is due, its text, its picture, and what keeps it from being sent twice."""
