CREATE SEQUENCE "aggregate-event-global-index-sequence" START WITH 1 INCREMENT BY 1;
CREATE TABLE AggregateEventEntry (
  globalIndex bigint NOT NULL,
  aggregateType varchar(255),
  aggregateIdentifier varchar(255),
  aggregateSequenceNumber bigint,
  type varchar(255) NOT NULL,
  version varchar(255) NOT NULL,
  timestamp varchar(255) NOT NULL,
  payload bytea NOT NULL,
  metadata bytea,
  identifier varchar(255) NOT NULL UNIQUE,
  PRIMARY KEY (globalIndex)
);
CREATE UNIQUE INDEX ON AggregateEventEntry (aggregateIdentifier, aggregateSequenceNumber);
