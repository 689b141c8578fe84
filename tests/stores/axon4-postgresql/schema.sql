CREATE SEQUENCE domain_event_entry_seq START WITH 1 INCREMENT BY 50;
CREATE TABLE domain_event_entry (
  global_index bigint NOT NULL,
  event_identifier varchar(255) NOT NULL UNIQUE,
  meta_data bytea,
  payload bytea NOT NULL,
  payload_revision varchar(255),
  payload_type varchar(255) NOT NULL,
  time_stamp varchar(255) NOT NULL,
  aggregate_identifier varchar(255) NOT NULL,
  sequence_number bigint NOT NULL,
  type varchar(255),
  PRIMARY KEY (global_index),
  UNIQUE (aggregate_identifier, sequence_number)
);
CREATE TABLE snapshot_event_entry (
  aggregate_identifier varchar(255) NOT NULL,
  sequence_number bigint NOT NULL,
  type varchar(255) NOT NULL,
  event_identifier varchar(255) NOT NULL UNIQUE,
  meta_data bytea,
  payload bytea NOT NULL,
  payload_revision varchar(255),
  payload_type varchar(255) NOT NULL,
  time_stamp varchar(255) NOT NULL,
  PRIMARY KEY (aggregate_identifier, sequence_number, type)
);
CREATE TABLE token_entry (
  processor_name varchar(255) NOT NULL,
  segment integer NOT NULL,
  owner varchar(255),
  timestamp varchar(255) NOT NULL,
  token bytea,
  token_type varchar(255),
  PRIMARY KEY (processor_name, segment)
);
