-- The same as before, in one pass over either side: each new path was compared with all old ones, so that a contact
-- of some thousand paths took seconds. What is looked for is kept in two objects, since the planner, which takes the
-- arrays for short ones, would not join them by a hash; and they are looked into before paths are sorted, or else the
-- sort would carry them along with each path. Of the old paths of a pathId the first of the same value
-- counts, else that of the same place; each is kept as an array of its quiet times, or an empty one.
CREATE OR REPLACE FUNCTION keep_quiet_times(stored jsonb, given jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE
    RETURN (
        WITH old AS (
            SELECT path ->> 'pathId' AS number, path ->> 'value' AS value, place,
                   row_number() OVER (PARTITION BY path ->> 'pathId' ORDER BY place) AS nth,
                   CASE WHEN path ? 'quietTimeFrames' THEN jsonb_build_array(path -> 'quietTimeFrames')
                        ELSE '[]' END AS frames
            FROM jsonb_array_elements(stored) WITH ORDINALITY AS stored_path (path, place)
        ), kept AS (
            SELECT coalesce(jsonb_object_agg(number || ' ' || value, frames ORDER BY place DESC)
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
                   coalesce(kept.of_value -> (number || ' ' || value), kept.of_place -> (number || ' ' || nth)) -> 0
                       AS frames
            FROM new CROSS JOIN kept
        )
        SELECT coalesce(jsonb_agg(
            CASE WHEN path ? 'quietTimeFrames' OR frames IS NULL THEN path
                 ELSE path || jsonb_build_object('quietTimeFrames', frames) END
            ORDER BY place), '[]')
        FROM matched
    );
