CREATE TABLE IF NOT EXISTS chronicle_events (
  global_version BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  log_id         TEXT NOT NULL,
  version        BIGINT NOT NULL,
  event_name     TEXT NOT NULL,
  data           BYTEA,
  UNIQUE (log_id, version)
);
CREATE OR REPLACE FUNCTION chronicle_check_event_version()
RETURNS TRIGGER AS $$
DECLARE max_version BIGINT;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext(NEW.log_id));
  SELECT version INTO max_version FROM chronicle_events WHERE log_id = NEW.log_id ORDER BY version DESC LIMIT 1;
  IF NOT FOUND THEN
    max_version := 0;
  END IF;
  IF NEW.version != max_version + 1 THEN
    RAISE EXCEPTION '_chronicle_version_conflict: %', max_version;
  END IF;
  RETURN NEW;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER trg_chronicle_check_event_version
  BEFORE INSERT ON chronicle_events
  FOR EACH ROW
  EXECUTE FUNCTION chronicle_check_event_version();
