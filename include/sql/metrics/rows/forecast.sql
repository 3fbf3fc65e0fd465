SELECT * FROM forecast WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
