-- Ids that are given, beside those that are handed out here (docs/decisions/0023-given-numbers.md). Whoever hands out
-- ids looks whether the organization has any of them, and a given id never moves a sequence that all share.

-- So many numbers of a sequence in a row, and the first of them: under one lock that is held for the length of the
-- call and not of the transaction.
CREATE FUNCTION take_numbers(numbers regclass, amount bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    first_number bigint;
BEGIN
    IF amount < 1 THEN
        RAISE 'a block of % numbers', amount;  -- Nothing may fail while the lock is held.
    END IF;
    PERFORM pg_advisory_lock(numbers::oid::bigint);
    first_number := nextval(numbers);
    PERFORM setval(numbers, first_number + amount - 1);
    PERFORM pg_advisory_unlock(numbers::oid::bigint);
    RETURN first_number;
END $$;
REVOKE ALL ON FUNCTION take_numbers(regclass, bigint) FROM PUBLIC;

-- Where a block may begin: where the sequence says, else 1, 2, 4, 8, .. numbers later. A run of a million given ids is
-- passed in 20 steps, and blocks that are moved equally far lie apart as those of the sequence do.
CREATE FUNCTION block_start(first_number bigint, attempt int) RETURNS bigint LANGUAGE sql IMMUTABLE
    RETURN first_number + CASE attempt WHEN 0 THEN 0 ELSE 1::bigint << (attempt - 1) END;

-- Only somebody who wants to can get here: all numbers at 53 distances are given. It is tried again elsewhere.
CREATE FUNCTION no_block_is_free() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RAISE 'no block of numbers is free' USING ERRCODE = 'serialization_failure';
END $$;

-- These are the owner's, since rows may be hidden from who asks (docs/decisions/0021-rights.md). They tell of the
-- bound organization only, and nothing but free numbers.

-- Ids for records. One that was deleted keeps its id until it is removed. The ids of all kinds are looked at, so that
-- a record of ours shares its id with none.
CREATE OR REPLACE FUNCTION reserve_record_ids(amount bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    taken bigint := take_numbers('record_ids', amount);
    start bigint;
BEGIN
    FOR attempt IN 0..53 LOOP
        start := block_start(taken, attempt);
        IF NOT EXISTS (SELECT FROM contacts_rows WHERE organization_id = current_organization()
                       AND id BETWEEN start AND start + amount - 1)
           AND NOT EXISTS (SELECT FROM companies_rows WHERE organization_id = current_organization()
                           AND id BETWEEN start AND start + amount - 1)
           AND NOT EXISTS (SELECT FROM customers_rows WHERE organization_id = current_organization()
                           AND id BETWEEN start AND start + amount - 1)
        THEN
            RETURN start;
        END IF;
    END LOOP;
    RETURN no_block_is_free();
END $$;
REVOKE ALL ON FUNCTION reserve_record_ids(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reserve_record_ids(bigint) TO contactory_app;
REVOKE ALL ON SEQUENCE record_ids FROM contactory_app;

-- Ids for definitions of attributes.
CREATE FUNCTION reserve_attribute_ids(amount bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    taken bigint := take_numbers('attributes_id_seq', amount);
    start bigint;
BEGIN
    FOR attempt IN 0..53 LOOP
        start := block_start(taken, attempt);
        IF NOT EXISTS (SELECT FROM attributes WHERE organization_id = current_organization()
                       AND id BETWEEN start AND start + amount - 1)
        THEN
            RETURN start;
        END IF;
    END LOOP;
    RETURN no_block_is_free();
END $$;
REVOKE ALL ON FUNCTION reserve_attribute_ids(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reserve_attribute_ids(bigint) TO contactory_app;

-- A number for an entry of the directory, whose kinds are numbered apart.
CREATE FUNCTION new_directory_number(entry_kind text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    taken bigint := nextval('directory_numbers');
    free bigint;
BEGIN
    FOR attempt IN 0..53 LOOP
        free := block_start(taken, attempt);
        IF NOT EXISTS (SELECT FROM directory WHERE organization_id = current_organization()
                       AND kind = entry_kind AND number = free)
        THEN
            RETURN free;
        END IF;
    END LOOP;
    RETURN no_block_is_free();
END $$;
REVOKE ALL ON FUNCTION new_directory_number(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION new_directory_number(text) TO contactory_app;

-- An id for an organization. Only who runs the service gives any.
CREATE FUNCTION new_organization_id() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    free bigint;
BEGIN
    LOOP
        free := nextval('organizations_id_seq');
        EXIT WHEN NOT EXISTS (SELECT FROM organizations WHERE id = free);
    END LOOP;
    RETURN free;
END $$;
REVOKE ALL ON FUNCTION new_organization_id() FROM PUBLIC;
