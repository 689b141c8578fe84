CREATE SEQUENCE "aggregate-event-global-index-sequence" START WITH 1 INCREMENT BY 1;
CREATE TABLE aggregate_event_entry (
  global_index bigint NOT NULL,
  aggregate_type varchar(255),
  aggregate_identifier varchar(255),
  aggregate_sequence_number bigint,
  type varchar(255) NOT NULL,
  version varchar(255) NOT NULL,
  timestamp varchar(255) NOT NULL,
  payload oid NOT NULL,
  metadata oid,
  identifier varchar(255) NOT NULL UNIQUE,
  PRIMARY KEY (global_index)
);
CREATE UNIQUE INDEX ON aggregate_event_entry (aggregate_identifier, aggregate_sequence_number);
