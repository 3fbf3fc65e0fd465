toDate(min(run_out_at))
