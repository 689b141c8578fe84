CREATE TABLE IF NOT EXISTS events (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  id         VARCHAR NOT NULL,
  version    INTEGER,
  reason     VARCHAR,
  type       VARCHAR,
  timestamp  VARCHAR,
  data       BLOB,
  metadata   BLOB,
  UNIQUE (id, type, version)
);
CREATE INDEX IF NOT EXISTS id_type ON events (id, type);
