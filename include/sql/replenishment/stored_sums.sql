-- What is stored of a plan: its lines, and what is to be paid at cost.
SELECT count(), sum(amount) FROM dws.dws_replenishment_line FINAL WHERE replenishment_id = %(id)s
