-- What Datananas' API keeps of contacts, its lists, and jobs.
SELECT 1;
