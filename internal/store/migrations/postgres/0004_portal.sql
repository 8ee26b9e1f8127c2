ALTER TABLE organizations ADD COLUMN portal TEXT NOT NULL DEFAULT '{}'; -- JSON: what the pages look like, and where they lead
