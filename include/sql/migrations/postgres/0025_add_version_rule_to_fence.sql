-- By which rule (include/sql/shared/version.sql) the versions of a module's rows were made. Workers of two rules must not
-- write side by side: what the old one writes would lie beneath what is there, newer or not.
ALTER TABLE fence ADD COLUMN version_rule integer NOT NULL DEFAULT 1, ADD COLUMN holder_rule integer;

CREATE FUNCTION refuse_workers_without_a_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number > OLD.number THEN
        IF NEW.holder_rule IS NULL THEN  -- code from before this migration says none
            RAISE EXCEPTION '控制库已升级，这个 worker 还是旧代码，不能再装载 %。处理：停止全部旧 worker，换上新代码再启动', NEW.module;
        END IF;
        NEW.holder_rule := NULL;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER refuse_workers_without_a_rule BEFORE UPDATE ON fence
    FOR EACH ROW EXECUTE FUNCTION refuse_workers_without_a_rule();
