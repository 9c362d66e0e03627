-- Everbridge: what was read can be written back, and delivery paths are numbered and named as the vendor's are.

-- As before, but of several stored paths with the pathId and the value of the given one, that in the same place
-- comes first: the second of two alike must not get the quiet times of the first.
CREATE OR REPLACE FUNCTION keep_quiet_times(stored jsonb, given jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE
    RETURN (
        WITH old AS (
            SELECT path ->> 'pathId' AS number, path ->> 'value' AS value, place,
                   row_number() OVER (PARTITION BY path ->> 'pathId' ORDER BY place) AS nth,
                   CASE WHEN path ? 'quietTimeFrames' THEN jsonb_build_array(path -> 'quietTimeFrames')
                        ELSE '[]' END AS frames
            FROM jsonb_array_elements(stored) WITH ORDINALITY AS stored_path (path, place)
        ), kept AS (
            SELECT coalesce(jsonb_object_agg(number || ' ' || nth || ' ' || value, frames)
                                FILTER (WHERE number IS NOT NULL AND value IS NOT NULL), '{}') AS of_both,
                   coalesce(jsonb_object_agg(number || ' ' || value, frames ORDER BY place DESC)
                                FILTER (WHERE number IS NOT NULL AND value IS NOT NULL), '{}') AS of_value,
                   coalesce(jsonb_object_agg(number || ' ' || nth, frames)
                                FILTER (WHERE number IS NOT NULL), '{}') AS of_place
            FROM old
        ), new AS (
            SELECT path, place, path ->> 'pathId' AS number, path ->> 'value' AS value,
                   row_number() OVER (PARTITION BY path ->> 'pathId' ORDER BY place) AS nth
            FROM jsonb_array_elements(given) WITH ORDINALITY AS given_path (path, place)
        ), matched AS MATERIALIZED (
            SELECT path, place,
                   coalesce(kept.of_both -> (number || ' ' || nth || ' ' || value),
                            kept.of_value -> (number || ' ' || value),
                            kept.of_place -> (number || ' ' || nth)) -> 0 AS frames
            FROM new CROSS JOIN kept
        )
        SELECT coalesce(jsonb_agg(
            CASE WHEN path ? 'quietTimeFrames' OR frames IS NULL THEN path
                 ELSE path || jsonb_build_object('quietTimeFrames', frames) END
            ORDER BY place), '[]')
        FROM matched
    );

-- An account is a number; one that was written with zeros in front would be another text when it is sent back.
UPDATE contacts SET individual_account_id = ltrim(individual_account_id, '0')
WHERE individual_account_id ~ '^0[0-9]*$';

-- Clients read `seq` as a small number, and `type` has no word for a phone with an extension; `pathType` has.
CREATE FUNCTION built_in_paths() RETURNS TABLE (seq int, number bigint, code text, path_type text, prompt text)
    LANGUAGE sql IMMUTABLE AS $$
    VALUES
        (1, 241901148045316, 'EMAIL1', 'EMAIL', 'E-Mail Address 1'),
        (2, 241901148045317, 'EMAIL2', 'EMAIL', 'E-Mail Address 2'),
        (3, 241901148045318, 'EMAIL3', 'EMAIL', 'E-Mail Address 3'),
        (4, 241901148045319, 'PHONE1', 'PHONE', 'phone'),
        (5, 241901148045320, 'PHONE2', 'PHONE', 'Phone 2'),
        (6, 241901148045314, 'PHONE3', 'PHONE', 'Phone 3'),
        (7, 219910915489799, 'PHONE4', 'PHONE', 'Phone 4'),
        (8, 241901148045321, 'EXTPHONE1', 'EXTPHONE', 'Business Phone'),
        (9, 241901148045324, 'SMS1', 'SMS', 'SMS 1'),
        (10, 241901148045325, 'RECIP1', 'RECIP', 'Mobile Member App'),
        (11, 241901148045322, 'FAX1', 'FAX', 'Fax 1'),
        (12, 241901148045323, 'TTYTDD1', 'TTYTDD', 'TTY 1')
$$;
CREATE FUNCTION path_details(seq int, code text, path_type text, prompt text) RETURNS jsonb LANGUAGE sql IMMUTABLE
    RETURN jsonb_build_object(
        'code', code, 'type', CASE path_type WHEN 'EXTPHONE' THEN 'PHONE' ELSE path_type END,
        'pathType', path_type, 'sysPrompt', prompt, 'seq', seq);

CREATE OR REPLACE FUNCTION furnish_organization(organization bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO directory (organization_id, kind, name, details)
    VALUES (organization, 'record_type', 'Employee', '{"recordType": "DEFAULT"}');
    INSERT INTO directory (organization_id, kind, number, name, details)
    SELECT organization, 'path', number, prompt, path_details(seq, code, path_type, prompt)
    FROM built_in_paths();
$$;

UPDATE directory SET details = directory.details || path_details(seq, code, path_type, prompt)
FROM built_in_paths() AS built_in
WHERE directory.kind = 'path' AND directory.number = built_in.number;
