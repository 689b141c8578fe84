CREATE TABLE IF NOT EXISTS events (
  event_position BIGSERIAL PRIMARY KEY,
  event_tx xid8 DEFAULT pg_current_xact_id()::xid8 NOT NULL,
  event_id UUID NOT NULL UNIQUE,
  idempotency_key TEXT,
  stream_context TEXT NOT NULL,
  stream_purpose TEXT NOT NULL DEFAULT 'default',
  event_type TEXT NOT NULL,
  event_timestamp TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
  event_data JSONB NOT NULL,
  event_tags TEXT[] DEFAULT '{}'
) WITH (FILLFACTOR = 100);
CREATE INDEX IF NOT EXISTS idx_events_position_brin ON events USING BRIN (event_position);
CREATE INDEX IF NOT EXISTS idx_events_stream_type_position ON events (stream_context, stream_purpose, event_type, event_tx, event_position);
CREATE INDEX IF NOT EXISTS idx_events_tags ON events USING GIN (event_tags);
CREATE INDEX IF NOT EXISTS idx_events_stream_position ON events (stream_context, stream_purpose, event_tx, event_position);
CREATE UNIQUE INDEX IF NOT EXISTS idx_events_stream_idempotency ON events (stream_context, stream_purpose, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE OR REPLACE FUNCTION notify_event_appended()
RETURNS trigger AS $fn$
DECLARE
    latest record;
BEGIN
    FOR latest IN
        SELECT DISTINCT ON (stream_context, stream_purpose)
               stream_context, stream_purpose, event_position, event_tx, event_id
        FROM inserted
        ORDER BY stream_context, stream_purpose, event_tx DESC, event_position DESC
    LOOP
        PERFORM pg_notify('event_appended',
            jsonb_build_object(
                'streamContext', latest.stream_context,
                'streamPurpose', latest.stream_purpose,
                'eventPosition', latest.event_position,
                'eventTx',       latest.event_tx,
                'eventId',       latest.event_id
            )::text
        );
    END LOOP;
    RETURN NULL;
END;
$fn$ LANGUAGE plpgsql;
CREATE TRIGGER table_insert_trigger
    AFTER INSERT ON events
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT
    EXECUTE FUNCTION notify_event_appended();
CREATE TABLE IF NOT EXISTS bookmarks (
  reader TEXT PRIMARY KEY,
  event_position BIGINT NOT NULL,
  event_id UUID NOT NULL,
  event_tx xid8 NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
  updated_tags TEXT[] DEFAULT '{}',
  CONSTRAINT fk_bookmarks_event_id
      FOREIGN KEY (event_id)
      REFERENCES events(event_id)
      ON DELETE CASCADE
);
