SELECT * FROM shipped WHERE day BETWEEN toDate(%(first)s) AND toDate(%(last)s)
