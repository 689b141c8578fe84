CREATE TABLE IF NOT EXISTS DomainEventEntry (
  globalIndex BIGSERIAL NOT NULL,
  aggregateIdentifier VARCHAR(255) NOT NULL,
  sequenceNumber BIGINT NOT NULL,
  type VARCHAR(255),
  eventIdentifier VARCHAR(255) NOT NULL,
  metaData bytea,
  payload bytea NOT NULL,
  payloadRevision VARCHAR(255),
  payloadType VARCHAR(255) NOT NULL,
  timeStamp VARCHAR(255) NOT NULL,
  PRIMARY KEY (globalIndex),
  UNIQUE (aggregateIdentifier, sequenceNumber),
  UNIQUE (eventIdentifier)
);
