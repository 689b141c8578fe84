CREATE TABLE IF NOT EXISTS events (
  seq SERIAL PRIMARY KEY,
  id VARCHAR NOT NULL,
  version INTEGER,
  reason VARCHAR,
  type VARCHAR,
  timestamp VARCHAR,
  data BYTEA,
  metadata BYTEA,
  UNIQUE (id, type, version)
);
CREATE INDEX IF NOT EXISTS id_type ON events (id, type);
