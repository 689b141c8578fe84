\ir ../commanded-postgresql/schema.sql
ALTER TABLE events ALTER data TYPE jsonb USING NULL, ALTER metadata TYPE jsonb USING NULL;
ALTER TABLE snapshots ALTER data TYPE jsonb USING NULL, ALTER metadata TYPE jsonb USING NULL;
