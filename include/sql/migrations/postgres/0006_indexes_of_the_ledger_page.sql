-- The ledger page asks every few seconds; none of these columns ever changes, so plans stay as cheap to update.

CREATE INDEX plan_of_module ON plan (module, created_at);
CREATE INDEX plan_initial ON plan (module) WHERE origin = 'initial';
