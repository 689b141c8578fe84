SELECT * FROM events ORDER BY aggregate_type COLLATE "C", aggregate_id COLLATE "C", sequence;
