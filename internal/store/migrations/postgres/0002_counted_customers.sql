-- How many customers an organization has, so that a page of them need not count them all. The sum over the parts is exact:
-- each changes in the transaction that makes or deletes a customer, whichever version of postern does it. There are parts
-- so that customers who are made at the same time seldom wait for one another.
CREATE TABLE customer_counts (
    organization BIGINT NOT NULL,
    part         BIGINT NOT NULL,
    n            BIGINT NOT NULL,
    PRIMARY KEY (organization, part)
) WITH (fillfactor = 50);

CREATE FUNCTION count_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.deleted_at IS NULL THEN
        UPDATE customer_counts SET n = n - 1 WHERE organization = OLD.organization AND part = OLD.key % 64;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.deleted_at IS NULL THEN
        INSERT INTO customer_counts AS c (organization, part, n) VALUES (NEW.organization, NEW.key % 64, 1)
            ON CONFLICT (organization, part) DO UPDATE SET n = c.n + 1;
    END IF;
    RETURN NULL;
END $$;

-- The triggers lock the table until they hold, so that nobody is missed between them and the first count.
CREATE TRIGGER customers_counted AFTER INSERT OR DELETE ON customers FOR EACH ROW EXECUTE FUNCTION count_customer();
CREATE TRIGGER customers_recounted AFTER UPDATE ON customers FOR EACH ROW
    WHEN ((OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)) EXECUTE FUNCTION count_customer();

INSERT INTO customer_counts (organization, part, n)
    SELECT organization, key % 64, count(*) FROM customers WHERE deleted_at IS NULL GROUP BY 1, 2;
