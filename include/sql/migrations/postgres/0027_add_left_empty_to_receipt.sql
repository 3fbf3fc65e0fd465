ALTER TABLE receipt ADD COLUMN IF NOT EXISTS left_empty jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN receipt.left_empty IS '{"field": [rows whose value could not be kept, key of one]}';
-- The check looks every few minutes at a day of receipts, of which nearly none has such a field.
CREATE INDEX IF NOT EXISTS receipt_left_empty ON receipt (finished_at) WHERE left_empty <> '{}';
