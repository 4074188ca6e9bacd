-- What an administrator defined for a set (custom fields) has changed: every process sees the new stamp on entering the set, and
-- asks for the definitions again. It runs as the owner, so it takes the set from the transaction and never from an argument.
CREATE OR REPLACE FUNCTION guanxi.definitions_changed() RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = guanxi, pg_temp AS $$
DECLARE
    prefix text := current_user || '_set_';
    role text := current_setting('role');
    made uuid := gen_random_uuid();
BEGIN
    IF left(role, length(prefix)) <> prefix THEN
        RAISE EXCEPTION 'definitions_changed works only inside an account set';
    END IF;
    UPDATE sets_accountset SET definitions = made WHERE key = substr(role, length(prefix) + 1);
    RETURN made;
END
$$;
