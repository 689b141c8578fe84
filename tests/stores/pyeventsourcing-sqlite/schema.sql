CREATE TABLE stored_events (
  originator_id TEXT,
  originator_version INTEGER,
  topic TEXT,
  state BLOB,
  PRIMARY KEY (originator_id, originator_version)
);
CREATE TABLE stored_events_snapshots (
  originator_id TEXT,
  originator_version INTEGER,
  topic TEXT,
  state BLOB,
  PRIMARY KEY (originator_id, originator_version)
) WITHOUT ROWID;
CREATE TABLE tracking (
  application_name TEXT,
  notification_id INTEGER,
  PRIMARY KEY (application_name, notification_id)
) WITHOUT ROWID;
