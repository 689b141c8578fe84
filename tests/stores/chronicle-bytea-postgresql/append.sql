-- Appends at version 3 of account-1, and at 0 of a new one: the trigger compares.
BEGIN;
INSERT INTO chronicle_events (log_id, version, event_name, data) VALUES ('account-1', 4, 'account/closed', '{}');
INSERT INTO chronicle_events (log_id, version, event_name, data) VALUES ('account-3', 1, 'account/opened', '{}');
COMMIT;
SELECT global_version, log_id, version FROM chronicle_events WHERE global_version > 8 ORDER BY global_version;
