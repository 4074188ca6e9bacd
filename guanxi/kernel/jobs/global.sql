-- The one door from inside an account set to the job queue, which is global. It runs as the owner, so it takes the set
-- and the member from the transaction itself and never from its arguments: a set can only ask for work of its own.
CREATE OR REPLACE FUNCTION guanxi.defer_job(task text, queue text, request jsonb, once text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = guanxi, pg_temp AS $$
DECLARE
    prefix text := current_user || '_set_';
    role text := current_setting('role');
    set_key text;
    made bigint;
BEGIN
    IF left(role, length(prefix)) <> prefix THEN
        RAISE EXCEPTION 'defer_job works only inside an account set';
    END IF;
    set_key := substr(role, length(prefix) + 1);
    INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, scheduled_at)
    VALUES (
        queue, task, set_key || ':' || once,
        jsonb_build_object(
            'set', set_key,
            'member', nullif(current_setting('guanxi.member', true), '')::bigint,
            'arguments', coalesce(request -> 'arguments', '{}')
        ),
        (request ->> 'at')::timestamptz
    )
    ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
    RETURNING id INTO made;
    RETURN made;
END
$$;
