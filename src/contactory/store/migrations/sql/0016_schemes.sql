-- Each organization numbers its schemes itself: no tenant can use up the numbers of all, and calls that are refused use
-- up none. The numbers stay four bytes wide, as they are in millions of identities.
ALTER TABLE schemes ALTER id DROP IDENTITY;
