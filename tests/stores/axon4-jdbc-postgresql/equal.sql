SELECT * FROM DomainEventEntry ORDER BY globalIndex;
