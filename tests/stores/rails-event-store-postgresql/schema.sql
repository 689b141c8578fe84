CREATE TABLE event_store_events (
  id bigserial PRIMARY KEY,
  event_id uuid NOT NULL,
  event_type character varying NOT NULL,
  metadata bytea,
  data bytea NOT NULL,
  created_at timestamp(6) without time zone NOT NULL,
  valid_at timestamp(6) without time zone
);
CREATE UNIQUE INDEX index_event_store_events_on_event_id ON event_store_events (event_id);
CREATE INDEX index_event_store_events_on_event_type ON event_store_events (event_type);
CREATE INDEX index_event_store_events_on_created_at ON event_store_events (created_at);
CREATE INDEX index_event_store_events_on_valid_at ON event_store_events (valid_at);
CREATE INDEX index_event_store_events_on_as_of ON event_store_events (COALESCE(valid_at, created_at));
CREATE TABLE event_store_events_in_streams (
  id bigserial PRIMARY KEY,
  stream character varying NOT NULL,
  position integer,
  event_id uuid NOT NULL REFERENCES event_store_events (event_id),
  created_at timestamp(6) without time zone NOT NULL
);
CREATE INDEX index_event_store_events_in_streams_on_created_at ON event_store_events_in_streams (created_at);
CREATE INDEX index_event_store_events_in_streams_on_event_id ON event_store_events_in_streams (event_id);
CREATE UNIQUE INDEX index_event_store_events_in_streams_on_stream_and_position ON event_store_events_in_streams (stream, position);
CREATE UNIQUE INDEX index_event_store_events_in_streams_on_stream_and_event_id ON event_store_events_in_streams (stream, event_id);
CREATE TABLE schema_migrations (version character varying NOT NULL PRIMARY KEY);
