-- What operations need.
SELECT 1;
