\ir ../rails-event-store-postgresql/append.sql
