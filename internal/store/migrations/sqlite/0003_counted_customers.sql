-- How many customers an organization has, so that a page of them need not count them all. The sum over the parts is exact:
-- each changes in the transaction that makes or deletes a customer. See the migration of PostgreSQL for why there are parts.
CREATE TABLE customer_counts (
    organization INTEGER NOT NULL,
    part         INTEGER NOT NULL,
    n            INTEGER NOT NULL,
    PRIMARY KEY (organization, part)
) STRICT, WITHOUT ROWID;

INSERT INTO customer_counts (organization, part, n)
    SELECT organization, key % 64, count(*) FROM customers WHERE deleted_at IS NULL GROUP BY 1, 2;

CREATE TRIGGER customers_counted AFTER INSERT ON customers WHEN NEW.deleted_at IS NULL BEGIN
    INSERT INTO customer_counts (organization, part, n) VALUES (NEW.organization, NEW.key % 64, 1)
        ON CONFLICT (organization, part) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER customers_recounted AFTER UPDATE OF deleted_at ON customers WHEN (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL) BEGIN
    UPDATE customer_counts SET n = n + iif(NEW.deleted_at IS NULL, 1, -1) WHERE organization = NEW.organization AND part = NEW.key % 64;
END;

CREATE TRIGGER customers_discounted AFTER DELETE ON customers WHEN OLD.deleted_at IS NULL BEGIN
    UPDATE customer_counts SET n = n - 1 WHERE organization = OLD.organization AND part = OLD.key % 64;
END;
