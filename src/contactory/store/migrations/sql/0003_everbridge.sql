-- What Everbridge's API keeps of contacts and around them.
SELECT 1;
