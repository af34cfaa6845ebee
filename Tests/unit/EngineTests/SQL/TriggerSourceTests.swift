import Testing

@testable import Engine

@Suite("What the text of a trigger function shows") struct TriggerSourceTests {
    @Test(
        arguments: [
            "", "BEGIN NEW.changed := now(); RETURN NEW; END", "BEGIN NEW.slug := 's' || NEW.n; RETURN NEW; END;",
            "DECLARE v text := lower(NEW.a); BEGIN IF NEW.a IS DISTINCT FROM OLD.a AND (v <> 'x') THEN NEW.b = v; ELSE NEW.b := NULL; END IF; RETURN NEW; END",
            "BEGIN NEW.a := CASE WHEN NEW.b > 1 THEN 2 ELSE 3 END; RETURN NEW; END",
            "BEGIN NEW.a := substring(NEW.b from 1 for 2); NEW.list[1] := 'x'; PERFORM pg_notify('c', NEW.id::text); RETURN NULL; END",
            "BEGIN -- insert into x\n RAISE EXCEPTION 'no; DELETE %', NEW.a; END", "BEGIN FOR i IN 1..3 LOOP NEW.n := NEW.n + i; END LOOP; RETURN NEW; END",
            "BEGIN CASE NEW.a WHEN 1 THEN NEW.b := 1; ELSE NEW.b := 2; END CASE; RETURN NEW; EXCEPTION WHEN others THEN RETURN NEW; END",
        ])
    func adjusts(_ source: String) { #expect(TriggerSource.onlyAdjusts(source)) }

    @Test(
        arguments: [
            "BEGIN INSERT INTO t VALUES (1); RETURN NEW; END", "BEGIN NEW.a := (SELECT audit()); RETURN NEW; END",
            "BEGIN NEW.a := x FROM audit; RETURN NEW; END",
            "BEGIN EXECUTE 'x'; END", "BEGIN NEW.a := \"Audit\"(1); END", "BEGIN NEW.a := audit/* */(1); END", "BEGIN NEW.a := (NEW).audit; END",
            "BEGIN NEW.a := aüdit(1); END", "BEGIN NEW.a := E'\\' || audit(1) || ''; END", "BEGIN NEW.a := '\\'; TRUNCATE t; --'; END",
            "BEGIN TRUNCATE t; RETURN NEW; END",
            "BEGIN REFRESH MATERIALIZED VIEW v; END", "BEGIN NOTIFY x; END", "BEGIN IF true THEN COPY t FROM 'f'; END IF; END", "BEGIN a.b; END", "BEGIN 'x",
            "BEGIN /*",
            "BEGIN FOR r IN TABLE t LOOP NULL; END LOOP; END", "BEGIN --x\rDELETE FROM t; END", "<<a>> BEGIN RETURN NEW; END",
        ])
    func `may write`(_ source: String) { #expect(!TriggerSource.onlyAdjusts(source)) }
}
