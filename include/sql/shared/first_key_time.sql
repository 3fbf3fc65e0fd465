-- An order keeps the sort key it was first stored with: another one would be a second row in the wide table. Needs
-- shared/known_key_time beside it.
multiIf(
    known.key_time != never, known.key_time,
    max(created) OVER (PARTITION BY key) != never, minIf(created, created != never) OVER (PARTITION BY key),
    min(modified) OVER (PARTITION BY key))
