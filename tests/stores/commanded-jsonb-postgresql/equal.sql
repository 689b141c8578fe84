\ir ../commanded-postgresql/equal.sql
