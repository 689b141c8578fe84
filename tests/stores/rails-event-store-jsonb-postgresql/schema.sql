\ir ../rails-event-store-postgresql/schema.sql
ALTER TABLE event_store_events ALTER data TYPE jsonb USING NULL, ALTER metadata TYPE jsonb USING NULL;
