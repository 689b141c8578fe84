SELECT * FROM events ORDER BY seq;
