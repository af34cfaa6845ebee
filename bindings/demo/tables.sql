CREATE TABLE maintainer (id integer PRIMARY KEY, name text NOT NULL, email text NOT NULL);
CREATE TABLE package (
    name text PRIMARY KEY,
    version text NOT NULL,
    section text NOT NULL,
    priority text NOT NULL,
    essential boolean NOT NULL,
    installed_kib integer NOT NULL,
    installed_at timestamp(3),
    summary text NOT NULL,
    homepage text,
    maintainer_id integer NOT NULL REFERENCES maintainer
);
CREATE INDEX package_section ON package (section);
CREATE TABLE dependency (
    package_name text NOT NULL REFERENCES package,
    position integer NOT NULL,
    needs text NOT NULL,
    alternatives text[] NOT NULL,
    PRIMARY KEY (package_name, position)
);
