-- Customers, and what the rest of Propeller's API keeps.
SELECT 1;
