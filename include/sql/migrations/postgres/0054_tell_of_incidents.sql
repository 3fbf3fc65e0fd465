-- Incidents become what people are notified of: by rules, once each, with a word when they are over.

ALTER TABLE incident
    ADD COLUMN severity text NOT NULL DEFAULT '' CHECK (severity IN ('', 'critical', 'warn', 'info')),
    ADD COLUMN owners text[] NOT NULL DEFAULT '{}',
    ADD COLUMN step integer NOT NULL DEFAULT 0,
    ADD COLUMN calm_since timestamptz,
    ADD COLUMN said_at timestamptz,
    ADD COLUMN said_step integer NOT NULL DEFAULT 0,
    ADD COLUMN acknowledged_by text,
    ADD COLUMN acknowledged_at timestamptz,
    ADD COLUMN escalated_at timestamptz,
    ADD COLUMN settled_at timestamptz;
COMMENT ON COLUMN incident.module IS 'module it is about, '''' none; for kind alert and ledger: the rule of alerts.yaml that found it';
COMMENT ON COLUMN incident.severity IS 'of its rule, where a rule found it';
COMMENT ON COLUMN incident.owners IS 'accounts it concerns beside the owner its rule names';
COMMENT ON COLUMN incident.step IS 'how many steps of its rule it is worse than the bound';
COMMENT ON COLUMN incident.calm_since IS 'since when it is no longer found; it is closed when that has lasted';
COMMENT ON COLUMN incident.said_at IS 'when its opening was put into the outbox; said_step: how bad it was said to be';
COMMENT ON COLUMN incident.escalated_at IS 'when it was put into the outbox as an SMS, because nobody had acknowledged it';
COMMENT ON COLUMN incident.settled_at IS 'closed, and nothing is left to say of it';
UPDATE incident SET settled_at = closed_at WHERE closed_at IS NOT NULL;
CREATE INDEX incident_unsettled ON incident (id) WHERE settled_at IS NULL;
CREATE INDEX incident_history ON incident (kind, module, opened_at);
CREATE INDEX incident_closed ON incident (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE alert_rule (
    rule      text PRIMARY KEY,
    asked_at  timestamptz NOT NULL DEFAULT '-infinity',
    marks     text NOT NULL DEFAULT '',
    said_at   timestamptz NOT NULL DEFAULT '-infinity'
);
COMMENT ON TABLE alert_rule IS 'how far a rule of alerts.yaml is: when it was asked last, of which data, and when a card of it was last put into the outbox';

CREATE TABLE silence (
    silence_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule       text NOT NULL,
    subject    text NOT NULL,
    reason     text NOT NULL,
    made_by    text NOT NULL,
    made_at    timestamptz NOT NULL,
    until      timestamptz NOT NULL,
    lifted_by  text,
    lifted_at  timestamptz
);
COMMENT ON TABLE silence IS 'what is not said: a rule, or one subject of it, with the reason and the end';
COMMENT ON COLUMN silence.subject IS 'subject of an incident; '''' all of the rule';
CREATE INDEX silence_standing ON silence (until) WHERE lifted_at IS NULL;
