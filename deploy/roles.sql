-- The two roles of the service's database. Run once, connected to it as its owner, who migrates; again after a restore.
-- The application's role owns nothing, so it can take no policy or trigger away, and row-level security binds it.
-- Give it a password afterwards: \password pathway_app
DO $$
BEGIN
    CREATE ROLE pathway_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO pathway_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO pathway_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO pathway_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO pathway_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO pathway_app;
