SELECT globalIndex, aggregateType, aggregateIdentifier, aggregateSequenceNumber, type, version, timestamp, identifier, metadata, payload
  FROM AggregateEventEntry ORDER BY globalIndex;
