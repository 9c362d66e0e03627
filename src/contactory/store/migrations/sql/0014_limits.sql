-- The same as before, in one pass over either side: each new path was compared with all old ones, so that a contact
-- of some thousand paths took seconds. Of the old paths of a pathId the first of the same value counts, else that of
-- the same place.
CREATE OR REPLACE FUNCTION keep_quiet_times(stored jsonb, given jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE
    RETURN (
        WITH old AS MATERIALIZED (
            SELECT path -> 'quietTimeFrames' AS frames, path ->> 'pathId' AS number, path -> 'value' AS value, place,
                   row_number() OVER (PARTITION BY path ->> 'pathId' ORDER BY place) AS nth
            FROM jsonb_array_elements(stored) WITH ORDINALITY AS stored_path (path, place)
        ), of_value AS (
            SELECT DISTINCT ON (number, value) number, value, frames FROM old ORDER BY number, value, place
        ), new AS (
            SELECT path, path ->> 'pathId' AS number, path -> 'value' AS value, place,
                   row_number() OVER (PARTITION BY path ->> 'pathId' ORDER BY place) AS nth
            FROM jsonb_array_elements(given) WITH ORDINALITY AS given_path (path, place)
        )
        SELECT coalesce(jsonb_agg(
            CASE WHEN new.path ? 'quietTimeFrames' OR kept.frames IS NULL THEN new.path
                 ELSE new.path || jsonb_build_object('quietTimeFrames', kept.frames) END
            ORDER BY new.place), '[]')
        FROM new
        LEFT JOIN of_value ON of_value.number = new.number AND of_value.value = new.value
        LEFT JOIN old AS of_place ON of_place.number = new.number AND of_place.nth = new.nth
        CROSS JOIN LATERAL (
            SELECT CASE WHEN of_value.number IS NULL THEN of_place.frames ELSE of_value.frames END AS frames
        ) AS kept
    );
