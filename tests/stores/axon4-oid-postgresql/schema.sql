CREATE SEQUENCE hibernate_sequence START 1 INCREMENT 1;
CREATE TABLE domain_event_entry (
  global_index bigint NOT NULL,
  event_identifier varchar(255) NOT NULL UNIQUE,
  meta_data oid,
  payload oid NOT NULL,
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
  meta_data oid,
  payload oid NOT NULL,
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
  token oid,
  token_type varchar(255),
  PRIMARY KEY (processor_name, segment)
);
