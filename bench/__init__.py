"""How fast the endpoint is, against what PostgreSQL itself does with the same rows: `python -m bench`.

On one PostgreSQL, in turns within every round, so that noise hits all alike:

  ours       a bulk call over HTTP, from the request's bytes to the last byte of the reply
  ceiling    what a good DBA would write: binary COPY of the same rows, prepared as tuples beforehand, into a
             temporary table, and one INSERT .. ON CONFLICT DO UPDATE into a table with the same columns
  postgrest  its bulk upsert into such a table, where PostgREST is installed
"""
