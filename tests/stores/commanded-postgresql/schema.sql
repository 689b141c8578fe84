CREATE TABLE streams (
  stream_id bigserial PRIMARY KEY NOT NULL,
  stream_uuid text NOT NULL,
  stream_version bigint DEFAULT 0 NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  deleted_at timestamp with time zone
);
CREATE UNIQUE INDEX ix_streams_stream_uuid ON streams (stream_uuid);
CREATE TABLE events (
  event_id uuid PRIMARY KEY NOT NULL,
  event_type text NOT NULL,
  causation_id uuid NULL,
  correlation_id uuid NULL,
  data bytea NOT NULL,
  metadata bytea NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE stream_events (
  event_id uuid NOT NULL REFERENCES events (event_id),
  stream_id bigint NOT NULL REFERENCES streams (stream_id),
  stream_version bigint NOT NULL,
  original_stream_id bigint REFERENCES streams (stream_id),
  original_stream_version bigint,
  PRIMARY KEY (event_id, stream_id)
);
CREATE UNIQUE INDEX ix_stream_events ON stream_events (stream_id, stream_version);
CREATE FUNCTION event_store_exception() RETURNS trigger AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = 'EventStore: ' || TG_ARGV[0];
END;
$$ LANGUAGE plpgsql;
CREATE FUNCTION event_store_delete() RETURNS trigger AS $$
BEGIN
  IF current_setting('eventstore.enable_hard_deletes', true) = 'on' OR current_setting('eventstore.reset', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION USING MESSAGE = 'EventStore: ' || TG_ARGV[0], ERRCODE = 'feature_not_supported';
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER no_delete_streams BEFORE DELETE ON streams FOR EACH STATEMENT EXECUTE PROCEDURE event_store_delete('Cannot delete streams');
CREATE TRIGGER no_delete_events BEFORE DELETE ON events FOR EACH STATEMENT EXECUTE PROCEDURE event_store_delete('Cannot delete events');
CREATE TRIGGER no_update_events BEFORE UPDATE ON events FOR EACH STATEMENT EXECUTE PROCEDURE event_store_exception('Cannot update events');
CREATE TRIGGER no_delete_stream_events BEFORE DELETE ON stream_events FOR EACH STATEMENT EXECUTE PROCEDURE event_store_delete('Cannot delete stream events');
CREATE TRIGGER no_update_stream_events BEFORE UPDATE ON stream_events FOR EACH STATEMENT EXECUTE PROCEDURE event_store_exception('Cannot update stream events');
CREATE FUNCTION notify_events() RETURNS trigger AS $$
DECLARE
  old_stream_version bigint := 1;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    old_stream_version := OLD.stream_version + 1;
  END IF;
  PERFORM pg_notify(TG_TABLE_SCHEMA || '.events', NEW.stream_uuid || ',' || NEW.stream_id || ',' || old_stream_version || ',' || NEW.stream_version);
  RETURN NULL;
END;
$$ LANGUAGE plpgsql;
INSERT INTO streams (stream_id, stream_uuid, stream_version) VALUES (0, '$all', 0);
CREATE TRIGGER event_notification AFTER INSERT OR UPDATE ON streams FOR EACH ROW EXECUTE PROCEDURE notify_events();
CREATE TABLE subscriptions (
  subscription_id bigserial PRIMARY KEY NOT NULL,
  stream_uuid text NOT NULL,
  subscription_name text NOT NULL,
  last_seen bigint NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE UNIQUE INDEX ix_subscriptions_stream_uuid_subscription_name ON subscriptions (stream_uuid, subscription_name);
CREATE TABLE snapshots (
  source_uuid text PRIMARY KEY NOT NULL,
  source_version bigint NOT NULL,
  source_type text NOT NULL,
  data bytea NOT NULL,
  metadata bytea NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE schema_migrations (
  major_version int NOT NULL,
  minor_version int NOT NULL,
  patch_version int NOT NULL,
  migrated_at timestamp with time zone DEFAULT now() NOT NULL,
  PRIMARY KEY (major_version, minor_version, patch_version)
);
INSERT INTO schema_migrations (major_version, minor_version, patch_version) VALUES (1, 3, 2);
