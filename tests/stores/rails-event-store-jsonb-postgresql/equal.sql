\ir ../rails-event-store-postgresql/equal.sql
