ALTER TABLE dws.dws_replenishment_line
    ADD COLUMN IF NOT EXISTS arrive_by Date COMMENT '当天下单，最晚哪一天到货（到货天数加浮动）' AFTER run_out_day,
    ADD COLUMN IF NOT EXISTS cover_until Date COMMENT '管到哪一天（到货天数加覆盖天数）' AFTER arrive_by
