"""How fast each API is, against what PostgreSQL itself does with the same rows: `python -m bench`.

On one PostgreSQL, in turns within every round, so that noise hits all alike:

  ours       a bulk call over HTTP, from the request's bytes until its rows are committed and it is answered
  ceiling    what a good DBA would write: binary COPY of the same final columns, prepared as tuples
             beforehand, into a temporary table, and one INSERT .. ON CONFLICT DO UPDATE into a table with
             these columns
  alone      what PostgreSQL alone takes, in tables like those of the service, when all bytes of the COPY were
             made beforehand. Creates: COPY of rows and keys straight into the tables. Updates: COPY to a
             stage and UPDATE .. FROM. Unchanged: COPY to a stage and a join that finds what differs
  postgrest  its bulk upsert into a table like the ceiling's, where PostgREST is installed
"""
